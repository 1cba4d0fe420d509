/**
 * Whether this site's rows of each key hold what the active site's settled ones do: the lowest and highest values, wherever the rows
 * of a key stand.
 */
import type { KeyedRequest } from "../../model/derived_view.ts";
import { sql } from "../sql/layout.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { notExpired, unsettled } from "../sql/rows_in_scope.ts";
import { comparable, keyHashes, verdictOf } from "./keyed_rows.ts";
import { keyedColumns, together } from "./put_together.ts";

/**
 * Per bucket, of the settled rows of one server: how many keys, and two sums of what they come down to; as `digestStatement` answers.
 * Where the sums over all shards of both sites agree, the same values stand for each key, however shards cut them.
 */
export function coverDigestStatement(request: KeyedRequest, from: string): string {
  const { values } = keyedColumns(request.pair.here, request.by);
  const whole = `tuple(${["0", ...values.map((_, at) => `_chsync_v${at}`)].join(", ")})`;
  return sql`
    SELECT
      '' AS _chsync_partition,
      toInt64(_chsync_k % ${request.bucketCount}) AS _chsync_bucket,
      count() AS _chsync_rows,
      sum(cityHash64(tuple(_chsync_k, ${whole}))) AS _chsync_city,
      sum(xxh3(tuple(_chsync_l, ${whole}))) AS _chsync_xxh
    FROM (
      ${keys(request, from, "v", SETTLED)}
    )
    GROUP BY _chsync_bucket
  `;
}

/** By partition of the active site, of how many keys its settled rows hold what no row of this site does. */
export function uncoveredStatement(request: KeyedRequest, remote: RemoteAccess): string {
  const { here, there } = request.pair;
  const { values } = keyedColumns(here, request.by);
  const less = values.map((value, at) => verdictOf(value, `_chsync_h${at}`, `_chsync_t${at}`).less ?? "1");
  return sql`
    SELECT _chsync_p AS _chsync_partition, count() AS _chsync_keys
    FROM (
      ${
    keys(request, remoteTable(remote, there), "t", { ...SETTLED, columns: ["_partition_id AS _chsync_p"] })
  }
    ) AS theirs
    LEFT JOIN (
      ${keys(request, ownTable(remote, here), "h", { settled: false, columns: [] })}
    ) AS ours USING (_chsync_k, _chsync_l)
    WHERE ifNull(_chsync_seen, 0) = 0 OR ${["0", ...less].join(" OR ")}
    GROUP BY _chsync_partition
  `;
}

const SETTLED = { settled: true, columns: [] } as const;

/**
 * Seconds before their TTL passes in which rows of the active site need not be covered any more. Of a key whose rows the sites cut in other
 * ways, one site's last row expires some time before the other one's, by what lies between the times that it stands for.
 */
const EXPIRING = 3600;

/** One row for each key, and for each value of the columns that are told apart besides. @param named letter of its values */
function keys(
  { pair: { here }, by, scope, bucketCount, buckets }: KeyedRequest,
  from: string,
  named: "v" | "t" | "h",
  { settled, columns }: { readonly settled: boolean; readonly columns: readonly string[] },
): string {
  const { key, values } = keyedColumns(here, by);
  const [k, l] = keyHashes(key);
  const where = [
    notExpired(
      null,
      settled ? { ...scope, moment: { ...scope.moment, now: scope.moment.now + EXPIRING } } : scope,
    ),
    ...settled ? [`${unsettled(scope)} = 0`] : [],
    ...buckets === "all" ? [] : [`toInt64(${k} % ${bucketCount}) IN (${buckets.map(String).join(", ")})`],
  ];
  const apart = columns.map((column) => column.replace(/^.* AS /, ""));
  const all = [
    `${k} AS _chsync_k`,
    `${l} AS _chsync_l`,
    ...columns,
    ...named === "h" ? ["toUInt8(1) AS _chsync_seen"] : [],
    ...values.map((value, at) => `${comparable(value, together(value))} AS _chsync_${named}${at}`),
  ];
  return `SELECT ${all.join(", ")} FROM ${from} WHERE ${where.join(" AND ")} ` +
    `GROUP BY ${["_chsync_k", "_chsync_l", ...apart].join(", ")}`;
}
