/** The statements of a repair: fill the staging table, bring it into the table, drop it. */
import type { Repair } from "../../model/repair.ts";
import type { Bucket } from "../../model/scope.ts";
import type { Table, TableId } from "../../model/table.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { ofTable } from "../catalog/parts.ts";
import { allOf, sql } from "../sql/layout.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { fetchesHashes, isNotHere } from "../compare/absent_rows.ts";
import { isFreeOfTwins } from "../compare/row_difference.ts";
import { INSERTED } from "../engines/merging_engine.ts";
import { missingMergedRows } from "../engines/merged_statements.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { inBuckets, inScope, rowHashes } from "../sql/rows_in_scope.ts";
import { repeatedRows } from "./repeated_rows.ts";
import { createStaging } from "./staging_table.ts";

/**
 * Copies what is missing into the staging table: what is here in no part as it is, the rest slice by slice, or by its hashes in one
 * statement, which may be long ({@link LONG_STATEMENT}).
 *
 * @param into what takes the rows, where it is not the staging table of this server
 */
export function fillStaging(
  repair: Repair,
  staging: TableId,
  remote: RemoteAccess,
  into = qualified(staging),
): string[] {
  const { pair: { here, there }, scope, bucketing, absent: whole, partial, partitionId, hashes } = repair;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const insert = `INSERT INTO ${into} (${columns})`;
  if (repair.merged) return [`${insert}\n${missingMergedRows({ ...repair, ...repair.merged }, remote)}`];
  const among = (buckets: readonly Bucket[]) => inBuckets(buckets, bucketing, scope.axis, here.columns);
  const copy = (conditions: readonly string[], end: string | null = null) =>
    sql`
      ${insert}
      SELECT ${columns}
      FROM ${remoteTable(remote, there)}
      WHERE ${allOf([inScope([partitionId], scope), ...conditions])}
      ${end}
    `;
  if (whole === "all") return [copy([], isOrdered(here) ? `ORDER BY ${INSERTED}` : null)];
  if (partial.length === 0) return [copy([among(whole)])];
  // Most of its rows are in buckets that lack some: naming them would spare no reading.
  if (hashes) return [copy([isOneOf(hashes, here)], `LIMIT ${repair.missing.rows + 1n}`)];

  const expected = {
    here: repair.before.rows,
    missing: partial.reduce((sum, { missing }) => sum + missing, 0n),
  };
  const alone = repair.missing.rows - expected.missing;
  return partial.flatMap(({ buckets, missing }, slice) => {
    const request = { pair: repair.pair, partitionIds: [partitionId], scope, bucketing, buckets, expected };
    const notHere = isNotHere(request, remote);
    const besides = slice === 0 ? whole : [];
    // One row more than is presumed disproves it: where both sites wrote everything differently, not all is copied.
    const most = missing + (slice === 0 ? alone : 0n) + 1n;
    const absent = copy(
      [
        among([...besides, ...buckets]),
        // Hashes of the buckets that hold nothing here are not fetched.
        besides.length > 0 && fetchesHashes(remote, expected) ? `(${among(besides)} OR ${notHere})` : notHere,
        ...(repair.besidesTwins ? [isFreeOfTwins(request, remote)] : []),
      ],
      repair.presumed ? `LIMIT ${most}` : null,
    );
    return repair.repeated === 0n ? [absent] : [absent, `${insert}\n${repeatedRows(request, remote)}`];
  });
}

/** Whether a row has one of these hashes. As one text, for a server takes each number of a list for a value of its own; by no table, as those of numbers ask for a right. */
function isOneOf(hashes: BigUint64Array, { columns }: Table): string {
  const hex = literal(new Uint8Array(hashes.buffer).toHex());
  const hash = `reinterpretAsUInt64(unhex(substring(${hex}, 1 + 16 * _chsync_at, 16)))`;
  return sql`
    ${rowHashes(columns).city} IN (
        SELECT arrayJoin(arrayMap(_chsync_at -> ${hash}, range(${hashes.length})))
      )
  `;
}

/** Whether it matters in which order rows come: the first or the last one of a key may be what is kept of it. */
export function isOrdered({ traits }: Table): boolean {
  return traits.mergesRows;
}

/** Parts cannot be moved into a Replicated table: it takes them by ATTACH only. */
export function isReplicated({ engine }: Table): boolean {
  return engine.startsWith("Replicated");
}

/**
 * Adds the parts of the staging table to the table, by hard links. MOVE asks for the right to delete from the staging
 * table alone, where ATTACH asks for it on the table, and leaves nothing behind that could be added twice.
 */
function addStaging({ pair: { here }, partitionId }: Repair, staging: TableId): string {
  const [table, from, id] = [qualified(here.id), qualified(staging), literal(partitionId)];
  return isReplicated(here)
    ? `ALTER TABLE ${table} ATTACH PARTITION ID ${id} FROM ${from}`
    : `ALTER TABLE ${from} MOVE PARTITION ID ${id} TO TABLE ${table}`;
}

/** Puts the parts of another table of ch-sync in place of what the table holds of the partition, in one step. */
export function replacePartition(table: TableId, partitionId: string, from: TableId): string {
  return `ALTER TABLE ${qualified(table)} REPLACE PARTITION ID ${literal(partitionId)} FROM ${
    qualified(from)
  }`;
}

/** Inserts the staged rows like any others, so that they pass through the views of the table. */
export function insertStaging(repair: Repair, staging: TableId): string {
  const stored = copiedColumns(repair.pair.here.columns);
  const columns = stored.map(({ name }) => identifier(name)).join(", ");
  // Made anew, `MATERIALIZED now()` would be of another time, and perhaps of another partition.
  const asTheyAre = stored.some(({ defaultKind }) => defaultKind === "MATERIALIZED");
  return sql`
    INSERT INTO ${qualified(repair.pair.here.id)} (${columns})
    ${asTheyAre ? "SETTINGS insert_allow_materialized_columns = 1" : null}
    SELECT ${columns}
    FROM ${qualified(staging)}
  `;
}

/** From here on no merge of the staged parts takes what has expired. */
export function stopExpiry(staging: TableId): string {
  return `SYSTEM STOP TTL MERGES ${qualified(staging)}`;
}

/** Puts the staged parts of a partition together into one. */
export function mergeStaging(staging: TableId, partitionId: string): string {
  return `OPTIMIZE TABLE ${qualified(staging)} PARTITION ID ${literal(partitionId)} FINAL`;
}

export function dropStaging(staging: TableId): string {
  return `DROP TABLE IF EXISTS ${qualified(staging)} SYNC`;
}

export function dropPart(staging: TableId, part: string): string {
  return `ALTER TABLE ${qualified(staging)} DROP PART ${literal(part)}`;
}

/** @param partitionId absent: the parts of all partitions */
export function partHashes(id: TableId, partitionId?: string): string {
  const within = partitionId === undefined ? null : `partition_id = ${literal(partitionId)}`;
  return sql`
    SELECT name AS _chsync_part, hash_of_all_files AS _chsync_hash, active AS _chsync_active
    FROM system.parts
    WHERE ${allOf([ofTable(id), within])}
  `;
}

/** What the method of the repair asks for. */
export function bringIn(repair: Repair, staging: TableId): string {
  switch (repair.method) {
    case "attach":
      return addStaging(repair, staging);
    case "replace":
      return replacePartition(repair.pair.here.id, repair.partitionId, staging);
    case "insert":
      return insertStaging(repair, staging);
  }
}

/**
 * All statements of a repair in order, for a plan to show.
 *
 * @param version of an older server; null: of a new one
 * @param into as of `fillStaging`
 */
export function repairStatements(
  repair: Repair,
  staging: TableId,
  remote: RemoteAccess,
  version: string | null,
  into?: string,
): string[] {
  return [
    ...createStaging(repair.pair.here, staging, version),
    ...fillStaging(repair, staging, remote, into),
    bringIn(repair, staging),
    dropStaging(staging),
  ];
}
