/** Where in a partition the rows are looked for that a sample shows. */
import type { SampleSide } from "../../model/sample.ts";
import type { Bucket, Bucketing, RowScope } from "../../model/scope.ts";
import type { JudgedPartition } from "../judge/judged_partition.ts";

export interface SamplePlace {
  readonly partitionId: string;
  readonly scope: RowScope;
  readonly bucketing: Bucketing;
  readonly buckets: readonly Bucket[];
  /** The other site has no row of the partition: any will do. */
  readonly alone: boolean;
}

/** Buckets, at most: each is a thousandth of its partition or so. */
const BUCKETS = 16;
/** Rows of a bucket of an engine that merges them, about: they are told apart by their hashes, in memory. */
const ROWS_PER_BUCKET = 500_000n;

/** Null: that side has no such row, or none that could be told. @param wanted rows */
export function chooseBuckets(
  { partitionId, compared }: Pick<JudgedPartition, "partitionId" | "compared">,
  side: SampleSide,
  wanted: number,
): SamplePlace | null {
  if (partitionId === null || compared === null) return null;
  const { facts, method, bucketing } = compared;
  const { scope, comparison } = facts;
  const place = { partitionId, scope, bucketing };
  if (method === "absent") {
    const has = side === "missing" && comparison.there.rows > 0n;
    return has ? { ...place, buckets: [], alone: true } : null;
  }
  if (method === "merging") {
    if (!facts.merged) return null;
    const { here, there } = comparison;
    const count = 1n + (here.rows > there.rows ? here.rows : there.rows) / ROWS_PER_BUCKET;
    const buckets = Array.from({ length: Math.min(Number(count), BUCKETS) }, (_, bucket) => BigInt(bucket));
    return { ...place, bucketing: { kind: "hash", count: Number(count) }, buckets, alone: false };
  }
  const onlyHere = comparison.bucketsOnlyHere.map((bucket) => ({ bucket, rows: 1n }));
  const absent = comparison.absent.map(({ bucket, digest: { rows } }) => ({ bucket, rows }));
  const partial = facts.differences.map(({ bucket, ...rows }) => ({ bucket, rows: rows[side].rows }));
  // Those first that hold rows of both sites: there the twins are.
  const all = [...partial, ...side === "missing" ? absent : onlyHere].filter(({ rows }) => rows > 0n);
  const buckets: Bucket[] = [];
  let rows = 0n;
  for (const one of all) {
    if (rows >= BigInt(wanted) || buckets.length === BUCKETS) break;
    buckets.push(one.bucket);
    rows += one.rows;
  }
  return buckets.length === 0 ? null : { ...place, buckets, alone: false };
}
