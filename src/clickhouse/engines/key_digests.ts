/** Keys alone, whatever their rows hold: whether all rows of a key stand on one shard. */
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import {
  inKeyBuckets,
  KEY,
  type MergedPairRequest,
  type MergedRequest,
  namedKey,
  sortingKeyHashes,
} from "./merging_engine.ts";

/** Per bucket of one partition: how many keys there are, and two sums of them; as `digestStatement` answers. */
export function keyDigestStatement(request: MergedRequest, from: string): string {
  return sql`
    WITH
      _chsync_keys AS (
        ${keysOf(request, from)}
      )
    SELECT
      ${literal(request.partitionId)} AS _chsync_partition,
      toInt64(_chsync_key_city % ${request.bucketCount}) AS _chsync_bucket,
      count() AS _chsync_rows,
      sum(_chsync_key_city) AS _chsync_city,
      sum(_chsync_key_xxh) AS _chsync_xxh
    FROM _chsync_keys
    GROUP BY _chsync_bucket
  `;
}

/**
 * How many keys have rows on more than one of these shards. Each puts its own rows together first, so that of each key one
 * pair of hashes travels.
 *
 * @param shards the tables of each of them whose rows are merged together, as SQL
 */
export function scatteredKeysStatement(
  { pair: { here: table }, ...request }: MergedPairRequest,
  shards: readonly (readonly string[])[],
): string {
  const each = shards.map((tables) => {
    const keys = tables.map((from) => `SELECT * FROM (${keysOf({ ...request, table }, from)})`);
    return keys.length === 1 ? keys[0] : `SELECT DISTINCT * FROM (${keys.join(" UNION ALL ")})`;
  });
  return sql`
    SELECT count() AS _chsync_rows
    FROM (
      SELECT ${KEY}
      FROM (
        ${each.join("\nUNION ALL\n")}
      )
      GROUP BY ${KEY}
      HAVING count() > 1
    )
  `;
}

/** The hashes of each sorting key, once, settled or not: a merge asks for nothing else. */
function keysOf(request: MergedRequest, from: string): string {
  const key = sortingKeyHashes(request.table);
  return sql`
    SELECT ${namedKey(key)}
    FROM ${from}
    WHERE ${inKeyBuckets(request, key)}
    GROUP BY ${KEY}
  `;
}
