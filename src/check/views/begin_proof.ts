/** What every proof of a whole table begins with: it may have been refused, or proven before, or hold what nobody sees. */
import type { TableIdentity } from "../../model/memory.ts";
import type { BothPartitions, Partition, Partitions } from "../../model/partition.ts";
import type { ExaminedTable } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import type { TablePair } from "../../model/table.ts";
import { remedyOf } from "../compare/hidden_rows.ts";
import { lookForHidden } from "../compare/look_for_hidden.ts";
import { identityOf, isUnchanged, recognise } from "../memory/proof_key.ts";
import type { ExamineContext } from "../plan/examine_context.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import { refuseTable } from "../tables/refuse_table.ts";

type BegunProof =
  | { readonly examined: ExaminedTable }
  | {
    readonly examined: null;
    /** By which the proof is remembered. */
    readonly identity: TableIdentity;
    readonly here: Partitions;
    /** Those that hold rows. */
    readonly there: Partitions;
  };

/**
 * @param shape what the proof depends on besides the table
 * @param proven what is said of a table that was proven by an earlier check, and has not changed
 */
export async function beginProof(
  ports: CheckPorts,
  pair: TablePair,
  shape: string,
  proven: string,
  context: ExamineContext,
): Promise<BegunProof> {
  const { name } = pair;
  const { moment: { now, settledBefore: through }, summaries } = context;
  const refusal = await refuseTable(ports, pair, context);
  if (refusal) return { examined: { findings: [refusal] } };
  const own = await identityOf(pair, summaries);
  const identity = { ...own, proofKey: `${own.proofKey} ${shape}` };
  const known = recognise(ports.memory.table(name), identity);
  if (!context.verify && known && isUnchanged(known, identity, now)) {
    const { partitions, oldestDigest, rowsActive: rows, city } = known;
    const compared = { rows, city };
    const findings = [finding(name, null, "derived_proven", proven)];
    return { examined: { partitions, proven: partitions, compared, through, oldestDigest, findings } };
  }
  const { here, there, hidden } = await readPartitions(ports, pair, context);
  return hidden ? { examined: { findings: [hidden] } } : { examined: null, identity, here, there };
}

async function readPartitions(
  ports: CheckPorts,
  pair: TablePair,
  { reader }: ExamineContext,
): Promise<{ here: Partitions; there: Partitions; hidden: Finding | null }> {
  const [here, there] = [new Map<string, Partition>(), new Map<string, Partition>()];
  for await (const page of reader.pages(pair)) {
    for (const [id, partition] of page.here) here.set(id, partition);
    for (const [id, partition] of page.there) if (partition.rows > 0n) there.set(id, partition);
  }
  return { here, there, hidden: await findHidden(ports, pair, { here, there }) };
}

/** Rows of these partitions that ch-sync does not see, of one part; null: it sees all. */
export async function findHidden(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  { here, there }: BothPartitions,
): Promise<Finding | null> {
  const ids = { here: [...here.keys()], there: [...there.keys()] };
  const [hidden] = (await lookForHidden(ports, pair, ids, null, { here, there })).hidden;
  if (!hidden) return null;
  const partitions = hidden.site === "local" ? here : there;
  const detail = `a SELECT by ch-sync's user of the ${hidden.site} site does not see all rows of part ` +
    `${hidden.part.name}: ${remedyOf(hidden, partitions.get(hidden.part.partitionId))}`;
  return finding(pair.name, hidden.part.partitionId, "filtered", detail);
}
