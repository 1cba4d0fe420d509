/** Rows of both sites put together by key: their digests, and how many keys come to something else. */
import type { KeyedDifference, KeyedRequest } from "../../model/derived_view.ts";
import { literal, qualified } from "../sql/quoting.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { notExpired, unsettled } from "../sql/rows_in_scope.ts";
import { hashable } from "./hashable.ts";
import { keyedColumns, type PutTogether, together } from "./put_together.ts";

/** Per bucket: how many keys, and two sums of what they come down to; as `digestStatement` answers. */
export function keyedDigestStatement(request: KeyedRequest, from: string): string {
  const { values } = keyedColumns(request.pair.here, request.by);
  const whole = `tuple(${["0", ...values.map((_, at) => `_chsync_v${at}`)].join(", ")})`;
  return `SELECT ${literal(request.partitionId ?? "")} AS _chsync_partition, ` +
    `toInt64(_chsync_k % ${request.bucketCount}) AS _chsync_bucket, count() AS _chsync_rows, ` +
    `sum(cityHash64(tuple(_chsync_k, ${whole}))) AS _chsync_city, ` +
    `sum(xxh3(tuple(_chsync_l, ${whole}))) AS _chsync_xxh ` +
    `FROM (${keyedRows(request, from)}) WHERE _chsync_u = 0 GROUP BY _chsync_bucket`;
}

/**
 * One row for each key: two hashes of it (`_chsync_k`, `_chsync_l`), whether any of its rows is inside the settle window
 * (`_chsync_u`), and what its rows come down to in each column (`_chsync_v0`, …).
 */
function keyedRows(request: KeyedRequest, from: string): string {
  const { pair: { here }, by, partitionId, scope, bucketCount, buckets } = request;
  const { key, values, vanishing } = keyedColumns(here, by);
  const [k, l] = keyHashes(key);
  const among = buckets === "all"
    ? ""
    : ` AND toInt64(${k} % ${bucketCount}) IN (${buckets.map(String).join(", ")})`;
  const having = vanishing.length === 0
    ? ""
    : ` HAVING NOT (${vanishing.map((sum) => `ifNull(${together(sum)} = 0, 0)`).join(" AND ")})`;
  return `SELECT ${k} AS _chsync_k, ${l} AS _chsync_l, max(${unsettled(scope)}) AS _chsync_u` +
    values.map((value, at) => `, ${comparable(value, together(value))} AS _chsync_v${at}`).join("") +
    ` FROM ${from} WHERE ${notExpired(partitionId, scope)}${among} GROUP BY _chsync_k, _chsync_l${having}`;
}

export function keyHashes(key: readonly string[]): readonly [string, string] {
  const values = `tuple(${["0", ...key].join(", ")})`;
  return [`cityHash64(${values})`, `xxh3(${values})`];
}

/** A value that another site's can be held against: a number, a time or a text as it is, else a hash. */
export function comparable({ says, column }: PutTogether, sql: string): string {
  if (says === "near") return `toFloat64(ifNull(${sql}, 0))`;
  return says === "most" || says === "least" ? sql : `cityHash64(tuple(${hashable(column, sql)}))`;
}

/** Floats that differ by no more than the order of their terms can make them differ. */
const TOLERANCE = "1e-9";

/** Whether two values differ; whether there is less in the first one than in the second. */
export function verdictOf({ says }: PutTogether, here: string, there: string) {
  switch (says) {
    case "most":
      return { differs: `${here} != ${there}`, less: `${here} < ${there}` };
    case "least":
      return { differs: `${here} != ${there}`, less: `${here} > ${there}` };
    case "near":
      return {
        differs:
          `NOT (${here} = ${there} OR (isNaN(${here}) AND isNaN(${there})) OR abs(${here} - ${there}) <= ` +
          `${TOLERANCE} * greatest(abs(${here}), abs(${there})))`,
        less: null,
      };
    default:
      return { differs: `${here} != ${there}`, less: null };
  }
}

/** Each server puts its own rows together first, so that one row for each key travels. */
export function keyedDifferenceStatement(request: KeyedRequest, remote: RemoteAccess): string {
  const { pair: { here, there } } = request;
  const { values } = keyedColumns(here, request.by);
  const side = (from: string, there: 0 | 1) =>
    `SELECT *, toUInt8(${there}) AS _chsync_there FROM (${keyedRows(request, from)})`;
  const both = `${side(remoteTable(remote, there), 1)} UNION ALL ${side(qualified(here.id), 0)}`;
  const sides = values.flatMap((_, at) => [
    `anyIf(_chsync_v${at}, _chsync_there = 0) AS _chsync_h${at}`,
    `anyIf(_chsync_v${at}, _chsync_there = 1) AS _chsync_t${at}`,
  ]);
  const verdicts = values.map((value, at) => ({
    ...verdictOf(value, `_chsync_h${at}`, `_chsync_t${at}`),
    hint: value.says === "hint",
  }));
  const any = (terms: readonly string[]) => terms.length === 0 ? "0" : `(${terms.join(" OR ")})`;
  const differs = any(verdicts.filter(({ hint }) => !hint).map(({ differs }) => `(${differs})`));
  const less = any(verdicts.flatMap(({ less }) => less ?? []));
  const untold = any(
    verdicts.filter(({ hint, less }) => !hint && less === null).map(({ differs }) => differs),
  );
  const doubt = any(verdicts.filter(({ hint }) => hint).map(({ differs }) => differs));
  const count = (condition: string, name: string) =>
    `countIf(_chsync_young = 0 AND (${condition})) AS _chsync_${name}`;
  const pair = "_chsync_in_h AND _chsync_in_t";
  return `SELECT ${
    [
      count("1", "keys"),
      count("_chsync_in_t AND NOT _chsync_in_h", "missing"),
      count(`${pair} AND ${less}`, "less"),
      count(`${pair} AND NOT ${less} AND ${untold}`, "other"),
      count(`NOT _chsync_in_t OR (${pair} AND NOT ${less} AND NOT ${untold} AND ${differs})`, "more"),
      count(`${pair} AND NOT ${differs} AND ${doubt}`, "doubtful"),
      "countIf(_chsync_young != 0) AS _chsync_unsettled",
    ].join(", ")
  } FROM (SELECT _chsync_k, _chsync_l, max(_chsync_u) AS _chsync_young, ` +
    `countIf(_chsync_there = 0) > 0 AS _chsync_in_h, countIf(_chsync_there = 1) > 0 AS _chsync_in_t` +
    sides.map((side) => `, ${side}`).join("") +
    ` FROM (${both}) GROUP BY _chsync_k, _chsync_l)`;
}

export type KeyedDifferenceRow = Readonly<
  Record<
    `_chsync_${"keys" | "missing" | "less" | "other" | "more" | "doubtful" | "unsettled"}`,
    string
  >
>;

export function decodeKeyedDifference(row: KeyedDifferenceRow, request: KeyedRequest): KeyedDifference {
  return {
    keys: BigInt(row._chsync_keys),
    missing: BigInt(row._chsync_missing),
    less: BigInt(row._chsync_less),
    other: BigInt(row._chsync_other),
    more: BigInt(row._chsync_more),
    doubtful: BigInt(row._chsync_doubtful),
    unsettled: BigInt(row._chsync_unsettled),
    ignored: keyedColumns(request.pair.here, request.by).ignored,
  };
}
