/** The statement that digests rows by partition and bucket: level 2 of a comparison. */
import type { Bucket, BucketDigest, Bucketing, DigestGrain, RowScope } from "../../model/scope.ts";
import type { Table, TableId } from "../../model/table.ts";
import { text } from "../http/decode.ts";
import { allOf, sql } from "../sql/layout.ts";
import { literal, qualified } from "../sql/quoting.ts";
import {
  bucketExpression,
  copyHash,
  decodeBucket,
  inBuckets,
  inScope,
  rowHashes,
} from "../sql/rows_in_scope.ts";

export interface DigestRequest {
  /** The table, for its columns and their order: the same for both sites. */
  readonly table: Table;
  readonly partitionIds: readonly string[];
  readonly scope: RowScope;
  readonly bucketing: Bucketing;
  /** Only these buckets; `all`: every one. */
  readonly buckets: readonly Bucket[] | "all";
  /** All but `count` and `bucket`, the default, give one digest for each partition, in bucket 0, which is a third faster. */
  readonly grain?: DigestGrain;
}

/**
 * Aliases carry a prefix that no column has: within the statement, an alias takes the place of a column of its name.
 *
 * @param from the table that is read: the request's own, the other site's of the same pair, or a staging table
 */
export function digestStatement(request: DigestRequest, from: TableId): string {
  const { table: { columns }, partitionIds, scope, bucketing, buckets, grain = "bucket" } = request;
  const coarse = grain !== "count" && grain !== "bucket";
  const byBoth = grain === "bucket" || grain === "partition";
  const hashes = rowHashes(columns);
  const [city, xxh] = [grain === "copy" ? copyHash(columns) : hashes.city, hashes.xxh];
  const only = buckets === "all" ? null : inBuckets(buckets, bucketing, scope.axis, columns);
  // Grouping by a number alone is faster than by text and number.
  const single = partitionIds.length === 1;
  const partition = single ? literal(partitionIds[0]!) : "_partition_id";
  const bucket = coarse ? "toInt64(0)" : bucketExpression(bucketing, scope.axis, columns);
  const groups = [...(single ? [] : ["_chsync_partition"]), ...(coarse ? [] : ["_chsync_bucket"])];
  return sql`
    SELECT
      ${partition} AS _chsync_partition,
      ${bucket} AS _chsync_bucket,
      count() AS _chsync_rows,
      ${grain === "count" ? NOTHING : `sum(${city})`} AS _chsync_city,
      ${byBoth ? `sum(${xxh})` : NOTHING} AS _chsync_xxh
    FROM ${qualified(from)}
    WHERE ${allOf([inScope(partitionIds, scope), only])}
    ${groups.length > 0 ? `GROUP BY ${groups.join(", ")}` : "HAVING _chsync_rows > 0"}
  `;
}

/** In place of a sum that is not wanted. */
const NOTHING = "toUInt64(0)";

export interface DigestRow {
  readonly _chsync_partition: string;
  readonly _chsync_bucket: string;
  readonly _chsync_rows: string;
  readonly _chsync_city: string;
  readonly _chsync_xxh: string;
}

export function decodeDigest(row: DigestRow): BucketDigest {
  return {
    partitionId: text(row._chsync_partition),
    bucket: decodeBucket(row._chsync_bucket),
    digest: { rows: BigInt(row._chsync_rows), city: BigInt(row._chsync_city), xxh: BigInt(row._chsync_xxh) },
  };
}
