/** Names the columns in which twins differ, so that an operator can find out why both sites wrote them differently. */
import type { Finding } from "../../model/report.ts";
import type { TimeAxis } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import { objectionTo } from "../tables/ignored_columns.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { TwinColumns } from "../ports/readable_site.ts";
import type { MergedComparison, PartitionFacts } from "./partition_facts.ts";
import { counted } from "../../text/readable.ts";

/** Columns that are named, at most. */
const NAMED = 8;
/** Pairs that must have been looked at, and columns in which they differ at most, for ch-sync to propose a setting. */
const [ENOUGH, FEW] = [3, 3];

/** The finding with the columns in which the twins differ; unchanged if that cannot be told. */
export async function nameTwinColumns(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  { facts, bucketing }: ComparedPartition,
  found: Finding,
): Promise<Finding> {
  if (found.reason !== "independent" || facts.pairedOff || facts.madeUp) return found;
  if (facts.merged) return await nameConflicts(here, pair, facts, facts.merged, found);
  const { scope, there: { id }, differences } = facts;
  const buckets = differences.filter(({ missing, surplus }) => missing.rows > 0n && surplus.rows > 0n)
    .map(({ bucket }) => bucket);
  const { looked, differing } = await here.twinColumns({
    pair,
    partitionIds: [id],
    scope,
    bucketing,
    buckets,
  });
  const said = sayColumns(found, { looked, differing });
  const proposed = propose(pair, { looked, differing }, scope.axis);
  return proposed === null ? said : { ...said, detail: `${said.detail}. ${proposed}` };
}

/**
 * Where all twins differ in the same few columns and in nothing else, each site most likely fills those for itself.
 *
 * @returns what to set, in words; null: other columns differ too, or rows cannot be told apart without these
 */
function propose(pair: TablePair, { looked, differing }: TwinColumns, axis: TimeAxis | null): string | null {
  const always = differing.every(({ pairs }) => pairs === looked);
  if (looked < ENOUGH || differing.length === 0 || differing.length > FEW || !always) return null;
  const columns = differing.map(({ column }) => pair.here.columns.find(({ name }) => name === column));
  const unread = { views: new Map(), partners: new Map() };
  const may = columns.every((column) =>
    column && column.name !== axis?.column && objectionTo(pair, column, { timeColumns: [] }, unread) === null
  );
  if (!may) return null;
  const names = differing.map(({ column }) => `${pair.name}.${column}`).join(",");
  const [them, these] = differing.length === 1 ? ["it", "that column"] : ["them", "those columns"];
  return `If each site fills ${these} for itself, set IGNORE_COLUMNS=${names}: it leaves ${them} out of comparing`;
}

/** The same of keys that have another row of the same version at either site. */
async function nameConflicts(
  here: CheckPorts["here"],
  pair: TablePair,
  { scope, there }: PartitionFacts,
  { buckets, bucketCount }: MergedComparison,
  found: Finding,
): Promise<Finding> {
  if (pair.here.mergeRule.kind !== "replace") return found;
  const request = { pair, partitionId: there.id, scope, bucketCount, buckets };
  return sayColumns(found, await here.conflictColumns(request));
}

function sayColumns(found: Finding, { looked, differing }: TwinColumns): Finding {
  if (differing.length === 0) return found;
  const most = differing.toSorted((a, b) => b.pairs - a.pairs);
  const named = most.slice(0, NAMED).map(({ column, pairs }) => `${column} (${pairs})`).join(", ");
  const more = most.length > NAMED ? ` and ${counted(most.length - NAMED, "more column")}` : "";
  return {
    ...found,
    detail: `${found.detail}. Columns that differ, and in how many of ${
      counted(looked, "pair")
    }: ${named}${more}`,
  };
}
