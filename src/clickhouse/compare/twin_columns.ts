/** In which columns twins differ: two statements, as the first finds the twins and the second reads just those. */
import { canonicalColumn, comparedColumns } from "../sql/canonical_row.ts";
import { sql } from "../sql/layout.ts";
import { compared, type DifferenceRequest, withShortfall } from "./row_difference.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { rowHashes } from "../sql/rows_in_scope.ts";

/** Twins that are looked at: enough to see what differs, few enough to name their rows in a statement. */
export const LOOKED_AT = 100;

/** Pairs of a missing and a surplus row of the same event, by their hashes; those first that can only be each other's. */
export function twinPairsStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  return sql`
    WITH
      ${withShortfall(request, remote, true)}
    SELECT
      anyIf(_chsync_city, _chsync_missing > 0) AS _chsync_city_there,
      anyIf(_chsync_city, _chsync_surplus > 0) AS _chsync_city_here
    FROM _chsync_shortfall
    GROUP BY _chsync_bucket, _chsync_event
    HAVING sum(_chsync_missing) > 0 AND sum(_chsync_surplus) > 0
    ORDER BY sum(_chsync_missing) + sum(_chsync_surplus)
    LIMIT ${LOOKED_AT}
  `;
}

export interface TwinPair {
  readonly _chsync_city_there: string;
  readonly _chsync_city_here: string;
}

/** A hash of each compared column of the rows of these pairs, by the hash of the row. */
export function twinRowsStatement(
  request: DifferenceRequest,
  pairs: readonly TwinPair[],
  remote: RemoteAccess,
): string {
  const { here, there } = request.pair;
  const { city } = rowHashes(here.columns);
  const values = comparedColumns(here.columns).map((column) =>
    `cityHash64(tuple(${canonicalColumn(column)}))`
  );
  const rows = (from: string, hashes: readonly string[]) =>
    sql`
      SELECT ${city} AS _chsync_city, [${values.join(", ")}] AS _chsync_columns
      FROM ${from}
      WHERE ${compared(request)}
        AND ${city} IN (${hashes.map(BigInt).join(", ")})
      LIMIT 1 BY _chsync_city
    `;
  return sql`
    ${rows(remoteTable(remote, there), pairs.map((twin) => twin._chsync_city_there))}
    UNION ALL
    ${rows(ownTable(remote, here), pairs.map((twin) => twin._chsync_city_here))}
  `;
}

export interface TwinRow {
  readonly _chsync_city: string;
  readonly _chsync_columns: readonly string[];
}

/** How many of the pairs differ in each column, by its place among the compared ones. */
export function countDifferences(
  pairs: readonly TwinPair[],
  rows: readonly TwinRow[],
): { readonly looked: number; readonly differing: readonly number[] } {
  const byHash = new Map(rows.map((row) => [row._chsync_city, row._chsync_columns]));
  const both = pairs.flatMap((twin) => {
    const [there, here] = [byHash.get(twin._chsync_city_there), byHash.get(twin._chsync_city_here)];
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
