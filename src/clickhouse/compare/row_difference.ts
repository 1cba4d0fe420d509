/** The statements that compare rows one by one: level 3, within the buckets that differ. */
import type { BucketDifference } from "../../model/scope.ts";
import { allOf, sql } from "../sql/layout.ts";
import type { DigestRequest } from "./digest_statement.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
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

/** Per bucket: what the active site holds more often than this one, and the other way round. */
export function differenceStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  return sql`
    WITH
      ${withShortfall(request, remote)}
    SELECT
      _chsync_bucket,
      sum(_chsync_missing) AS _chsync_missing_rows,
      sum(_chsync_missing * _chsync_city) AS _chsync_missing_city,
      sum(_chsync_missing * _chsync_xxh) AS _chsync_missing_xxh,
      sum(if(_chsync_here > 0, _chsync_missing, 0)) AS _chsync_repeated_rows,
      sum(_chsync_surplus) AS _chsync_surplus_rows,
      sum(_chsync_surplus * _chsync_city) AS _chsync_surplus_city,
      sum(_chsync_surplus * _chsync_xxh) AS _chsync_surplus_xxh
    FROM _chsync_shortfall
    GROUP BY _chsync_bucket
  `;
}

/**
 * For a WITH clause: `_chsync_shortfall`, every distinct row whose number differs. It has the row's bucket, hashes
 * (`_chsync_city`, `_chsync_xxh`) and event, how often it is here (`_chsync_here`), missing and surplus. Each server
 * counts its own rows first, so that only hashes travel.
 *
 * A name of a WITH clause stands for its subquery wherever it is named, and each time both sites are read: name it once.
 */
export function withShortfall(request: DifferenceRequest, remote: RemoteAccess, withEvent = false): string {
  const { pair: { here, there }, scope, bucketing } = request;
  const { columns } = here;
  const { city, xxh } = rowHashes(columns);
  const event = withEvent ? eventKey(columns, scope.axis) : NONE;
  const counted = (from: string, rows: { readonly here: string; readonly there: string }) =>
    sql`
      SELECT
        ${bucketExpression(bucketing, scope.axis, columns)} AS _chsync_bucket,
        ${city} AS _chsync_city,
        ${xxh} AS _chsync_xxh,
        any(${event}) AS _chsync_key,
        ${rows.there} AS _chsync_rows_there,
        ${rows.here} AS _chsync_rows_here
      FROM ${from}
      WHERE ${compared(request)}
      GROUP BY _chsync_bucket, _chsync_city, _chsync_xxh
    `;
  return sql`
    _chsync_counted AS (
      ${counted(remoteTable(remote, there), { there: "count()", here: NONE })}
      UNION ALL
      ${counted(ownTable(remote, here), { there: NONE, here: "count()" })}
    ),
    _chsync_shortfall AS (
      SELECT
        _chsync_bucket,
        _chsync_city,
        _chsync_xxh,
        any(_chsync_key) AS _chsync_event,
        sum(_chsync_rows_here) AS _chsync_here,
        greatest(sum(_chsync_rows_there), sum(_chsync_rows_here)) - sum(_chsync_rows_here) AS _chsync_missing,
        greatest(sum(_chsync_rows_there), sum(_chsync_rows_here)) - sum(_chsync_rows_there) AS _chsync_surplus
      FROM _chsync_counted
      GROUP BY _chsync_bucket, _chsync_city, _chsync_xxh
      HAVING _chsync_missing > 0 OR _chsync_surplus > 0
    )
  `;
}

/** In place of what is not wanted. */
const NONE = "toUInt64(0)";

/** The rows that are compared, at either site. */
export function compared(
  { pair: { here }, partitionIds, scope, bucketing, buckets }: DifferenceRequest,
): string {
  const only = buckets === "all" ? null : inBuckets(buckets, bucketing, scope.axis, here.columns);
  return allOf([inScope(partitionIds, scope), only]);
}

/**
 * How many missing rows have a twin here: a surplus row of the same event (sorting key and time). Each surplus row
 * is the twin of one missing row at most.
 */
export function twinsStatement(request: DifferenceRequest, remote: RemoteAccess): string {
  return sql`
    WITH
      ${withShortfall(request, remote, true)},
      _chsync_events AS (
        SELECT
          _chsync_bucket,
          sum(_chsync_missing) AS _chsync_missing_rows,
          sum(_chsync_surplus) AS _chsync_surplus_rows,
          sum(_chsync_missing * _chsync_city) AS _chsync_missing_city,
          sum(_chsync_missing * _chsync_xxh) AS _chsync_missing_xxh
        FROM _chsync_shortfall
        GROUP BY _chsync_bucket, _chsync_event
      )
    SELECT
      _chsync_bucket,
      sum(least(_chsync_missing_rows, _chsync_surplus_rows)) AS _chsync_twins,
      sumIf(_chsync_missing_rows, _chsync_surplus_rows = 0) AS _chsync_free_rows,
      sumIf(_chsync_missing_city, _chsync_surplus_rows = 0) AS _chsync_free_city,
      sumIf(_chsync_missing_xxh, _chsync_surplus_rows = 0) AS _chsync_free_xxh
    FROM _chsync_events
    GROUP BY _chsync_bucket
  `;
}

/** Whether this site has no row to itself of the event of a row. */
export function isFreeOfTwins(request: DifferenceRequest, remote: RemoteAccess): string {
  // GLOBAL: without it the subquery would run at the remote site and find other rows there.
  return sql`
    ${eventKey(request.pair.here.columns, request.scope.axis)} GLOBAL NOT IN (
        WITH
          ${withShortfall(request, remote, true)}
        SELECT _chsync_event
        FROM _chsync_shortfall
        WHERE _chsync_surplus > 0
      )
  `;
}

export interface TwinsRow {
  readonly _chsync_bucket: string;
  readonly _chsync_twins: string;
  readonly _chsync_free_rows: string;
  readonly _chsync_free_city: string;
  readonly _chsync_free_xxh: string;
}

export function decodeTwins(row: TwinsRow) {
  return {
    bucket: decodeBucket(row._chsync_bucket),
    twins: BigInt(row._chsync_twins),
    free: {
      rows: BigInt(row._chsync_free_rows),
      city: BigInt(row._chsync_free_city),
      xxh: BigInt(row._chsync_free_xxh),
    },
  };
}

export interface DifferenceRow {
  readonly _chsync_bucket: string;
  readonly _chsync_missing_rows: string;
  readonly _chsync_missing_city: string;
  readonly _chsync_missing_xxh: string;
  readonly _chsync_repeated_rows: string;
  readonly _chsync_surplus_rows: string;
  readonly _chsync_surplus_city: string;
  readonly _chsync_surplus_xxh: string;
}

export function decodeDifference(row: DifferenceRow): BucketDifference {
  return {
    bucket: decodeBucket(row._chsync_bucket),
    missing: {
      rows: BigInt(row._chsync_missing_rows),
      city: BigInt(row._chsync_missing_city),
      xxh: BigInt(row._chsync_missing_xxh),
    },
    repeated: BigInt(row._chsync_repeated_rows),
    surplus: {
      rows: BigInt(row._chsync_surplus_rows),
      city: BigInt(row._chsync_surplus_city),
      xxh: BigInt(row._chsync_surplus_xxh),
    },
  };
}
