/** Missing rows that are here already, only fewer times. */
import { canonicalColumn, copiedColumns, insertedColumns } from "../sql/canonical_row.ts";
import { sql } from "../sql/layout.ts";
import { identifier } from "../sql/quoting.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { rowHashes } from "../sql/rows_in_scope.ts";
import { compared, type DifferenceRequest, withShortfall } from "../compare/row_difference.ts";

/** SQL of a SELECT of all columns that are copied, of each row as often as it is short. */
export function repeatedRows(request: DifferenceRequest, remote: RemoteAccess): string {
  const apart = request.pair.here.columns.some(({ ignored }) => ignored);
  return apart ? fromThere(request, remote) : fromHere(request, remote);
}

/** From this site's own, as often as they are short. */
function fromHere(request: DifferenceRequest, remote: RemoteAccess): string {
  const { here } = request.pair;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const { city, xxh } = rowHashes(here.columns);
  return sql`
    WITH
      ${withShortfall(request, remote)},
      _chsync_needed AS (
        SELECT _chsync_city, _chsync_xxh, range(_chsync_missing) AS _chsync_times
        FROM _chsync_shortfall
        WHERE _chsync_here > 0
      ),
      _chsync_one AS (
        SELECT
          ${columns},
          ${city} AS _chsync_city,
          ${xxh} AS _chsync_xxh
        FROM ${ownTable(remote, here)}
        WHERE ${compared(request)}
        LIMIT 1 BY _chsync_city, _chsync_xxh
      ),
      _chsync_short AS (
        SELECT ${columns}, _chsync_times
        FROM _chsync_one
        INNER JOIN _chsync_needed USING (_chsync_city, _chsync_xxh)
      )
    SELECT ${columns}
    FROM _chsync_short
    ARRAY JOIN _chsync_times
  `;
}

/**
 * Rows that are the same in all that is compared may differ in what each site fills for itself: as many of the active site's
 * as are short, those first that are not here with these very values, in an order that is the same each time.
 */
function fromThere(request: DifferenceRequest, remote: RemoteAccess): string {
  const { here, there } = request.pair;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const { city, xxh } = rowHashes(here.columns);
  const hashed = insertedColumns(here.columns).filter(({ ignored, comparedAs }) =>
    ignored && comparedAs !== "nothing" && comparedAs !== "unhashed"
  );
  const rest = `cityHash64(tuple(${["0", ...hashed.map((column) => canonicalColumn(column))].join(", ")}))`;
  // GLOBAL: without it the subquery would run at the remote site and find other rows there.
  return sql`
    WITH
      ${withShortfall(request, remote)},
      _chsync_needed AS (
        SELECT _chsync_city, _chsync_xxh, _chsync_missing
        FROM _chsync_shortfall
        WHERE _chsync_here > 0
      ),
      _chsync_theirs AS (
        SELECT
          ${columns},
          ${city} AS _chsync_city,
          ${xxh} AS _chsync_xxh,
          ${rest} AS _chsync_rest
        FROM ${remoteTable(remote, there)}
        WHERE ${compared(request)}
          AND ${city} GLOBAL IN (
            WITH
              ${withShortfall(request, remote)}
            SELECT _chsync_city
            FROM _chsync_shortfall
            WHERE _chsync_here > 0 AND _chsync_missing > 0
          )
      ),
      _chsync_copies AS (
        SELECT
          *,
          row_number() OVER (PARTITION BY _chsync_city, _chsync_xxh, _chsync_rest) AS _chsync_copy
        FROM _chsync_theirs
      ),
      _chsync_ours AS (
        SELECT
          ${city} AS _chsync_city,
          ${rest} AS _chsync_rest,
          count() AS _chsync_held
        FROM ${ownTable(remote, here)}
        WHERE ${compared(request)}
        GROUP BY _chsync_city, _chsync_rest
      ),
      _chsync_numbered AS (
        SELECT
          ${columns},
          _chsync_city,
          _chsync_xxh,
          row_number() OVER (
            PARTITION BY _chsync_city, _chsync_xxh
            ORDER BY _chsync_copy <= _chsync_held, _chsync_rest
          ) AS _chsync_number
        FROM _chsync_copies
        LEFT JOIN _chsync_ours USING (_chsync_city, _chsync_rest)
      )
    SELECT ${columns}
    FROM _chsync_numbered
    INNER JOIN _chsync_needed USING (_chsync_city, _chsync_xxh)
    WHERE _chsync_number <= _chsync_missing
  `;
}
