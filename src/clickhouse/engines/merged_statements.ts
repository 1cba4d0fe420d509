/** The statements that compare what rows come down to once they are merged, whatever the engine. */
import type { MergedDifference, MergedGap } from "../../model/merge_rule.ts";
import type { MergedDigest } from "../../model/scope.ts";
import { decodeDigest, type DigestRow } from "../compare/digest_statement.ts";
import type { Table } from "../../model/table.ts";
import { listed, sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import { ownTable, type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { mergingEngine } from "./engines.ts";
import {
  KEY,
  type MergedPairRequest,
  type MergedRequest,
  type MergingEngine,
  type MissingRows,
} from "./merging_engine.ts";

/** Per bucket of one partition: how many keys, and two sums of what they come down to, all of them and the settled ones. */
export function mergedDigestStatement(request: MergedRequest, from: string): string {
  return sql`
    WITH
      _chsync_keys AS (
        ${engineOf(request.table).mergedRows(request, from)}
      )
    SELECT
      ${literal(request.partitionId)} AS _chsync_partition,
      toInt64(_chsync_key_city % ${request.bucketCount}) AS _chsync_bucket,
      count() AS _chsync_rows,
      sum(tupleElement(_chsync_merged, 1)) AS _chsync_city,
      sum(tupleElement(_chsync_merged, 2)) AS _chsync_xxh,
      countIf(_chsync_young = 0) AS _chsync_settled,
      sumIf(tupleElement(_chsync_merged, 1), _chsync_young = 0) AS _chsync_settled_city,
      sumIf(tupleElement(_chsync_merged, 2), _chsync_young = 0) AS _chsync_settled_xxh
    FROM _chsync_keys
    GROUP BY _chsync_bucket
  `;
}

export interface MergedDigestRow extends DigestRow {
  readonly _chsync_settled: string;
  readonly _chsync_settled_city: string;
  readonly _chsync_settled_xxh: string;
}

export function decodeMergedDigest(row: MergedDigestRow): MergedDigest {
  const [rows, city, xxh] = [row._chsync_settled, row._chsync_settled_city, row._chsync_settled_xxh].map(
    BigInt,
  );
  return { ...decodeDigest(row), settled: { rows: rows!, city: city!, xxh: xxh! } };
}

/** What this site lacks, and what else differs, in one row. */
export function mergedDifferenceStatement(request: MergedPairRequest, remote: RemoteAccess): string {
  return sql`
    WITH
      ${withDifferences(request, remote)}
    SELECT
      toUInt64(sum(_chsync_missing)) AS _chsync_rows,
      sum(_chsync_missing_city) AS _chsync_city,
      sum(_chsync_missing_xxh) AS _chsync_xxh,
      countIf(_chsync_conflict) AS _chsync_conflicting_keys,
      toUInt64(sum(_chsync_unknown)) AS _chsync_unknown_rows,
      countIf(_chsync_surplus) AS _chsync_surplus_keys,
      countIf(_chsync_unsettled) AS _chsync_unsettled_keys,
      ${listed(gaps(missingOf(request.pair.here)))}
    FROM _chsync_differences
  `;
}

/**
 * What the keys that are told of come down to there, less here: those that the missing rows mend, and the others.
 * Sums of hashes are modulo 2^64.
 */
function gaps({ mended }: MissingRows): string[] {
  const told = "(_chsync_missing > 0 OR _chsync_conflict OR _chsync_surplus OR _chsync_unknown > 0)";
  const keys = (which: string) =>
    `toInt64(countIf(_chsync_is_there AND ${which})) - toInt64(countIf(_chsync_is_here AND ${which}))`;
  const gap = (element: 1 | 2, which: string) =>
    `toUInt64(sumIf(tupleElement(_chsync_merged_there, ${element}), ${which}) - ` +
    `sumIf(tupleElement(_chsync_merged_here, ${element}), ${which}))`;
  const [mends, rest] = ["_chsync_missing > 0", `NOT _chsync_missing > 0 AND ${told}`];
  if (mended === null) {
    return [
      `${keys(mends)} AS _chsync_mends_keys`,
      `${gap(1, mends)} AS _chsync_mends_city`,
      `${gap(2, mends)} AS _chsync_mends_xxh`,
      `${keys(rest)} AS _chsync_rest_keys`,
      `${gap(1, rest)} AS _chsync_rest_city`,
      `${gap(2, rest)} AS _chsync_rest_xxh`,
    ];
  }
  // Some rows of a key may be missing and others in doubt: what the missing ones change is told by the engine.
  const [city, xxh] = mended;
  return [
    "toInt64(0) AS _chsync_mends_keys",
    `sum(${city}) AS _chsync_mends_city`,
    `sum(${xxh}) AS _chsync_mends_xxh`,
    "toInt64(0) AS _chsync_rest_keys",
    `toUInt64(${gap(1, told)} - _chsync_mends_city) AS _chsync_rest_city`,
    `toUInt64(${gap(2, told)} - _chsync_mends_xxh) AS _chsync_rest_xxh`,
  ];
}

/** Of some keys that are in conflict, the hashes of the row of either site, where an engine keeps one row of a key. */
export function conflictPairsStatement(
  request: MergedPairRequest,
  most: number,
  remote: RemoteAccess,
): string {
  return sql`
    WITH
      ${withDifferences(request, remote)}
    SELECT
      tupleElement(_chsync_row_there, 1) AS _chsync_city_there,
      tupleElement(_chsync_row_here, 1) AS _chsync_city_here
    FROM _chsync_differences
    WHERE _chsync_conflict
    ORDER BY ${KEY}
    LIMIT ${most}
  `;
}

/** The rows that are missing, as the active site holds them, for an INSERT: the list of columns is the copy's. */
export function missingMergedRows(request: MergedPairRequest, remote: RemoteAccess): string {
  return missingOf(request.pair.here).select(request, remote, withDifferences(request, remote));
}

/**
 * For a WITH clause: `_chsync_differences`, one row for each key on either side. Each server puts its own rows together
 * first, so that only hashes travel. Of keys with a row inside the settle window on either side nothing is told but what
 * they lack from before it: what will come of them is not known yet.
 *
 * A name of a WITH clause stands for its subquery wherever it is named, and each time both sites are read.
 */
function withDifferences(request: MergedPairRequest, remote: RemoteAccess): string {
  const { here, there } = request.pair;
  const { sides, verdicts } = missingOf(here);
  const merged = (from: string) => engineOf(here).mergedRows({ ...request, table: here }, from);
  return sql`
    _chsync_there AS (
      ${merged(remoteTable(remote, there))}
    ),
    _chsync_here AS (
      ${merged(ownTable(remote, here))}
    ),
    _chsync_both AS (
      SELECT *, toUInt8(1) AS _chsync_active
      FROM _chsync_there
      UNION ALL
      SELECT *, toUInt8(0) AS _chsync_active
      FROM _chsync_here
    ),
    _chsync_keys AS (
      SELECT
        ${KEY},
        max(_chsync_young) AS _chsync_unsettled,
        countIf(_chsync_active = 1) > 0 AS _chsync_is_there,
        countIf(_chsync_active = 0) > 0 AS _chsync_is_here,
        anyIf(_chsync_merged, _chsync_active = 1) AS _chsync_merged_there,
        anyIf(_chsync_merged, _chsync_active = 0) AS _chsync_merged_here,
        ${listed(sides)}
      FROM _chsync_both
      GROUP BY ${KEY}
    ),
    _chsync_differences AS (
      SELECT
        *,
        ${listed(verdicts)}
      FROM _chsync_keys
    )
  `;
}

function engineOf({ engine, mergeRule, columns }: Table): MergingEngine {
  const known = mergingEngine(mergeRule, columns);
  if (known === null) {
    throw new Error(`What merges make of the rows of ${engine} is not known; please report this`);
  }
  return known;
}

function missingOf(table: Table): MissingRows {
  const { missing } = engineOf(table);
  if (missing === null) {
    throw new Error(`Which rows of ${table.engine} are missing cannot be told; please report this`);
  }
  return missing;
}

export interface MergedDifferenceRow {
  readonly _chsync_rows: string;
  readonly _chsync_city: string;
  readonly _chsync_xxh: string;
  readonly _chsync_conflicting_keys: string;
  readonly _chsync_unknown_rows: string;
  readonly _chsync_surplus_keys: string;
  readonly _chsync_unsettled_keys: string;
  readonly _chsync_mends_keys: string;
  readonly _chsync_mends_city: string;
  readonly _chsync_mends_xxh: string;
  readonly _chsync_rest_keys: string;
  readonly _chsync_rest_city: string;
  readonly _chsync_rest_xxh: string;
}

export function decodeMergedDifference(row: MergedDifferenceRow): MergedDifference {
  return {
    missing: { rows: BigInt(row._chsync_rows), city: BigInt(row._chsync_city), xxh: BigInt(row._chsync_xxh) },
    conflicts: BigInt(row._chsync_conflicting_keys),
    unknown: BigInt(row._chsync_unknown_rows),
    surplus: BigInt(row._chsync_surplus_keys),
    unsettled: BigInt(row._chsync_unsettled_keys),
    mends: mergedGap(row._chsync_mends_keys, row._chsync_mends_city, row._chsync_mends_xxh),
    rest: mergedGap(row._chsync_rest_keys, row._chsync_rest_city, row._chsync_rest_xxh),
  };
}

function mergedGap(keys: string, city: string, xxh: string): MergedGap {
  return { keys: BigInt(keys), city: BigInt(city), xxh: BigInt(xxh) };
}
