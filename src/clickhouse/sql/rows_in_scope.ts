/** SQL that picks, hashes and cuts up rows of a table. The same text goes to both sites. */
import type { Bucket, Bucketing, DeleteTtl, RowScope, TimeAxis } from "../../model/scope.ts";
import { settledBefore } from "../../model/time_units.ts";
import type { Column } from "../../model/table.ts";
import { copiedForm } from "./aggregate_type.ts";
import { canonicalColumn, comparedColumns, hashedRow, ttlPassed } from "./canonical_row.ts";
import { allOf } from "./layout.ts";
import { identifier, literal } from "./quoting.ts";

/** The two hashes of a row, which fail independently. */
export interface RowHashes {
  readonly city: string;
  readonly xxh: string;
}

export function rowHashes(columns: readonly Column[]): RowHashes {
  const compared = comparedColumns(columns);
  return { city: hashedRow(compared, "cityHash64"), xxh: hashedRow(compared, "xxh3") };
}

/** The hash by which rows that were copied are held against those that were read. */
export function copyHash(columns: readonly Column[]): string {
  return `cityHash64(tuple(${comparedColumns(columns).map(copiedForm).join(", ")}))`;
}

/** Stands in a statement's bucket column for rows whose time is NULL; no `intDiv` of a real time gets there. */
const NULL_BUCKET = -(2n ** 63n);

/** The bucket of a row, an Int64. */
export function bucketExpression(
  bucketing: Bucketing,
  axis: TimeAxis | null,
  columns: readonly Column[],
): string {
  if (bucketing.kind === "hash" || axis === null) {
    const count = bucketing.kind === "hash" ? bucketing.count : 1;
    const key = keyValues(columns, null);
    const hash = key.length > 0 ? `cityHash64(tuple(${key.join(", ")}))` : rowHashes(columns).city;
    return `toInt64(${hash} % ${count})`;
  }
  const { origin, width } = bucketing;
  return `ifNull(intDiv(${ticks(axis)} - toInt64(${origin}), ${width}), toInt64(${NULL_BUCKET}))`;
}

/** Decodes what `bucketExpression` gave. */
export function decodeBucket(text: string): Bucket {
  const bucket = BigInt(text);
  return bucket === NULL_BUCKET ? null : bucket;
}

/** Rows of these buckets. With a time axis also as a range, which ClickHouse can look up in its indices. */
export function inBuckets(
  buckets: readonly Bucket[],
  bucketing: Bucketing,
  axis: TimeAxis | null,
  columns: readonly Column[],
): string {
  const numbers = buckets.map((bucket) => bucket ?? NULL_BUCKET);
  const exact = `${bucketExpression(bucketing, axis, columns)} IN (${numbers.join(", ")})`;
  const timed = buckets.filter((bucket) => bucket !== null);
  if (bucketing.kind === "hash" || axis === null || timed.length < buckets.length) return exact;
  const low = timed.reduce((a, b) => b < a ? b : a);
  const high = timed.reduce((a, b) => b > a ? b : a);
  // intDiv rounds towards zero, so the lowest bucket may reach one width further down.
  const from = bucketing.origin + (low - 1n) * bucketing.width;
  const to = bucketing.origin + (high + 1n) * bucketing.width;
  return allOf([...range(axis, from, to), exact]);
}

/** Rows of these buckets of each partition, and not of the same buckets of another one. */
export function inBucketsOfPartitions(
  wanted: readonly (readonly [partitionId: string, buckets: readonly Bucket[]])[],
  bucketing: Bucketing,
  axis: TimeAxis | null,
  columns: readonly Column[],
): string {
  const pairs = wanted.flatMap(([id, buckets]) =>
    buckets.map((bucket) => `(${literal(id)}, ${bucket ?? NULL_BUCKET})`)
  );
  return `(_partition_id, ${bucketExpression(bucketing, axis, columns)}) IN (${pairs.join(", ")})`;
}

/** The last second that every time type can be compared with: 2100-01-01. */
const TYPED_UNTIL = 4_102_444_800n;

/** Times from `from` to before `to`; as times, where they can be, since primary keys often hold `toDateTime(axis)`. */
function range(axis: TimeAxis, from: bigint, to: bigint): string[] {
  if (axis.numbers) {
    const column = identifier(axis.column);
    // Beyond, numbers count as those at the ends. A negative one is not compared with a column that may have no sign.
    return from <= 0n || to >= LAST_NUMBER ? [] : [`${column} >= ${from}`, `${column} < ${to}`];
  }
  if (axis.unit === "days" || from < 0n || to > TYPED_UNTIL) {
    return [`${ticks(axis)} >= ${from}`, `${ticks(axis)} < ${to}`];
  }
  const column = identifier(axis.column);
  return [`${column} >= toDateTime64(${from}, 0)`, `${column} < toDateTime64(${to}, 0)`];
}

/** Rows of these partitions that are settled and whose TTL has not passed: the WHERE clause of every comparison. */
export function inScope(partitionIds: readonly string[], scope: RowScope): string {
  return allOf([
    `_partition_id IN (${partitionIds.map(literal).join(", ")})`,
    ...settled(scope),
    ...scope.ttls.map((ttl) => unexpired(ttl, scope.moment.now)),
  ]);
}

/** Rows of a partition, or of the whole table (null), whose TTL has not passed, settled or not. */
export function notExpired(partitionId: string | null, scope: RowScope): string {
  if (partitionId !== null) return inPartition(partitionId, scope);
  return ["1", ...scope.ttls.map((ttl) => unexpired(ttl, scope.moment.now))].join(" AND ");
}

/** Whether a row is not settled, 0 or 1. */
export function unsettled(scope: RowScope): string {
  const [condition] = settled(scope);
  return condition === undefined ? "0" : `toUInt8(NOT ${condition})`;
}

/** Rows of a partition whose TTL has not passed, settled or not. */
export function inPartition(partitionId: string, { ttls, moment }: RowScope): string {
  return allOf([
    `_partition_id = ${literal(partitionId)}`,
    ...ttls.map((ttl) => unexpired(ttl, moment.now)),
  ]);
}

/**
 * In the column's own unit: a row without a time counts as settled, where a bare comparison would drop it, and times
 * before 1970 and after 2106 are numbers like any other, where `toUnixTimestamp` throws.
 */
function settled({ axis, moment, quiet }: RowScope): string[] {
  if (!axis || quiet) return [];
  const before = settledBefore(axis, moment);
  if (!axis.numbers) return [`ifNull(${ticks(axis)} < ${before}, 1)`];
  return [`ifNull(${identifier(axis.column)} < ${before < 0n ? 0n : before}, 1)`];
}

/** Whether a rule leaves a row, 0 or 1. @param now unix seconds */
export function unexpired({ expression, where }: DeleteTtl, now: number): string {
  const passed = ttlPassed(expression, now);
  return `NOT ifNull(${where === null ? passed : `(${where}) AND ${passed}`}, 0)`;
}

/** Numbers from 0 to this are times as they stand, and what lies beyond counts as these: no sum of two leaves an Int64. */
const LAST_NUMBER = 2n ** 62n - 1n;

/** A time in the unit of the axis, an Int64. @param value SQL of it, of the type of the axis */
export function ticks({ column, numbers }: TimeAxis, value = identifier(column)): string {
  if (!numbers) return `toInt64(${value})`;
  return `multiIf(${value} < 0, toInt64(0), ${value} > ${LAST_NUMBER}, toInt64(${LAST_NUMBER}), toInt64(${value}))`;
}

/**
 * What makes two rows with other content the same event: sorting key and time. The two sites may have written it
 * differently, with defaults or attributes of their own.
 */
export function eventKey(columns: readonly Column[], axis: TimeAxis | null): string {
  return `cityHash64(tuple(${keyValues(columns, axis).join(", ")}))`;
}

/** What of each row stands in the sorting key, and its time. */
function keyValues(columns: readonly Column[], axis: TimeAxis | null): string[] {
  return columns.flatMap((column) => {
    if (column.inSortingKey || column.name === axis?.column) return [canonicalColumn(column)];
    const parts = column.partsInSortingKey ?? [];
    // A server that hashes the whole otherwise may do so with a part, or hash no NULL.
    return column.comparedAs === "value" ? parts : parts.map((part) => `ifNull(toString(${part}), '')`);
  });
}
