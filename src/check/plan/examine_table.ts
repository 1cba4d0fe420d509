/** What is found of one table of both sites: drift, comparison, guards, and the repairs that are possible. */
import { tableDigest } from "../../model/digest.ts";
import { type ExaminedTable, type PartitionPlan, type TablePlan, tablePlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import { heldByEither, type Partitions } from "../../model/partition.ts";
import type { TablePair } from "../../model/table.ts";
import { definitionWarnings, findingWarnings } from "../tables/table_warnings.ts";
import type { TableComparison } from "../compare/compare_table.ts";
import { remedyOf } from "../compare/hidden_rows.ts";
import type { ReadPage } from "../compare/partition_reader.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";
import { examinePage } from "./examine_page.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { rememberTable } from "../memory/remember.ts";
import type { ProvenStretch } from "../../model/memory.ts";
import { PROOF_LIVES } from "../../model/proof_age.ts";
import { ProvenParts, withLastingProofs } from "../memory/lasting_proofs.ts";
import { identityOf, isUnchanged, recognise } from "../memory/proof_key.ts";
import { ignoredColumns } from "../tables/ignored_columns.ts";
import { refuseTable } from "../tables/refuse_table.ts";
import { findUnstable } from "../tables/unstable_partitions.ts";
import { errorText } from "../../text/error_text.ts";
import { counted, grouped } from "../../text/readable.ts";

/** What there is to say of more than one partition of which no row is read. */
const NOTHING_READ = { partitionId: null, compared: null, remembered: null, plan: null };

/** Examines a table; plans, but changes nothing. */
export async function examineTable(
  ports: Pick<CheckPorts, "here" | "there" | "memory" | "observer">,
  pair: TablePair,
  context: ExamineContext,
): Promise<ExaminedTable> {
  const refusal = await refuseTable(ports, pair, context);
  if (refusal) return { findings: [refusal] };
  const identity = await identityOf(pair, context.summaries);
  const remembered = recognise(ports.memory.table(pair.name), identity);
  const warnings = definitionWarnings(pair);
  const ignored = ignoredColumns(pair);
  const leftOut = ignored.length > 0 ? { ignored } : {};
  const chosen = context.chosen?.get(pair.name) ?? null;
  const shortest = chosen === null && !context.verify;
  if (shortest && remembered && isUnchanged(remembered, identity, context.moment.now)) {
    const { partitions, oldestDigest, rowsActive: rows, city } = remembered;
    const compared = { rows, city };
    ports.observer.judged({ table: pair.name, reading: "unchanged", ...NOTHING_READ });
    const through = context.moment.settledBefore;
    return { partitions, proven: partitions, compared, through, oldestDigest, warnings, ...leftOut };
  }
  const unstable = await findUnstable(ports, pair, context.unsteady);
  const rehashed = remembered?.proofKey !== identity.proofKey;
  const table: TableFacts = {
    remembered,
    rehashed,
    proofsHold: !context.verify && !rehashed,
    unstable: new Map(unstable.map((found) => [found.partitionId ?? "", found])),
  };
  const examined = await examinePages(ports, pair, table, context);
  if (examined.hidden) return { findings: [examined.hidden] };
  const { findings, plans, partitions, outside, proven, counted, compared, through, oldestDigest } = examined;
  const found = [...findings, ...plans.flatMap(({ finding }) => finding ?? [])];
  const whole = found.length === 0 && examined.everyProven;
  const remember = rememberTable({ ...identity, ...examined.parts }, context.moment, { ...examined, whole });
  return {
    partitions,
    ...outside > 0 ? { outside } : {},
    proven,
    counted,
    compared,
    through,
    oldestDigest,
    // Of the others it would know less than before.
    remember: context.chosen ? null : remember,
    ...leftOut,
    findings,
    warnings: [...warnings, ...examined.doubts, ...findingWarnings(pair, found, partitions > 0)],
    plans,
  };
}

/** Page by page: what is in sync goes to the memory and takes no room here. */
async function examinePages(
  ports: Pick<CheckPorts, "here" | "there" | "memory" | "observer">,
  pair: TablePair,
  table: TableFacts,
  context: ExamineContext,
) {
  const findings: Finding[] = [];
  const plans: PartitionPlan[] = [];
  let [partitions, outside, proven, counted, compared] = [0, 0, 0, 0, tableDigest([])];
  const chosen = context.chosen?.get(pair.name) ?? null;
  let [everyProven, oldest] = [true, Infinity];
  let hidden: Finding | null = null;
  let through: number | null = context.moment.settledBefore;
  const doubts = new Set<string>();
  const parts = new ProvenParts();
  for await (const all of context.reader.pagesBeside(pair, provenStretches(ports, pair, table, context))) {
    if ("proven" in all) {
      const { proven: stretch } = all;
      ports.observer.judged({ table: pair.name, reading: "stretch", ...NOTHING_READ });
      ports.memory.keep(pair.name, stretch);
      parts.addStretch(stretch);
      partitions += stretch.partitions;
      proven += stretch.partitions;
      compared = tableDigest([compared, { rows: stretch.rowsActive, city: stretch.city }]);
      oldest = Math.min(oldest, stretch.oldestDigest);
      continue;
    }
    const page = chosen === null ? all : chosenOf(all, chosen);
    if (chosen !== null) outside += heldByEither(all) - heldByEither(page);
    const examined = await examinePage(ports, pair, page, table, context);
    if (examined.hidden.length > 0) {
      hidden = filtered(pair.name, examined.hidden, page);
      break;
    }
    let { toRemember } = examined;
    if (!context.chosen) {
      toRemember = await withLastingProofs(page, toRemember);
      await ports.memory.remember(pair.name, toRemember);
    }
    parts.add(page, toRemember);
    findings.push(...examined.findings);
    for (const plan of examined.plans) {
      plans.push({ ...plan, remember: toRemember.get(plan.partitionId) ?? plan.remember });
    }
    partitions += examined.partitions;
    proven += examined.proven;
    counted += examined.counted;
    everyProven &&= examined.counted === 0; // what is remembered of those was proven of other parts
    compared = tableDigest([compared, examined.compared]);
    through = through === null || examined.through === null ? null : Math.min(through, examined.through);
    if (examined.doubt !== null) doubts.add(examined.doubt);
    for (const { proof, digestedAt } of toRemember.values()) {
      everyProven &&= proof !== null;
      oldest = Math.min(oldest, digestedAt ?? -1);
    }
  }
  const oldestDigest = oldest < 0 || oldest === Infinity ? null : oldest;
  return {
    findings,
    plans,
    partitions,
    outside,
    proven,
    counted,
    compared,
    through,
    everyProven,
    oldestDigest,
    hidden,
    doubts,
    parts: parts.fingerprints(),
  };
}

/** What need not be looked at but by its parts: none of it is due, and no partition of the table is a special case. */
function provenStretches(
  { memory }: Pick<CheckPorts, "memory">,
  { name }: TablePair,
  { proofsHold, unstable }: TableFacts,
  { chosen, moment: { now } }: ExamineContext,
): ProvenStretch[] {
  if (chosen || !proofsHold || unstable.size > 0) return [];
  return memory.stretches(name).filter(({ oldestDigest, newestDigest, dueAt }) =>
    newestDigest <= now && now < dueAt && now - oldestDigest < PROOF_LIVES
  );
}

function chosenOf(page: ReadPage, chosen: ReadonlySet<string>): ReadPage {
  const only = (all: Partitions) => new Map([...all].filter(([id]) => chosen.has(id)));
  return { ...page, here: only(page.here), there: only(page.there) };
}

function filtered(name: string, hidden: TableComparison["hidden"], { here, there }: ReadPage): Finding {
  const { site, part, seen } = hidden[0]!;
  const partition = (site === "local" ? here : there).get(part.partitionId);
  const detail =
    `a SELECT by ch-sync's user of the ${site} site sees ${grouped(seen)} of ${
      counted(part.rows, "row")
    } of part ` +
    `${part.name}: ${remedyOf(hidden[0]!, partition)}`;
  return finding(name, part.partitionId, "filtered", detail);
}

/** A table that could not be examined: that is data in the report, and the rest of the check goes on. */
export function failedTable(name: string, error: unknown): TablePlan {
  return tablePlan(name, { findings: [finding(name, null, "failed", errorText(error))] });
}
