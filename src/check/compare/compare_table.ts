/** Comparing one table at both sites, partition by partition and bucket by bucket. */
import { sameDigest, type TableDigest, tableDigest } from "../../model/digest.ts";
import type { BothPartitions, Partitions, VisiblePart } from "../../model/partition.ts";
import type { MergeTraits } from "../../model/merge_rule.ts";
import type { Moment, RowScope } from "../../model/scope.ts";
import type { TimeColumn } from "../../model/settings.ts";
import type { TablePair } from "../../model/table.ts";
import { type Extent, planBatches } from "./cut_into_buckets.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import type { NumberAxis } from "../tables/number_axis.ts";
import type { ReadPorts } from "./comparison_context.ts";
import type { Budget } from "../budget.ts";
import { findAxis } from "./find_axis.ts";
import { type HiddenAt, lookForHidden } from "./look_for_hidden.ts";
import type { CompareMethod } from "../judge/judged_partition.ts";
import { withScattered } from "./scattered_keys.ts";
import { presumesAll } from "./compare_rows.ts";
import { COMPARE, type ComparedPartition } from "./compare_partitions.ts";

export interface TableComparison {
  readonly partitions: readonly (ComparedPartition & { readonly method: CompareMethod })[];
  /** The settled rows of the active site. */
  readonly compared: TableDigest;
  /** Rows that a SELECT by ch-sync's user does not see; if there are any, nothing was compared. */
  readonly hidden: readonly HiddenAt[];
  /** The axis of all of them, and what is to be said of it. */
  readonly settledBy: NumberAxis;
}

export interface CompareOptions {
  readonly moment: Moment;
  /** By what rows of partitions that still change are settled; absent: by `moment` too. */
  readonly restless?: Moment | undefined;
  readonly settleSeconds: number;
  /** Partitions whose rows are only counted as long as the counts agree. */
  readonly byCounts: ReadonlySet<string>;
  /** As in `ComparisonContext`. */
  readonly mayPresume: (partitionId: string) => boolean;
  /** As in `ComparisonContext`. */
  readonly hashBudget: Budget;
  readonly timeColumns: readonly TimeColumn[];
  /** The partitions of the table as they are when it is asked. */
  readonly now: () => Promise<BothPartitions>;
  /** What was found when the same partitions, and more, were compared before. */
  readonly settledBy?: NumberAxis;
}

/** Compares the given partitions of the active site with this one. Reads rows at both sites, writes nothing. */
export async function compareTable(
  ports: ReadPorts,
  pair: TablePair,
  partitions: BothPartitions,
  {
    moment,
    restless = moment,
    settleSeconds,
    byCounts,
    mayPresume,
    hashBudget,
    timeColumns,
    now,
    settledBy: known,
  }: CompareOptions,
): Promise<TableComparison> {
  const ids = [...partitions.there.values()].filter(({ rows }) => rows > 0n).map(({ id }) => id).sort();
  const idsHere = ids.filter((id) => partitions.here.has(id));
  const { axis, doubt } = known ??
    await findAxis(ports, pair, partitions, ids, { moment, timeColumns });
  const { hidden, seen } = await lookForHidden(ports, pair, { here: idsHere, there: ids }, axis, partitions);
  const nothing = { partitions: [], compared: tableDigest([]), settledBy: { axis, doubt } };
  if (hidden.length > 0) return { ...nothing, hidden };

  const extents = measure(ids, partitions.there, seen);
  const quiet = (id: string) =>
    Math.max(partitions.here.get(id)?.changedAt ?? 0, partitions.there.get(id)?.changedAt ?? 0) <
      moment.settledBefore;
  const ttls = pair.deletes;
  const methodOf = (id: string) => compareMethodOf(partitions, id, byCounts, pair.here.traits);
  const compared: TableComparison["partitions"][number][] = [];
  const groups = Map.groupBy(
    extents,
    ({ partitionId }) => `${methodOf(partitionId)} ${quiet(partitionId)}`,
  );
  for (const group of groups.values()) {
    const { partitionId } = group[0]!;
    const atRest = quiet(partitionId);
    const scope: RowScope = {
      axis,
      moment: atRest ? moment : restless,
      quiet: atRest,
      settleSeconds,
      ttls,
    };
    const method = methodOf(partitionId);
    const compare = COMPARE[method];
    for (const batch of planBatches(group, axis)) {
      for (
        const one of await compare(
          { ports, pair, partitions, scope, byCounts, mayPresume, hashBudget },
          batch,
        )
      ) {
        compared.push({ ...await withScattered(ports, pair, one), method });
      }
    }
  }
  const again = compared.filter(mayHide).map(({ facts }) => facts.there.id);
  if (again.length > 0) {
    const ofHere = again.filter((id) => partitions.here.has(id));
    const { hidden } = await lookForHidden(ports, pair, { here: ofHere, there: again }, null, partitions);
    if (hidden.length > 0) return { ...nothing, hidden };
  }
  const settledByRest = compared.filter(({ facts }) => differs(facts) && (facts.scope.quiet || !axis));
  const disturbed = settledByRest.length === 0 ? new Set() : arrivals(partitions, await now());
  return {
    partitions: compared.map(({ facts, ...rest }) => ({
      ...rest,
      facts: { ...facts, disturbed: disturbed.has(facts.there.id) && (facts.scope.quiet || !axis) },
    })),
    compared: tableDigest(compared.map(({ facts }) => facts.comparison.there)),
    hidden: [],
    settledBy: { axis, doubt },
  };
}

/** By what the row counts suggest: they prove nothing, but save a second look. */
function compareMethodOf(
  { here, there }: BothPartitions,
  partitionId: string,
  byCounts: ReadonlySet<string>,
  { mergesRows }: MergeTraits,
): CompareMethod {
  const mine = here.get(partitionId);
  if (!mine || mine.rows === 0n) return "absent";
  if (mergesRows) return "merging";
  if (byCounts.has(partitionId)) return "counted";
  return mine.rows === there.get(partitionId)?.rows ? "alike" : "apart";
}

/**
 * Whether rows may have been read that a row policy hides which came once all of them were seen: not if each digest counted what is
 * stored, and no other question was asked.
 */
function mayHide(
  { facts: { here, there, comparison, merged, presumed }, answered }: ComparedPartition,
): boolean {
  const looked = comparison.partial.length > 0 && !(presumed && presumesAll(comparison));
  return answered.there.rows !== there.rows || answered.here.rows !== (here?.rows ?? 0n) || looked ||
    merged !== undefined;
}

function differs({ comparison, merged }: PartitionFacts): boolean {
  return merged !== undefined || !sameDigest(comparison.here, comparison.there);
}

/**
 * Partitions whose number of rows changed at either site since the check began. Rows that counted as settled, because
 * nothing had changed for a while, may still have been arriving.
 */
function arrivals(before: BothPartitions, now: BothPartitions): Set<string> {
  // A part of which a merge left no row is dropped some time later: that is no change.
  const rows = (partitions: Partitions, id: string) => partitions.get(id)?.rows ?? 0n;
  const changed = (now: Partitions, then: Partitions) =>
    [...then.keys()].filter((id) => rows(now, id) !== rows(then, id));
  const appeared = [...now.here.keys()].filter((id) =>
    before.there.has(id) && !before.here.has(id) && rows(now.here, id) > 0n
  );
  return new Set([...changed(now.here, before.here), ...changed(now.there, before.there), ...appeared]);
}

/** The rows and the span of time of every partition, over both sites. */
function measure(ids: readonly string[], there: Partitions, parts: readonly VisiblePart[]): Extent[] {
  const spans = new Map<string, { from: bigint; to: bigint }>();
  for (const { partitionId, from, to } of parts) {
    if (from === null || to === null) continue;
    const span = spans.get(partitionId) ?? { from, to };
    spans.set(partitionId, { from: from < span.from ? from : span.from, to: to > span.to ? to : span.to });
  }
  return ids.map((partitionId) => ({
    partitionId,
    rows: there.get(partitionId)?.rows ?? 0n,
    from: spans.get(partitionId)?.from ?? null,
    to: spans.get(partitionId)?.to ?? null,
  }));
}
