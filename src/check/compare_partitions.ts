/** The three ways in which the partitions of a batch are compared. */
import { EMPTY_DIGEST, sameDigest, subtractDigests, sumDigests } from "../model/digest.ts";
import type { MergeRule } from "../model/merge_rule.ts";
import type { Partitions } from "../model/partition.ts";
import type { BucketDifference, BucketDigest, RowScope } from "../model/scope.ts";
import type { TablePair } from "../model/table.ts";
import { type Batch, type Extent, planBatches, planSlices } from "../reconcile/buckets.ts";
import { type BucketComparison, compareBuckets, type PartialBucket } from "../reconcile/compare_buckets.ts";
import type { PartitionFacts } from "../reconcile/partition_facts.ts";
import { siteMadeKeys } from "../reconcile/site_made_keys.ts";
import { compareMerged } from "./compare_merged.ts";
import type { CheckPorts, PartitionsRequest } from "./ports.ts";

export interface ComparedPartition {
  readonly facts: PartitionFacts;
  readonly bucketing: Batch["bucketing"];
}

/** Partitions of one table on both sites. */
export interface BothPartitions {
  readonly here: Partitions;
  readonly active: Partitions;
}

export type ReadPorts = Pick<CheckPorts, "here" | "there">;

/** What the batches of a table have in common. */
export interface Comparing {
  readonly ports: ReadPorts;
  readonly pair: TablePair;
  readonly partitions: BothPartitions;
  readonly scope: RowScope;
  /** Partitions of which the rows are only counted as long as the counts agree. */
  readonly byCounts: ReadonlySet<string>;
}

/** How a partition is compared: by what its row counts suggest. They prove nothing, but save a second look. */
export type Way = "absent" | "counted" | "alike" | "apart" | "merging";

export function wayOf(
  { partitions: { here, active }, byCounts }: Pick<Comparing, "partitions" | "byCounts">,
  partitionId: string,
  rule: MergeRule,
): Way {
  const mine = here.get(partitionId);
  if (!mine || mine.rows === 0n) return "absent";
  if (rule.kind !== "keep") return "merging";
  if (byCounts.has(partitionId)) return "counted";
  return mine.rows === active.get(partitionId)?.rows ? "alike" : "apart";
}

export const COMPARE: Readonly<
  Record<Way, (comparing: Comparing, batch: Batch) => Promise<ComparedPartition[]>>
> = {
  absent: measureAbsent,
  counted: compareCounts,
  alike: compareWhole,
  apart: compareByBucket,
  merging: compareMerging,
};

/** Partitions of which this site has no part are not compared with anything: one digest of each will do. */
async function measureAbsent(comparing: Comparing, batch: Batch): Promise<ComparedPartition[]> {
  const { pair, scope, ports: { there } } = comparing;
  const { bucketing, partitions } = batch;
  const partitionIds = partitions.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all", partitionIds, grain: "copy" } as const;
  const digests = byPartition(await there.digests(request));
  return partitions.flatMap((extent) =>
    compared(comparing, batch, extent, compareBuckets([], digests.get(extent.partitionId) ?? []))
  );
}

/** Buckets of as many rows on both sites are taken for equal; a partition with others is compared in full. */
async function compareCounts(comparing: Comparing, batch: Batch): Promise<ComparedPartition[]> {
  const comparisons = await digestBoth(comparing, batch, "count");
  const differing: Extent[] = [];
  const equal = batch.partitions.flatMap((extent): ComparedPartition[] => {
    const comparison = comparisons(extent);
    if (
      sameDigest(comparison.here, comparison.active) &&
      comparison.partial.length + comparison.whole.length === 0
    ) {
      return compared(comparing, batch, extent, comparison).map(({ facts, bucketing }) => ({
        bucketing,
        facts: { ...facts, counted: true },
      }));
    }
    differing.push(extent);
    return [];
  });
  for (const rest of planBatches(differing, comparing.scope.axis)) {
    equal.push(...await compareByBucket(comparing, rest));
  }
  return equal;
}

/** Partitions of as many rows on both sites are most likely equal: one digest of each tells. */
async function compareWhole(comparing: Comparing, batch: Batch): Promise<ComparedPartition[]> {
  const comparisons = await digestBoth(comparing, batch, "partition");
  const differing: Extent[] = [];
  const equal = batch.partitions.flatMap((extent) => {
    const comparison = comparisons(extent);
    if (sameDigest(comparison.here, comparison.active)) return compared(comparing, batch, extent, comparison);
    differing.push(extent);
    return [];
  });
  for (const rest of planBatches(differing, comparing.scope.axis)) {
    equal.push(...await compareByBucket(comparing, rest));
  }
  return equal;
}

/**
 * Partitions of an engine that merges rows: what the sites hold may differ only in what has been merged, so that
 * what it comes down to is compared.
 */
async function compareMerging(comparing: Comparing, batch: Batch): Promise<ComparedPartition[]> {
  const comparisons = await digestBoth(comparing, batch, "partition");
  const found: ComparedPartition[] = [];
  for (const extent of batch.partitions) {
    const comparison = comparisons(extent);
    const same = sameDigest(comparison.here, comparison.active);
    const [one] = compared(comparing, batch, extent, comparison);
    if (!one) continue;
    const merged = same ? {} : { merged: await compareMerged(comparing.ports, comparing, extent) };
    found.push({ ...one, facts: { ...one.facts, ...merged } });
  }
  return found;
}

/** Partitions that differ, or may: their buckets tell where, and the rows of those what. */
async function compareByBucket(comparing: Comparing, batch: Batch): Promise<ComparedPartition[]> {
  const { ports, pair, scope } = comparing;
  const comparisons = await digestBoth(comparing, batch, "bucket");
  const found: ComparedPartition[] = [];
  for (const extent of batch.partitions) {
    const comparison = comparisons(extent);
    const rows = { pair, scope, bucketing: batch.bucketing, partitionIds: [extent.partitionId] };
    const differences = await differRowByRow(ports, rows, comparison.partial);
    const twins = siteMadeKeys(pair.here, scope.axis?.column ?? null).length > 0
      ? pairOff(comparison, differences)
      : await countTwins(ports, rows, differences, comparison.partial);
    found.push(...compared(comparing, batch, extent, comparison, differences, twins));
  }
  return found;
}

/** Digests a batch on both sites at once; the answer compares one of its partitions. */
async function digestBoth(
  { ports: { here, there }, pair, scope }: Comparing,
  { bucketing, partitions }: Batch,
  grain: "count" | "partition" | "bucket",
): Promise<(extent: Extent) => BucketComparison> {
  const partitionIds = partitions.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all", partitionIds, grain } as const;
  const [mine, theirs] = (await Promise.all([here.digests(request), there.digests(request)])).map(
    byPartition,
  );
  return ({ partitionId }) => compareBuckets(mine?.get(partitionId) ?? [], theirs?.get(partitionId) ?? []);
}

/** The facts of one partition; none where the active site has lost it meanwhile. */
function compared(
  { partitions, scope }: Comparing,
  { bucketing }: Batch,
  { partitionId, to }: Extent,
  comparison: BucketComparison,
  differences: readonly BucketDifference[] = [],
  twins: Twins = { twins: 0n, twinsAmong: 0n },
): ComparedPartition[] {
  const [here, active] = [partitions.here.get(partitionId) ?? null, partitions.active.get(partitionId)];
  if (!active) return [];
  return [{ bucketing, facts: { here, active, scope, comparison, differences, ...twins, newest: to } }];
}

/**
 * What differs within buckets that hold other rows on either side. Where the rows that are wholly absent here make up
 * the difference of the digests, that is all; only elsewhere is every row counted on both sides.
 */
async function differRowByRow(
  { here }: ReadPorts,
  request: Omit<PartitionsRequest, "buckets">,
  partial: readonly PartialBucket[],
): Promise<BucketDifference[]> {
  const slices = (some: readonly PartialBucket[]) =>
    planSlices(some.map(({ bucket, here, active }) => ({ bucket, rows: here.rows + active.rows })));
  const absent: BucketDigest[] = [];
  for (const buckets of slices(partial.filter(({ here, active }) => active.rows > here.rows))) {
    absent.push(...await here.absentRows({ ...request, buckets }));
  }
  const missingBy = new Map(absent.map(({ bucket, digest }) => [bucket, digest]));
  const explained = partial.flatMap(({ bucket, here, active }): BucketDifference[] => {
    const missing = missingBy.get(bucket);
    return missing && sameDigest(missing, subtractDigests(active, here))
      ? [{ bucket, missing, repeated: 0n, surplus: EMPTY_DIGEST }]
      : [];
  });
  const known = new Set(explained.map(({ bucket }) => bucket));
  const counted: BucketDifference[] = [];
  for (const buckets of slices(partial.filter(({ bucket }) => !known.has(bucket)))) {
    counted.push(...await here.differences({ ...request, buckets }));
  }
  return [...explained, ...counted];
}

type Twins = Pick<PartitionFacts, "twins" | "twinsAmong">;

/**
 * Only buckets in which rows are missing and others surplus can hold twins. They are told against the missing rows of
 * buckets that are partly here: the rows of an outage must not hide that all others have a twin.
 */
async function countTwins(
  { here }: ReadPorts,
  request: Omit<PartitionsRequest, "buckets">,
  differences: readonly BucketDifference[],
  partial: readonly PartialBucket[],
): Promise<Twins> {
  const twinsAmong = differences.reduce((sum, { missing }) => sum + missing.rows, 0n);
  const both = new Set(
    differences.filter(({ missing, surplus }) => missing.rows > 0n && surplus.rows > 0n)
      .map(({ bucket }) => bucket),
  );
  let twins = 0n;
  const sizes = partial.filter(({ bucket }) => both.has(bucket))
    .map(({ bucket, here, active }) => ({ bucket, rows: here.rows + active.rows }));
  for (const buckets of planSlices(sizes)) twins += await here.twins({ ...request, buckets });
  return { twins, twinsAmong };
}

/** Where each site makes keys by itself, any surplus row may be the twin of any missing one. */
function pairOff({ whole, onlyHere }: BucketComparison, differences: readonly BucketDifference[]): Twins {
  const missing = sumDigests([
    ...whole.map(({ digest }) => digest),
    ...differences.map(({ missing }) => missing),
  ]);
  const surplus = sumDigests([onlyHere, ...differences.map(({ surplus }) => surplus)]);
  return { twins: missing.rows < surplus.rows ? missing.rows : surplus.rows, twinsAmong: missing.rows };
}

function byPartition(digests: readonly BucketDigest[]): Map<string, BucketDigest[]> {
  return Map.groupBy(digests, ({ partitionId }) => partitionId);
}
