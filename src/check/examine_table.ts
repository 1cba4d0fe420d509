/** From one table of both sites to its report: drift, comparison, guards, and the repairs that are planned. */
import { addDigests, EMPTY_DIGEST } from "../model/digest.ts";
import type { RememberedPartition, RememberedTable } from "../model/memory.ts";
import type { Finding, TableReport } from "../model/report.ts";
import { tableName, type TablePair } from "../model/table.ts";
import { definitionWarnings } from "../reconcile/definition_warnings.ts";
import { deleteWarnings } from "../reconcile/delete_warnings.ts";
import { textWarnings } from "../reconcile/hash_agreement.ts";
import { type TableComparison } from "./compare_table.ts";
import type { ExamineContext, KnownTable } from "./examine_context.ts";
import { examinePage } from "./examine_page.ts";
import { finding, tableReport } from "./findings.ts";
import type { CheckPorts } from "./ports.ts";
import { isUnchanged, proofKey } from "./proof_key.ts";
import { refuseTable } from "./refuse_table.ts";
import { findUnstable } from "./unstable_partitions.ts";

/** Examines a table; plans, but changes nothing. */
export async function examineTable(
  ports: Pick<CheckPorts, "here" | "there" | "memory">,
  pair: TablePair,
  context: ExamineContext,
): Promise<TableReport> {
  const refusal = refuseTable(ports, pair, context.zones);
  if (refusal) return tableReport(pair.name, { findings: [refusal] });
  const key = await proofKey(pair);
  const last = ports.memory.table(pair.name);
  const table = last?.uuid === pair.here.uuid ? last : null;
  const warnings = [...definitionWarnings(pair, ports.here.ttlStatement(pair)), ...textWarnings(pair)];
  const summaries = summariesOf(pair, context);
  if (table && isUnchanged(table, key, summaries, context.moment.now)) {
    const { partitions, oldestDigest, city, xxh } = table;
    const compared = { rows: table.rowsActive, city, xxh };
    return tableReport(pair.name, { partitions, proven: partitions, compared, oldestDigest, warnings });
  }
  const unstable = await findUnstable(ports, pair, context.unsteady);
  const known = {
    table,
    provable: table?.proofKey === key,
    unstable: new Map(unstable.map((found) => [found.partitionId ?? "", found])),
  };
  const examined = await examinePages(ports, pair, known, context);
  if (examined.hidden) return tableReport(pair.name, { findings: [examined.hidden] });
  const findings = examined.findings.toSorted((a, b) =>
    (a.partitionId ?? "") < (b.partitionId ?? "") ? -1 : 1
  );
  const { partitions, proven, counted, compared, oldestDigest, planned } = examined;
  const { now, settledBefore, settledBeforeDay } = context.moment;
  const seen: RememberedTable = {
    uuid: pair.here.uuid,
    checkedAt: now,
    settledBefore,
    settledBeforeDay,
    proofKey: key,
    fingerprintHere: summaries.here,
    fingerprintActive: summaries.active,
    whole: findings.length === 0 && examined.everyProven,
    oldestDigest,
    partitions,
    rowsActive: compared.rows,
    city: compared.city,
    xxh: compared.xxh,
  };
  return tableReport(pair.name, {
    partitions,
    proven,
    counted,
    compared,
    oldestDigest,
    planned,
    seen,
    findings,
    warnings: [...warnings, ...deleteWarnings(pair, findings), ...partitionWarnings(pair, partitions > 0)],
  });
}

/** Page by page: what is in sync is written to the memory, and leaves nothing behind here. */
async function examinePages(
  ports: Pick<CheckPorts, "here" | "there" | "memory">,
  pair: TablePair,
  known: KnownTable,
  context: ExamineContext,
) {
  const findings: Finding[] = [];
  const planned = new Map<string, RememberedPartition>();
  let [partitions, proven, counted, compared] = [0, 0, 0, EMPTY_DIGEST];
  let [everyProven, oldest] = [true, Infinity];
  let hidden: Finding | null = null;
  for await (const page of context.reader.pages(pair)) {
    const examined = await examinePage(ports, pair, page, known, context);
    if (examined.hidden.length > 0) {
      hidden = filtered(pair, examined.hidden);
      break;
    }
    await ports.memory.remember(pair.name, examined.remembered);
    findings.push(...examined.findings);
    for (const { repair, partitionId } of examined.findings) {
      const before = examined.remembered.get(partitionId ?? "");
      if (repair && before) planned.set(partitionId ?? "", before);
    }
    partitions += examined.partitions;
    proven += examined.proven;
    counted += examined.counted;
    everyProven &&= examined.counted === 0; // what they carry was proven of other parts
    compared = addDigests(compared, examined.compared);
    for (const { proof, digestedAt } of examined.remembered.values()) {
      everyProven &&= proof !== null;
      oldest = Math.min(oldest, digestedAt ?? -1);
    }
  }
  const oldestDigest = oldest < 0 || oldest === Infinity ? null : oldest;
  return { findings, planned, partitions, proven, counted, compared, everyProven, oldestDigest, hidden };
}

function summariesOf(pair: TablePair, { summaries }: ExamineContext) {
  return {
    here: summaries.here.get(pair.name)?.fingerprint ?? "",
    active: summaries.active.get(tableName(pair.active.id))?.fingerprint ?? "",
  };
}

function partitionWarnings({ here: { partitionKey } }: TablePair, hasRows: boolean): string[] {
  return partitionKey === "" && hasRows
    ? ["the table has no partition key, so any difference is sought in the whole of it; partition it by day"]
    : [];
}

function filtered(pair: TablePair, hidden: TableComparison["hidden"]): Finding {
  const { site, part, seen } = hidden[0]!;
  const detail = `a SELECT by ch-sync's user of the ${site} site sees ${seen} of ${part.rows} rows of part ` +
    `${part.name}: remove the row policy, filter or limit for that user`;
  return finding(pair.name, part.partitionId, "filtered", detail);
}
