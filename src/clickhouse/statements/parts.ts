/** The statements that describe the parts of a site without reading a row of its tables. */
import type { Partition, StoredPart, TableSummary, VisiblePart } from "../../model/partition.ts";
import type { TimeAxis } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import { text } from "../decode.ts";
import { identifier, literal, qualified } from "../quoting.ts";
import { SERVER_DATABASES } from "./server_databases.ts";

/** Level 0: every table, summed up from its active parts. */
export const SUMMARIES = `
SELECT database, table, uniqExactIf(partition_id, NOT startsWith(partition_id, 'patch-')) AS partitions,
  sumIf(rows, NOT startsWith(partition_id, 'patch-')) AS stored_rows, sum(cityHash64(name, hash_of_all_files)) AS fingerprint,
  max(toUnixTimestamp(modification_time)) AS changed_at
FROM system.parts WHERE active AND database NOT IN ${SERVER_DATABASES} GROUP BY database, table`;

export interface SummaryRow {
  readonly database: string;
  readonly table: string;
  readonly partitions: string;
  readonly stored_rows: string;
  readonly fingerprint: string;
  readonly changed_at: number;
}

export function decodeSummary(row: SummaryRow): TableSummary {
  return {
    partitions: Number(row.partitions),
    rows: BigInt(row.stored_rows),
    fingerprint: row.fingerprint,
    changedAt: row.changed_at,
  };
}

/** A page of the partitions of one table, by their ids. */
export interface PageOf {
  readonly after: string;
  readonly limit: number;
}

/**
 * Level 1: every partition of these tables. The parts of a lightweight UPDATE lie in partitions named
 * `patch-<hex>-<id>` and count for the one that they patch (trap 32).
 */
export function partitions(tables: readonly TableId[], page: PageOf | null): string {
  const where = tables.length === 1
    ? ofTable(tables[0]!)
    : `(database, table) IN (${
      tables.map(({ database, name }) => `(${literal(database)}, ${literal(name)})`).join(", ")
    })`;
  return `
SELECT database, table, if(startsWith(partition_id, 'patch-'),
    replaceRegexpOne(partition_id, '^patch-[0-9a-f]*-', ''), partition_id) AS id,
  sumIf(rows, NOT startsWith(partition_id, 'patch-')) AS stored_rows, sum(bytes_on_disk) AS stored_bytes,
  sum(cityHash64(name, hash_of_all_files)) AS fingerprint, max(toUnixTimestamp(modification_time)) AS changed_at,
  max(has_lightweight_delete) AS deletes, max(startsWith(partition_id, 'patch-')) AS patches
FROM system.parts WHERE active AND ${where} GROUP BY database, table, id${
    page === null ? "" : ` HAVING id > ${literal(page.after)} ORDER BY id LIMIT ${page.limit}`
  }`;
}

export interface PartitionRow {
  readonly database: string;
  readonly table: string;
  readonly id: string;
  readonly stored_rows: string;
  readonly stored_bytes: string;
  readonly fingerprint: string;
  readonly changed_at: number;
  readonly deletes: number;
  readonly patches: number;
}

export function decodePartition(row: PartitionRow): Partition {
  return {
    id: text(row.id),
    rows: BigInt(row.stored_rows),
    bytes: BigInt(row.stored_bytes),
    fingerprint: row.fingerprint,
    changedAt: row.changed_at,
    hasLightweightDeletes: row.deletes === 1,
    hasPatches: row.patches === 1,
  };
}

/** The active parts of some partitions, for the proof of visibility. */
export function storedParts(id: TableId, partitionIds: readonly string[]): string {
  return `SELECT partition_id, name, rows AS stored_rows FROM system.parts ` +
    `WHERE active AND ${ofTable(id)} AND partition_id IN (${partitionIds.map(literal).join(", ")})`;
}

export function decodeStoredPart(
  row: { partition_id: string; name: string; stored_rows: string },
): StoredPart {
  return {
    partitionId: text(row.partition_id),
    name: text(row.name),
    rows: BigInt(row.stored_rows),
  };
}

/** What a SELECT sees of each part; ClickHouse answers it from metadata where nothing is hidden. */
export function visibleParts(id: TableId, partitionIds: readonly string[], axis: TimeAxis | null): string {
  const range = axis
    ? ["min", "max"].map((f) => `toString(toInt64(${f}(${identifier(axis.column)})))`)
    : ["NULL", "NULL"];
  return `SELECT _partition_id AS _chsync_partition, _part AS _chsync_part, count() AS _chsync_rows, ` +
    `${range[0]} AS _chsync_from, ${range[1]} AS _chsync_to FROM ${qualified(id)} ` +
    `WHERE _partition_id IN (${
      partitionIds.map(literal).join(", ")
    }) GROUP BY _chsync_partition, _chsync_part ` +
    // Parts store deleted rows too; a row policy hides rows whatever is deleted.
    `SETTINGS apply_deleted_mask = 0`;
}

export interface VisibleRow {
  readonly _chsync_partition: string;
  readonly _chsync_part: string;
  readonly _chsync_rows: string;
  readonly _chsync_from: string | null;
  readonly _chsync_to: string | null;
}

export function decodeVisiblePart(row: VisibleRow): VisiblePart {
  return {
    partitionId: text(row._chsync_partition),
    name: text(row._chsync_part),
    rows: BigInt(row._chsync_rows),
    from: row._chsync_from === null ? null : BigInt(row._chsync_from),
    to: row._chsync_to === null ? null : BigInt(row._chsync_to),
  };
}

function ofTable(id: TableId): string {
  return `database = ${literal(id.database)} AND table = ${literal(id.name)}`;
}

/** Parts as they were inserted, of tables whose partitions know the times of their rows. */
export const ARRIVAL_LAGS = `
SELECT database, table, max(toInt64(modification_time) - toInt64(min_time)) AS lag
FROM system.parts
WHERE level = 0 AND min_time > toDateTime(0) AND modification_time > now() - INTERVAL 7 DAY
  AND database NOT IN ${SERVER_DATABASES}
GROUP BY database, table`;
