/** Cutting partitions into buckets: fine enough to copy little, coarse enough to list them. */
import type { Bucket, Bucketing, TimeAxis } from "../../model/scope.ts";

/** Buckets of one partition, at most: a day in slices of a minute and a half. */
const BUCKETS_PER_PARTITION = 1024;
/** Buckets of one statement, at most, for answers of a few hundred kilobytes. */
const BUCKETS_PER_STATEMENT = 4096;
/** Rows that a bucket should hold, at least: with fewer, finding them costs more than copying a few extra. */
const ROWS_PER_BUCKET = 500;

/** What cutting a partition into buckets needs to know about it. */
export interface Extent {
  readonly partitionId: string;
  /** Rows of the larger side. */
  readonly rows: bigint;
  /** Lowest and highest time on either side, in the unit of the axis; null where no row has one. */
  readonly from: bigint | null;
  readonly to: bigint | null;
}

/** Partitions that one statement digests together. */
export interface Batch {
  readonly partitions: readonly Extent[];
  readonly bucketing: Bucketing;
}

/** Rows that one statement reads at most, unless a single partition holds more. */
const ROWS_PER_BATCH = 4_000_000n;
const PARTITIONS_PER_BATCH = 256;

/** Groups partitions, in their order, into batches and chooses the buckets of each. */
export function planBatches(extents: readonly Extent[], axis: TimeAxis | null): Batch[] {
  const batches: Extent[][] = [];
  let rows = 0n;
  for (const extent of extents) {
    const current = batches.at(-1);
    if (current && rows + extent.rows <= ROWS_PER_BATCH && current.length < PARTITIONS_PER_BATCH) {
      current.push(extent);
      rows += extent.rows;
    } else {
      batches.push([extent]);
      rows = extent.rows;
    }
  }
  return batches.map((partitions) => ({ partitions, bucketing: chooseBuckets(partitions, axis) }));
}

/**
 * Rows, at most, of the buckets that one statement compares or filters row by row: their hashes take memory of a server,
 * about a hundred bytes a row if both sides are counted.
 */
const ROWS_PER_SLICE = 10_000_000n;

/** Groups buckets, in their order, so that no group holds too many rows unless a single bucket does. */
export function planSlices(
  buckets: readonly { readonly bucket: Bucket; readonly rows: bigint }[],
  limit = ROWS_PER_SLICE,
): Bucket[][] {
  const slices: Bucket[][] = [];
  let held = 0n;
  for (const { bucket, rows } of buckets) {
    const current = slices.at(-1);
    if (current && held + rows <= limit) {
      current.push(bucket);
      held += rows;
    } else {
      slices.push([bucket]);
      held = rows;
    }
  }
  return slices;
}

/** Into how many buckets the keys of one partition are cut by their hash. */
export function chooseHashBuckets(rows: bigint): number {
  return Math.min(BUCKETS_PER_PARTITION, Math.max(1, Math.floor(Number(rows) / ROWS_PER_BUCKET)));
}

function chooseBuckets(partitions: readonly Extent[], axis: TimeAxis | null): Bucketing {
  const largest = partitions.reduce((most, { rows }) => rows > most ? rows : most, 0n);
  const wanted = BigInt(Math.min(
    BUCKETS_PER_PARTITION,
    Math.max(1, Math.floor(BUCKETS_PER_STATEMENT / partitions.length)),
    Math.max(1, Math.floor(Number(largest) / ROWS_PER_BUCKET)),
  ));
  if (!axis) return { kind: "hash", count: Number(wanted) };
  const spans = partitions.flatMap(({ from, to }) => from === null || to === null ? [] : [{ from, to }]);
  const origin = spans.reduce<bigint | null>(
    (low, { from }) => low === null || from < low ? from : low,
    null,
  );
  const widest = spans.reduce((most, { from, to }) => to - from > most ? to - from : most, 0n);
  return { kind: "time", origin: origin ?? 0n, width: (widest + wanted) / wanted };
}
