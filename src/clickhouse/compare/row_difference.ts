/** The statements that compare rows one by one: level 3, within the buckets that differ. */
import type { BucketDifference } from "../../model/scope.ts";
import { literal, qualified } from "../sql/quoting.ts";
import type { DigestRequest } from "./digest_statement.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import {
  bucketExpression,
  decodeBucket,
  eventKey,
  inBuckets,
  inScope,
  rowHashes,
} from "../sql/rows_in_scope.ts";
import type { TablePair } from "../../model/table.ts";

export interface DifferenceRequest extends Omit<DigestRequest, "table"> {
  readonly pair: TablePair;
}

/** Per bucket: rows of the active site with hashes that this site lacks. Only hashes travel, to the remote site. */
export function absentRowsStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  const { pair: { here, there }, scope, bucketing, buckets } = request;
  const { city, xxh } = rowHashes(here.columns);
  const only = buckets === "all" ? "" : ` AND ${inBuckets(buckets, bucketing, scope.axis, here.columns)}`;
  const where = `WHERE ${inScope(request.partitionIds, scope)}${only}`;
  // GLOBAL: without it the subquery would run at the remote site and find everything there (trap 3).
  return `SELECT ${literal(request.partitionIds[0] ?? "")} AS _chsync_partition, ` +
    `${bucketExpression(bucketing, scope.axis, here.columns)} AS _chsync_bucket, count() AS _chsync_rows, ` +
    `sum(${city}) AS _chsync_city, sum(${xxh}) AS _chsync_xxh FROM ${remoteTable(remote, there)} ` +
    `${where} AND ${city} GLOBAL NOT IN (SELECT ${city} FROM ${qualified(here.id)} ${where}) ` +
    `GROUP BY _chsync_bucket`;
}

/** Per bucket: what the active site holds more often than this one, and the other way round. */
export function differenceStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  return `SELECT _chsync_b, ` +
    `sum(_chsync_m) AS _chsync_missing, sum(_chsync_m * _chsync_h) AS _chsync_missing_city, ` +
    `sum(_chsync_m * _chsync_x) AS _chsync_missing_xxh, ` +
    `sum(if(_chsync_p > 0, _chsync_m, 0)) AS _chsync_repeated, ` +
    `sum(_chsync_s) AS _chsync_surplus, sum(_chsync_s * _chsync_h) AS _chsync_surplus_city, ` +
    `sum(_chsync_s * _chsync_x) AS _chsync_surplus_xxh ` +
    `FROM (${shortfalls(request, remote)}) GROUP BY _chsync_b`;
}

/**
 * Every distinct row whose number differs: bucket `_chsync_b`, hashes `_chsync_h` and `_chsync_x`, event key
 * `_chsync_k`, how many are here (`_chsync_p`), missing (`_chsync_m`) and surplus (`_chsync_s`). Each server counts
 * its own rows first, so that only hashes travel.
 */
export function shortfalls(request: DifferenceRequest, remote: RemoteAccess, withKey = false): string {
  const { pair: { here, there }, scope, bucketing, buckets } = request;
  const { columns } = here;
  const { city, xxh } = rowHashes(columns);
  const only = buckets === "all" ? "" : ` AND ${inBuckets(buckets, bucketing, scope.axis, columns)}`;
  const where = `WHERE ${inScope(request.partitionIds, scope)}${only}`;
  const key = withKey ? eventKey(columns, scope.axis) : "toUInt64(0)";
  const side = (from: string, here: 0 | 1) =>
    `SELECT ${bucketExpression(bucketing, scope.axis, columns)} AS _chsync_b, ${city} AS _chsync_h, ` +
    `${xxh} AS _chsync_x, any(${key}) AS _chsync_k, ${here ? "toUInt64(0)" : "count()"} AS _chsync_there, ` +
    `${here ? "count()" : "toUInt64(0)"} AS _chsync_here FROM ${from} ${where} ` +
    `GROUP BY _chsync_b, _chsync_h, _chsync_x`;
  return `SELECT _chsync_b, _chsync_h, _chsync_x, any(_chsync_k) AS _chsync_k, sum(_chsync_here) AS _chsync_p, ` +
    `greatest(sum(_chsync_there), sum(_chsync_here)) - sum(_chsync_here) AS _chsync_m, ` +
    `greatest(sum(_chsync_there), sum(_chsync_here)) - sum(_chsync_there) AS _chsync_s ` +
    `FROM (${side(remoteTable(remote, there), 0)} UNION ALL ${side(qualified(here.id), 1)}) ` +
    `GROUP BY _chsync_b, _chsync_h, _chsync_x HAVING _chsync_m > 0 OR _chsync_s > 0`;
}

/**
 * How many missing rows have a twin here: a surplus row of the same event (sorting key and time). Each surplus row
 * is the twin of one missing row at most.
 */
export function twinsStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  return `SELECT sum(least(_chsync_tm, _chsync_ts)) AS _chsync_twins FROM (` +
    `SELECT sum(_chsync_m) AS _chsync_tm, sum(_chsync_s) AS _chsync_ts ` +
    `FROM (${shortfalls(request, remote, true)}) GROUP BY _chsync_b, _chsync_k)`;
}

export interface DifferenceRow {
  readonly _chsync_b: string;
  readonly _chsync_missing: string;
  readonly _chsync_missing_city: string;
  readonly _chsync_missing_xxh: string;
  readonly _chsync_repeated: string;
  readonly _chsync_surplus: string;
  readonly _chsync_surplus_city: string;
  readonly _chsync_surplus_xxh: string;
}

export function decodeDifference(row: DifferenceRow): BucketDifference {
  return {
    bucket: decodeBucket(row._chsync_b),
    missing: {
      rows: BigInt(row._chsync_missing),
      city: BigInt(row._chsync_missing_city),
      xxh: BigInt(row._chsync_missing_xxh),
    },
    repeated: BigInt(row._chsync_repeated),
    surplus: {
      rows: BigInt(row._chsync_surplus),
      city: BigInt(row._chsync_surplus_city),
      xxh: BigInt(row._chsync_surplus_xxh),
    },
  };
}
