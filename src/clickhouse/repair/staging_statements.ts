/** The statements of a repair: make a staging table, fill it, bring it into the table, drop it. */
import type { Repair } from "../../model/repair.ts";
import type { Bucket } from "../../model/scope.ts";
import type { Table, TableId } from "../../model/table.ts";
import { comparedColumns, copiedColumns } from "../sql/canonical_row.ts";
import { parseEngineClause, splitArguments } from "../sql/engine_clause.ts";
import { identifier, literal, qualified } from "../sql/quoting.ts";
import { shortfalls } from "../compare/row_difference.ts";
import { INSERTED } from "../engines/merged_rows.ts";
import { missingMergedRows } from "../engines/merged_difference.ts";
import { type RemoteAccess, remoteTable } from "../sql/remote_table.ts";
import { inBuckets, inScope, rowHashes } from "../sql/rows_in_scope.ts";

/**
 * What the table itself says, or the server for all tables, and a staging table must not follow. No part of it is merged
 * unless ch-sync does it: what is proven is what is attached. It takes any number of parts, blocks and partitions, and its
 * blocks are not the table's: their numbers must not be kept in rows.
 */
const OF_STAGING: Readonly<Record<string, number>> = {
  max_bytes_to_merge_at_max_space_in_pool: 1,
  max_bytes_to_merge_at_min_space_in_pool: 1,
  min_age_to_force_merge_seconds: 0,
  parts_to_delay_insert: 1_000_000_000,
  parts_to_throw_insert: 1_000_000_000,
  inactive_parts_to_delay_insert: 0,
  inactive_parts_to_throw_insert: 0,
  max_parts_in_total: 1_000_000_000,
  max_partitions_to_read: -1,
  max_concurrent_queries: 0,
  non_replicated_deduplication_window: 0,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 0,
  enable_block_number_column: 0,
  enable_block_offset_column: 0,
};

/**
 * Creates an empty table to which and from which parts can be attached, so that keys match to the letter (trap 23).
 * It is a plain MergeTree whatever the table's engine, keeps rows past their TTL, and takes the values of
 * MATERIALIZED columns and rows that violate a constraint as they are (trap 35). The table's comment is left out: that
 * of a staging table marks rows which are being fed to views.
 */
export function createStaging(table: Table, staging: TableId): string[] {
  const create = createLike(table, staging, "");
  const loosen = [
    ...table.columns
      .filter(({ defaultKind }) => defaultKind === "MATERIALIZED")
      .map(({ name }) => `MODIFY COLUMN ${identifier(name)} REMOVE MATERIALIZED`),
    ...constraintNames(table.createQuery).map((name) => `DROP CONSTRAINT IF EXISTS ${name}`),
  ];
  return loosen.length === 0 ? [create] : [create, `ALTER TABLE ${qualified(staging)} ${loosen.join(", ")}`];
}

/** Creates an empty table that takes parts of the table, and keeps them as they are. */
export function createLike(table: Table, id: TableId, comment: string): string {
  const { keys, settings } = parseEngineClause(table.engineFull);
  const kept = splitArguments(settings ?? "").filter((one) => !(one.split(" = ")[0]! in OF_STAGING));
  const own = Object.entries(OF_STAGING).map(([name, value]) => `${name} = ${value}`);
  return `CREATE TABLE ${qualified(id)} AS ${qualified(table.id)} ENGINE = MergeTree ${keys} ` +
    `SETTINGS ${[...kept, ...own].filter(Boolean).join(", ")} COMMENT ${literal(comment)}`;
}

/** Names as quoted in the statement. A CONSTRAINT stands between columns, after a comma; so may the text of a default. */
function constraintNames(createQuery: string): string[] {
  const pattern = /, CONSTRAINT (`(?:[^`\\]|\\.|``)*`|[A-Za-z_][A-Za-z0-9_]*) (?:CHECK|ASSUME) /g;
  return [...createQuery.matchAll(pattern)].map((match) => match[1]!);
}

/** Copies what is missing into the staging table: what is here in no part as it is, the rest slice by slice. */
export function fillStaging(repair: Repair, staging: TableId, remote: RemoteAccess): string[] {
  const { pair: { here, there }, scope, bucketing, absent: whole, partial, partitionId } = repair;
  const columns = copiedColumns(here.columns).map(({ name }) => identifier(name)).join(", ");
  const insert = `INSERT INTO ${qualified(staging)} (${columns})`;
  const copy = `${insert} SELECT ${columns} FROM ${remoteTable(remote, there)}`;
  if (repair.merged) return [`${insert} ${missingMergedRows({ ...repair, ...repair.merged }, remote)}`];
  const where = inScope([partitionId], scope);
  if (whole === "all") return [`${copy} WHERE ${where}${inOrder(here)}`];

  const among = (buckets: readonly Bucket[]) => inBuckets(buckets, bucketing, scope.axis, here.columns);
  const wanted = (buckets: readonly Bucket[]) => `${copy} WHERE ${where} AND ${among(buckets)}`;
  if (partial.length === 0) return [wanted(whole)];

  const { city, xxh } = rowHashes(here.columns);
  const alone = repair.missing.rows - partial.reduce((sum, { missing }) => sum + missing, 0n);
  return partial.flatMap(({ buckets, missing }, slice) => {
    const rows = `FROM ${qualified(here.id)} WHERE ${where} AND ${among(buckets)}`;
    // GLOBAL: without it the subquery would run at the remote site and find everything there (trap 3).
    const absent =
      `${
        wanted(slice === 0 ? [...whole, ...buckets] : buckets)
      } AND ${city} GLOBAL NOT IN (SELECT ${city} ${rows})` +
      // One row more than is presumed disproves it: where both sites wrote everything differently, not all is copied.
      (repair.presumed ? ` LIMIT ${missing + (slice === 0 ? alone : 0n) + 1n}` : "");
    if (repair.repeated === 0n) return [absent];
    // These rows are here already, only fewer times: no need to fetch them.
    const request = { pair: repair.pair, partitionIds: [partitionId], scope, bucketing, buckets };
    return [
      absent,
      `${insert} SELECT ${columns} FROM (SELECT ${columns}, ${city} AS _chsync_h, ${xxh} AS _chsync_x ${rows} ` +
      `LIMIT 1 BY _chsync_h, _chsync_x) AS _chsync_one ` +
      `INNER JOIN (SELECT _chsync_h, _chsync_x, range(_chsync_m) AS _chsync_times ` +
      `FROM (${
        shortfalls(request, remote)
      }) WHERE _chsync_p > 0) AS _chsync_need USING (_chsync_h, _chsync_x) ` +
      `ARRAY JOIN _chsync_times`,
    ];
  });
}

/** Whether it matters in which order rows come: the first or the last one of a key may be what is kept of it. */
export function isOrdered({ mergeRule }: Table): boolean {
  return mergeRule.kind !== "keep";
}

function inOrder(table: Table): string {
  return isOrdered(table) ? ` ORDER BY ${INSERTED}` : "";
}

/** Whether parts can be moved into the table. A Replicated one takes them by ATTACH only. */
export function takesMoves({ engine }: Table): boolean {
  return !engine.startsWith("Replicated");
}

/**
 * Adds the parts of the staging table to the table, by hard links. MOVE asks for the right to delete from the staging
 * table alone, where ATTACH asks for it on the table, and leaves nothing behind that could be added twice.
 */
function addStaging({ pair: { here }, partitionId }: Repair, staging: TableId): string {
  const [table, from, id] = [qualified(here.id), qualified(staging), literal(partitionId)];
  return takesMoves(here)
    ? `ALTER TABLE ${from} MOVE PARTITION ID ${id} TO TABLE ${table}`
    : `ALTER TABLE ${table} ATTACH PARTITION ID ${id} FROM ${from}`;
}

/** Puts the parts of another table of ch-sync in place of what the table holds of the partition, in one step. */
export function replacePartition(table: TableId, partitionId: string, from: TableId): string {
  return `ALTER TABLE ${qualified(table)} REPLACE PARTITION ID ${literal(partitionId)} FROM ${
    qualified(from)
  }`;
}

/**
 * Inserts the staged rows like any others, so that they pass through the views of the table.
 *
 * @param parts only the rows of these parts of the staging table; absent: all
 */
export function insertStaging(repair: Repair, staging: TableId, parts?: readonly string[]): string {
  const columns = comparedColumns(repair.pair.here.columns).map(({ name }) => identifier(name)).join(", ");
  const only = parts ? ` WHERE _part IN (${parts.map(literal).join(", ")})` : "";
  return `INSERT INTO ${qualified(repair.pair.here.id)} (${columns}) SELECT ${columns} FROM ${
    qualified(staging)
  }${only}`;
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
  return "SELECT name AS _chsync_part, hash_of_all_files AS _chsync_hash, active AS _chsync_active " +
    `FROM system.parts WHERE database = ${literal(id.database)} AND table = ${literal(id.name)} ` +
    (partitionId === undefined ? "" : `AND partition_id = ${literal(partitionId)}`);
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

/** All statements of a repair in order, for a plan to show. */
export function repairStatements(repair: Repair, staging: TableId, remote: RemoteAccess): string[] {
  return [
    ...createStaging(repair.pair.here, staging),
    ...fillStaging(repair, staging, remote),
    bringIn(repair, staging),
    dropStaging(staging),
  ];
}
