/** Rows of the active site whose like is not here at all, found by that of two ways which sends fewer hashes from site to site. */
import type { ExpectedRows } from "../../model/scope.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { bucketExpression, rowHashes } from "../sql/rows_in_scope.ts";
import { compared, type DifferenceRequest } from "./row_difference.ts";

export interface AbsentRequest extends DifferenceRequest {
  readonly expected: ExpectedRows;
}

/** Per bucket: rows of the active site with hashes that this site lacks. Only hashes travel. */
export function absentRowsStatement(request: AbsentRequest, remote: RemoteAccess): string {
  const { pair: { here, there }, scope, bucketing, partitionIds } = request;
  const { city, xxh } = rowHashes(here.columns);
  return sql`
    SELECT
      ${literal(partitionIds[0] ?? "")} AS _chsync_partition,
      ${bucketExpression(bucketing, scope.axis, here.columns)} AS _chsync_bucket,
      count() AS _chsync_rows,
      sum(${city}) AS _chsync_city,
      sum(${xxh}) AS _chsync_xxh
    FROM ${remoteTable(remote, there)}
    WHERE ${compared(request)}
      AND ${isNotHere(request, remote)}
    GROUP BY _chsync_bucket
  `;
}

/**
 * Whether the like of a row of the active site, of what is compared, is not here. GLOBAL: without it the subquery would run
 * at the remote site and find everything there.
 *
 * Each shard of the active site gets the set of what stands in the brackets. That may be the hashes that are here, or those
 * that are missing, to find which those of the active site come here once. EXCEPT is done by the server that was asked, with
 * a set of the hashes that are here.
 */
export function isNotHere(request: AbsentRequest, remote: RemoteAccess): string {
  const { pair: { here, there }, expected } = request;
  const { city } = rowHashes(here.columns);
  const where = compared(request);
  const held = sql`
    SELECT ${city}
    FROM ${ownTable(remote, here)}
    WHERE ${where}
  `;
  if (!fetchesHashes(remote, expected)) {
    return sql`
      ${city} GLOBAL NOT IN (
          ${held}
        )
    `;
  }
  return sql`
    ${city} GLOBAL IN (
        SELECT ${city}
        FROM ${remoteTable(remote, there)}
        WHERE ${where}
        EXCEPT DISTINCT
        ${held}
      )
  `;
}

/** Never from a site of one server. */
export function fetchesHashes(
  { more = [] }: Pick<RemoteAccess, "more">,
  { here, missing }: ExpectedRows,
): boolean {
  const shards = BigInt(1 + more.length);
  return here + missing + shards * missing < shards * here;
}
