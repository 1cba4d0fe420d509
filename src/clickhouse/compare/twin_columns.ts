/** In which columns twins differ: two statements, as the first finds the twins and the second reads just those. */
import { canonicalColumn, comparedColumns } from "../sql/canonical_row.ts";
import { qualified } from "../sql/quoting.ts";
import { type DifferenceRequest, shortfalls } from "./row_difference.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { inBuckets, inScope, rowHashes } from "../sql/rows_in_scope.ts";

/** Twins that are looked at: enough to see what differs, few enough to name their rows in a statement. */
const LOOKED_AT = 100;

/** Pairs of a missing and a surplus row of the same event, by their hashes; those first that can only be each other's. */
export function twinPairsStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  return `SELECT anyIf(_chsync_h, _chsync_m > 0) AS _chsync_there_h, anyIf(_chsync_h, _chsync_s > 0) AS _chsync_here_h ` +
    `FROM (${shortfalls(request, remote, true)}) GROUP BY _chsync_b, _chsync_k ` +
    `HAVING sum(_chsync_m) > 0 AND sum(_chsync_s) > 0 ORDER BY sum(_chsync_m) + sum(_chsync_s) LIMIT ${LOOKED_AT}`;
}

export interface TwinPair {
  readonly _chsync_there_h: string;
  readonly _chsync_here_h: string;
}

/** A hash of each compared column of the rows of these pairs, by the hash of the row. */
export function twinRowsStatement(
  { pair: { here, there: active }, partitionIds, scope, bucketing, buckets }: DifferenceRequest,
  pairs: readonly TwinPair[],
  remote: RemoteAccess,
): string {
  const { city } = rowHashes(here.columns);
  const values = comparedColumns(here.columns).map((column) =>
    `cityHash64(tuple(${canonicalColumn(column)}))`
  );
  const only = buckets === "all" ? "" : ` AND ${inBuckets(buckets, bucketing, scope.axis, here.columns)}`;
  const side = (from: string, hashes: readonly string[]) =>
    `SELECT ${city} AS _chsync_h, [${values.join(", ")}] AS _chsync_c FROM ${from} ` +
    `WHERE ${inScope(partitionIds, scope)}${only} AND ${city} IN (${
      hashes.map(BigInt).join(", ")
    }) LIMIT 1 BY _chsync_h`;
  const there = side(remoteTable(remote, active), pairs.map((twin) => twin._chsync_there_h));
  return `${there} UNION ALL ${side(qualified(here.id), pairs.map((twin) => twin._chsync_here_h))}`;
}

export interface TwinRow {
  readonly _chsync_h: string;
  readonly _chsync_c: readonly string[];
}

/** How many of the pairs differ in each column, by its place among the compared ones. */
export function countDifferences(
  pairs: readonly TwinPair[],
  rows: readonly TwinRow[],
): { readonly looked: number; readonly differing: readonly number[] } {
  const byHash = new Map(rows.map((row) => [row._chsync_h, row._chsync_c]));
  const both = pairs.flatMap((twin) => {
    const [there, here] = [byHash.get(twin._chsync_there_h), byHash.get(twin._chsync_here_h)];
    return there && here ? [{ there, here }] : [];
  });
  const columns = both[0]?.there.length ?? 0;
  return {
    looked: both.length,
    differing: Array.from(
      { length: columns },
      (_, at) => both.filter(({ there, here }) => there[at] !== here[at]).length,
    ),
  };
}
