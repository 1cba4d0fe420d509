/**
 * Rows of one side as they would read once everything were merged, so that merge timing is no difference. One row for
 * each key: two hashes of the key (`_chsync_k`, `_chsync_l`), and what its rows come down to.
 */
import type { MergeRule } from "../../model/merge_rule.ts";
import type { Bucket, MergedDigest, RowScope } from "../../model/scope.ts";
import type { Column, Table } from "../../model/table.ts";
import { decodeDigest, type DigestRow } from "../compare/digest_statement.ts";
import { canonicalColumn, comparedColumns, typeArguments } from "../sql/canonical_row.ts";
import { identifier, literal } from "../sql/quoting.ts";
import { inPartition, inScope, rowHashes, unsettled } from "../sql/rows_in_scope.ts";

/** One partition of a table, or some buckets of it. */
export interface MergedRequest {
  /** The table, for its columns, its key and its rule: the same for both sites. */
  readonly table: Table;
  readonly partitionId: string;
  readonly scope: RowScope;
  /** Buckets are the hash of the key modulo this. */
  readonly bucketCount: number;
  readonly buckets: readonly Bucket[] | "all";
}

/** The two hashes that stand for a key. */
export interface KeyHashes {
  readonly k: string;
  readonly l: string;
}

/** For the rows of one key: `_chsync_w` is the pair of hashes of what they come down to. */
export function mergedRows(request: MergedRequest, from: string): string {
  const { table: { mergeRule } } = request;
  switch (mergeRule.kind) {
    case "replace":
      return winners(request, from, mergeRule.version);
    case "collapse":
      return nets(request, from, mergeRule);
    case "coalesce":
      return coalesced(request, from);
    case "sum":
      return aggregates(request, from, (column) => summed(column, mergeRule.columns));
    case "aggregate":
      return aggregates(request, from, merged);
    default:
      throw new Error(`The rows of ${request.table.engine} cannot be foreseen`);
  }
}

/** Per bucket of one partition: how many keys, and two sums of what they come down to, all of them and the settled ones. */
export function mergedDigestStatement(request: MergedRequest, from: string): string {
  const settled = [1, 2].map((element) => `sumIf(tupleElement(_chsync_w, ${element}), _chsync_u = 0)`);
  return `SELECT ${literal(request.partitionId)} AS _chsync_partition, ` +
    `toInt64(_chsync_k % ${request.bucketCount}) AS _chsync_bucket, count() AS _chsync_rows, ` +
    `sum(tupleElement(_chsync_w, 1)) AS _chsync_city, sum(tupleElement(_chsync_w, 2)) AS _chsync_xxh, ` +
    `countIf(_chsync_u = 0) AS _chsync_settled, ${settled[0]} AS _chsync_settled_city, ` +
    `${settled[1]} AS _chsync_settled_xxh ` +
    `FROM (${mergedRows(request, from)}) GROUP BY _chsync_bucket`;
}

export interface MergedDigestRow extends DigestRow {
  readonly _chsync_settled: string;
  readonly _chsync_settled_city: string;
  readonly _chsync_settled_xxh: string;
}

export function decodeMergedDigest(row: MergedDigestRow): MergedDigest {
  const [rows, city, xxh] = [
    BigInt(row._chsync_settled),
    BigInt(row._chsync_settled_city),
    BigInt(row._chsync_settled_xxh),
  ];
  return { ...decodeDigest(row), settled: { rows, city, xxh } };
}

/** What makes rows the same thing: the sorting key, or for a collapsing engine the whole row without its sign. */
export function keyHashes({ sortingKey, mergeRule, columns }: Table): KeyHashes {
  if (mergeRule.kind === "collapse") {
    const { city, xxh } = rowHashes(columns.filter(({ name }) => name !== mergeRule.sign));
    return { k: city, l: xxh };
  }
  const values = `tuple(${sortingKey || "0"})`;
  const textual = columns.some(({ inSortingKey, comparedAs }) => inSortingKey && comparedAs === "text");
  const key = textual ? `toString(${values})` : values;
  return { k: `cityHash64(${key})`, l: `xxh3(${key})` };
}

/** Rows of the wanted buckets, settled or not. */
export function inKeyBuckets({ table, partitionId, scope, bucketCount, buckets }: MergedRequest): string {
  const where = inPartition(partitionId, scope);
  return buckets === "all"
    ? where
    : `${where} AND toInt64(${keyHashes(table).k} % ${bucketCount}) IN (${buckets.map(String).join(", ")})`;
}

/** The first block of a part, from its name: partition, first block, last block, level. */
const BLOCK = "toUInt64OrZero(splitByChar('_', _part)[2])";

/** Later for a row that was inserted later. */
export const INSERTED = `${BLOCK}, _part_offset`;

/** The row that FINAL would show: of the highest version, and of several such the one inserted last. */
function winners(request: MergedRequest, from: string, version: string | null): string {
  const { k, l } = keyHashes(request.table);
  const { city, xxh } = rowHashes(request.table.columns);
  const value = version === null ? "toUInt8(0)" : identifier(version);
  return `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, max(${value}) AS _chsync_v, ` +
    `argMax(tuple(${city}, ${xxh}), tuple(${value}, ${INSERTED})) AS _chsync_w, ` +
    `max(${unsettled(request.scope)}) AS _chsync_u ` +
    `FROM ${from} WHERE ${inKeyBuckets(request)} GROUP BY _chsync_k, _chsync_l`;
}

/** Column by column the value inserted last that is not NULL, which `argMax` passes over: `_chsync_0`, `_chsync_1`, … */
export function lastValues(columns: readonly Column[]): string[] {
  return columns.map(({ name }, index) =>
    `argMax(${identifier(name)}, tuple(${INSERTED})) AS _chsync_${index}`
  );
}

/** With a hash of each column that is in no key, 0 for NULL: `_chsync_c`. */
function coalesced(request: MergedRequest, from: string): string {
  const columns = comparedColumns(request.table.columns);
  const { k, l } = keyHashes(request.table);
  const value = (column: Column, index: number) => canonicalColumn(column, `_chsync_${index}`);
  const row = `tuple(${columns.map(value).join(", ")})`;
  const parts = columns.flatMap((column, index) =>
    column.inSortingKey
      ? []
      : [`if(isNull(_chsync_${index}), toUInt64(0), cityHash64(tuple(${value(column, index)})))`]
  );
  return `SELECT _chsync_k, _chsync_l, _chsync_u, [${parts.join(", ")}] AS _chsync_c, ` +
    `tuple(cityHash64(${row}), xxh3(${row})) AS _chsync_w FROM (` +
    `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, max(${unsettled(request.scope)}) AS _chsync_u, ` +
    `${lastValues(columns).join(", ")} FROM ${from} WHERE ${
      inKeyBuckets(request)
    } GROUP BY _chsync_k, _chsync_l)`;
}

/**
 * How many rows of either sign there are of each content, with the hashes of such rows. A pair that was merged away,
 * or was not, makes no difference to what they come down to: the sum of the signs.
 */
function nets(request: MergedRequest, from: string, { sign, versioned }: Collapse): string {
  const { k, l } = keyHashes(request.table);
  const { city, xxh } = rowHashes(request.table.columns);
  const column = identifier(sign);
  // Negative numbers as their complement: sums are modulo 2^64.
  return `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, ` +
    `toInt64(countIf(${column} = 1)) AS _chsync_p, toInt64(countIf(${column} = -1)) AS _chsync_n, ` +
    `anyIf(tuple(${city}, ${xxh}), ${column} = 1) AS _chsync_state, ` +
    `anyIf(tuple(${city}, ${xxh}), ${column} = -1) AS _chsync_cancel, ` +
    `max(${unsettled(request.scope)}) AS _chsync_u, ` +
    `toUInt64(${netOf("_chsync_p", "_chsync_n", versioned)}) AS _chsync_net, ` +
    `tuple(_chsync_net * _chsync_k, _chsync_net * _chsync_l) AS _chsync_w ` +
    `FROM ${from} WHERE ${inKeyBuckets(request)} GROUP BY _chsync_k, _chsync_l`;
}

type Collapse = Extract<MergeRule, { kind: "collapse" }>;

/** What is left of so many states and cancel rows of the same content. */
export function netOf(states: string, cancels: string, versioned: boolean): string {
  return versioned ? `(${states} - ${cancels})` : `toInt64(sign(${states} - ${cancels}))`;
}

/** Rows of one key put together by the functions that the engine would use. */
function aggregates(request: MergedRequest, from: string, put: (column: Column) => Aggregate): string {
  const { table: { columns, sortingKey }, partitionId, scope } = request;
  const { k, l } = keyHashes(request.table);
  const results = comparedColumns(columns).filter(({ inSortingKey }) => !inSortingKey)
    .map((column) => ({ ...put(column), textual: column.comparedAs === "text" }));
  const compared = results.map(({ value, textual }) => textual ? `toString(${value})` : value);
  const whole = `tuple(${["0", ...compared].join(", ")})`;
  const sums = results.flatMap(({ value, vanishes }) => vanishes ? [value] : []);
  // A row whose sums are all zero goes as it is merged.
  const having = sums.length > 0 && sortingKey !== ""
    ? ` HAVING NOT (${sums.map((sum) => `ifNull(${sum} = 0, 0)`).join(" AND ")})`
    : "";
  return `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, toUInt8(0) AS _chsync_u, ` +
    `tuple(cityHash64(tuple(_chsync_k, ${whole})), xxh3(tuple(_chsync_l, ${whole}))) AS _chsync_w ` +
    `FROM ${from} WHERE ${inScope([partitionId], scope)} GROUP BY _chsync_k, _chsync_l${having}`;
}

interface Aggregate {
  /** SQL over the rows of a key. */
  readonly value: string;
  /** A sum: where all of them are zero, the row goes. */
  readonly vanishes: boolean;
}

/** Columns that are not put together keep the value of any of the rows: they are only sure where all are the same. */
function anyOf(column: Column): Aggregate {
  const value = `arraySort(groupUniqArray(cityHash64(tuple(${canonicalColumn(column)}))))`;
  return { value, vanishes: false };
}

const NUMBER = /^(?:Nullable\()?(?:U?Int\d+|Float\d+|BFloat16|Decimal\(.*\))\)?$/;

function summed(column: Column, listed: readonly string[] | null): Aggregate {
  const { name, type, inPartitionKey } = column;
  const wanted = listed === null ? !inPartitionKey : listed.includes(name);
  if (type.includes("AggregateFunction(")) return merged(column);
  return wanted && NUMBER.test(type) ? { value: `sum(${identifier(name)})`, vanishes: true } : anyOf(column);
}

/** `AggregateFunction(quantiles(0.5, 0.9), Float64)` is put together by `quantilesMerge(0.5, 0.9)`. */
function merged(column: Column): Aggregate {
  const [kind, args] = typeArguments(column.type);
  const [name = "", parameters = ""] = (args.find((arg) => !/^\d+$/.test(arg)) ?? "").split(/(?=\()/, 2);
  const value = identifier(column.name);
  if (kind === "AggregateFunction") return { value: `${name}Merge${parameters}(${value})`, vanishes: false };
  if (kind === "SimpleAggregateFunction") return { value: `${name}${parameters}(${value})`, vanishes: false };
  return anyOf(column);
}
