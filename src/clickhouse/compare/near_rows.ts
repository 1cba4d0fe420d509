/**
 * Rows that only this site has, and the rows of the active site that are nearest to them: the same in all but a few columns,
 * whichever these are. Each site may have written the same event with an id, a stamp or an offset of its own.
 *
 * Columns are dealt out to four blocks. Rows that differ in three columns agree in one block at least, so that one pass over
 * the other site's rows, with a look into four small sets, finds all that may be near.
 */
import { axisNearness, type RowByColumns } from "../../check/compare/pair_off.ts";
import type { Bucket, RowScope } from "../../model/scope.ts";
import type { Column } from "../../model/table.ts";
import { canonicalColumn, comparedColumns } from "../sql/canonical_row.ts";
import { listed, sql } from "../sql/layout.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { rowHashes, ticks } from "../sql/rows_in_scope.ts";
import { compared, type DifferenceRequest } from "./row_difference.ts";

/** Rows of this site that are looked at. */
const LOOKED_AT = 100;
/** Rows of the other site of one likeness: enough to see whether one of them is here too. */
const OF_ONE_LIKENESS = 8;
/** Hashes of the other site's rows in one answer: a few megabytes. */
const HASHES = 100_000;
/** Rows in one answer: their hashes have to fit a statement. */
const ROWS = 4000;

const BLOCKS = 4;

export interface NearRow {
  readonly _chsync_city: string;
  readonly _chsync_columns: readonly string[];
  readonly _chsync_time: string;
}

export interface NearRequest extends DifferenceRequest {
  /** In which this site has rows that the active one has not. */
  readonly buckets: readonly Bucket[];
}

/** Rows of these buckets that the active site has not, as many as are looked at, from all over them. */
export function onlyHereStatement(request: NearRequest, remote: RemoteAccess): string {
  const { pair: { here, there } } = request;
  const { city } = rowHashes(here.columns);
  const where = compared(request);
  return sql`
    SELECT
      ${listed(byColumns(here.columns, request.scope))}
    FROM ${ownTable(remote, here)}
    WHERE ${where}
      AND _chsync_city GLOBAL NOT IN (
        SELECT ${city}
        FROM ${remoteTable(remote, there)}
        WHERE ${where}
      )
    ORDER BY _chsync_city
    LIMIT ${LOOKED_AT}
  `;
}

/**
 * Rows that agree with one of these in at least one block of columns; the nearest ones first.
 *
 * @param from SQL of the table of the other site
 */
export function nearRowsStatement(request: NearRequest, rows: readonly NearRow[], from: string): string {
  const { pair: { here }, scope } = request;
  const width = comparedColumns(here.columns).length;
  const blocks = blocksOf(rows, width);
  const likeness = blocks.map((columns, at) => `${sumOf(columns)} AS _chsync_block${at}`);
  const sums = blocks.map((columns) =>
    [...new Set(rows.map(({ _chsync_columns }) => sum(columns, _chsync_columns)))].join(", ")
  );
  // Not by a set, which servers make of has() too: its name becomes part of a column's, and two versions give it two names.
  const alike = sums.map((some, at) =>
    `toUInt8(countEqual([${some}], _chsync_block${at}) > 0) AS _chsync_alike${at}`
  );
  const each = (say: (at: number) => string) => blocks.map((_, at) => say(at));
  return sql`
    SELECT
      ${listed([...byColumns(here.columns, scope), ...likeness, ...alike])}
    FROM ${from}
    WHERE ${compared(around(request))}
      AND (${each((at) => `_chsync_block${at} IN (${sums[at]})`).join(" OR ")})
    ORDER BY ${each((at) => `_chsync_alike${at}`).join(" + ")} DESC
    LIMIT ${OF_ONE_LIKENESS} BY ${each((at) => `_chsync_alike${at} * _chsync_block${at}`).join(", ")}
    LIMIT ${Math.max(1, Math.min(ROWS, Math.floor(HASHES / width)))}
  `;
}

/** Which of these rows of one site the other has too. @param from SQL of the table of that one */
export function commonStatement(
  request: NearRequest,
  rows: readonly Pick<NearRow, "_chsync_city">[],
  from: string,
): string {
  const { here } = request.pair;
  const { city } = rowHashes(here.columns);
  return sql`
    SELECT DISTINCT ${city} AS _chsync_city
    FROM ${from}
    WHERE ${compared(around(request))}
      AND _chsync_city IN (${rows.map(({ _chsync_city }) => BigInt(_chsync_city)).join(", ")})
  `;
}

export function decodeNearRow({ _chsync_columns, _chsync_time }: NearRow): RowByColumns {
  return { columns: _chsync_columns, time: BigInt(_chsync_time) };
}

/** A row by hashes, as `NearRow` has it. */
export function byColumns(columns: readonly Column[], { axis }: RowScope): string[] {
  const values = comparedColumns(columns).map((column) => `cityHash64(tuple(${canonicalColumn(column)}))`);
  const time = axis === null ? "toInt64(0)" : `ifNull(${ticks(axis)}, toInt64(0))`;
  return [
    `${rowHashes(columns).city} AS _chsync_city`,
    `[${values.join(", ")}] AS _chsync_columns`,
    `${time} AS _chsync_time`,
  ];
}

/** With the buckets next to them, as far as a stamp of its own may put a row; all, where no time says what is next. */
export function around(request: NearRequest): DifferenceRequest {
  const { buckets, bucketing, scope: { axis } } = request;
  if (bucketing.kind === "hash" || axis === null || buckets.includes(null)) {
    return { ...request, buckets: "all" };
  }
  const reach = (axisNearness(axis) + bucketing.width - 1n) / bucketing.width;
  const numbers = new Set<bigint>();
  for (const bucket of buckets) {
    if (bucket === null) continue;
    for (let at = bucket - reach; at <= bucket + reach; at++) numbers.add(at);
  }
  return { ...request, buckets: [...numbers] };
}

/** Places of columns, dealt out by how much they tell rows apart: so that each block tells some. */
function blocksOf(rows: readonly NearRow[], width: number): number[][] {
  const telling = (at: number) => new Set(rows.map(({ _chsync_columns }) => _chsync_columns[at])).size;
  const places = Array.from({ length: width }, (_, at) => ({ at, tells: telling(at) }))
    .toSorted((a, b) => b.tells - a.tells);
  const blocks = Array.from(
    { length: Math.min(BLOCKS, width) },
    (_, block) => places.filter((_, place) => place % BLOCKS === block).map(({ at }) => at),
  );
  return blocks;
}

/** Odd, and another one for each column: values that changed places do not make the same sum. */
const factor = (at: number) => 2 * at + 3;

function sumOf(columns: readonly number[]): string {
  return columns.map((at) => `_chsync_columns[${at + 1}] * toUInt64(${factor(at)})`).join(" + ");
}

function sum(columns: readonly number[], values: readonly string[]): bigint {
  return columns.reduce(
    (all, at) => BigInt.asUintN(64, all + BigInt(values[at] ?? 0) * BigInt(factor(at))),
    0n,
  );
}
