/** The statements that describe the parts of a site without reading a row of its tables. */
import type { Partition, PartitionPageRequest, TableSummary } from "../../model/partition.ts";
import type { TableId } from "../../model/table.ts";
import { digits, text } from "../http/decode.ts";
import { allOf, sql } from "../sql/layout.ts";
import { literal, tuples } from "../sql/quoting.ts";
import { SERVER_DATABASES } from "./catalog_statement.ts";
import { MAY_BE_MERGE_TREE, NOT_LOADED } from "./not_loaded.ts";

/**
 * Level 0: every table, summed up from its active parts. One that has rows and shows no part is told of too: what is not listed would
 * be compared with nothing. That is so of any that was not loaded when the server was started (`lazy_load_tables`), for as long as it runs.
 */
export const SUMMARIES = sql`
  SELECT
    database,
    table,
    uniqExactIf(partition_id, is_part AND NOT startsWith(partition_id, 'patch-')) AS partitions,
    sumIf(part_rows, NOT startsWith(partition_id, 'patch-')) AS stored_rows,
    sum(part_hash) AS fingerprint,
    max(part_changed) AS changed_at,
    toUInt8(max(is_part) = 0) AS unseen
  FROM (
    SELECT
      database,
      table,
      partition_id,
      rows AS part_rows,
      cityHash64(name, hash_of_all_files) AS part_hash,
      toUnixTimestamp(modification_time) AS part_changed,
      1 AS is_part
    FROM system.parts
    WHERE active AND database NOT IN ${SERVER_DATABASES}
    UNION ALL
    SELECT database, name, '', 0, 0, 0, 0
    FROM system.tables
    WHERE database NOT IN ${SERVER_DATABASES}
      AND ${MAY_BE_MERGE_TREE}
      AND (engine = ${literal(NOT_LOADED)} OR total_rows > 0)
  )
  GROUP BY database, table
`;

export interface SummaryRow {
  readonly database: string;
  readonly table: string;
  readonly partitions: string;
  readonly stored_rows: string;
  readonly fingerprint: string;
  readonly changed_at: number;
  readonly unseen: number;
}

export function decodeSummary(row: SummaryRow): TableSummary {
  return {
    partitions: Number(row.partitions),
    rows: BigInt(row.stored_rows),
    fingerprint: row.unseen === 1 ? "" : digits(row.fingerprint),
    changedAt: row.changed_at,
    ...row.unseen === 1 ? { unseen: true } : {},
  };
}

/** Those of these Buffer tables in which rows wait: their bytes are those in memory, where their rows count what is behind them too. */
export function holdingRows(buffers: readonly TableId[]): string {
  const [databases, names] = (["database", "name"] as const).map((column) =>
    [...new Set(buffers.map((id) => literal(id[column])))].join(", ")
  );
  // By single columns the server narrows down what it looks at.
  return sql`
    SELECT database, name
    FROM system.tables
    WHERE database IN (${databases!}) AND name IN (${names!}) AND (database, name) IN (${
    tuples(buffers)
  }) AND total_bytes > 0
  `;
}

/** Of parts that lie in a partition of their own, and not among those of a lightweight UPDATE. */
export const OWN_PARTITION = "NOT startsWith(partition_id, 'patch-')";

/** The parts of a lightweight UPDATE count for the partition that they patch. */
const PARTITION_ID =
  `if(${OWN_PARTITION}, partition_id, replaceRegexpOne(partition_id, '^patch-[0-9a-f]*-', ''))`;

/** Of a part; of one that no mutation has written `data_version` is its lowest block. */
const MUTATION = "if(data_version = min_block_number, 0, data_version)";

/** What is told of a partition, by its active parts, where it is grouped by database, table and id. */
export const PARTITION_COLUMNS = sql`
  database,
  table,
  ${PARTITION_ID} AS id,
  sumIf(rows, active AND ${OWN_PARTITION}) AS stored_rows,
  sumIf(bytes_on_disk, active) AS stored_bytes,
  sumIf(cityHash64(name, hash_of_all_files), active) AS fingerprint,
  cityHash64(
    maxIf(max_block_number, active AND ${OWN_PARTITION}),
    maxIf(${MUTATION}, active AND ${OWN_PARTITION})
  ) AS written,
  maxIf(toUnixTimestamp(modification_time), active AND level = 0 AND ${OWN_PARTITION}) AS inserted_at,
  maxIf(toUnixTimestamp(modification_time), active) AS changed_at,
  maxIf(has_lightweight_delete, active) AS deletes,
  max(active AND NOT ${OWN_PARTITION}) AS patches
`;

/** As `visibleParts` hashes what a SELECT sees of each part. */
const PART_ROWS = `sumIf(cityHash64(name, rows), active AND rows > 0 AND ${OWN_PARTITION}) AS part_rows`;

/**
 * Level 1: every partition of these tables. The parts of a lightweight UPDATE lie in partitions named
 * `patch-<hex>-<id>` and count for the one that they patch, whose own parts stay as they were.
 */
export function partitions(tables: readonly TableId[], page: PartitionPageRequest | null): string {
  const where = tables.length === 1 ? ofTable(tables[0]!) : `(database, table) IN (${tuples(tables)})`;
  return sql`
    SELECT
      ${PARTITION_COLUMNS}${page ? "" : `,\n${PART_ROWS}`}
    FROM system.parts
    WHERE ${allOf(["active", where])}
    GROUP BY database, table, id
    ${
    page &&
    `HAVING id > ${literal(page.after)}${page.upTo === null ? "" : ` AND id <= ${literal(page.upTo)}`}`
  }
    ${page && `ORDER BY id LIMIT ${page.limit}`}
  `;
}

/**
 * Level 1, summed up: the fingerprints of stretches of one table that end with these ids, and of what follows the last.
 *
 * @param ends in their order
 */
export function stretchFingerprints(table: TableId, ends: readonly string[]): string {
  return sql`
    SELECT
      arraySum([${ends.map((end) => `id > ${literal(end)}`).join(", ")}]) AS stretch,
      sum(cityHash64(name, hash_of_all_files)) AS fingerprint
    FROM (
      SELECT
        ${PARTITION_ID} AS id,
        name,
        hash_of_all_files
      FROM system.parts
      WHERE ${allOf(["active", ofTable(table)])}
    )
    GROUP BY stretch
  `;
}

export interface StretchRow {
  readonly stretch: string;
  readonly fingerprint: string;
}

/** Of each stretch; empty: it has no part. */
export function decodeStretches(rows: readonly StretchRow[], stretches: number): string[] {
  const found = new Map(
    rows.map(({ stretch, fingerprint }) => [Number(digits(stretch)), digits(fingerprint)]),
  );
  return Array.from({ length: stretches }, (_, at) => found.get(at) ?? "");
}

export interface PartitionRow {
  readonly database: string;
  readonly table: string;
  readonly id: string;
  readonly stored_rows: string;
  readonly stored_bytes: string;
  readonly fingerprint: string;
  readonly written: string;
  readonly inserted_at: number;
  readonly changed_at: number;
  readonly deletes: number;
  readonly patches: number;
  /** Absent: as many rows are read by pages, for which it would be too much. */
  readonly part_rows?: string;
}

export function decodePartition(row: PartitionRow): Partition {
  return {
    id: text(row.id),
    rows: BigInt(row.stored_rows),
    bytes: BigInt(row.stored_bytes),
    fingerprint: digits(row.fingerprint),
    written: BigInt(digits(row.written)),
    insertedAt: row.inserted_at,
    changedAt: row.changed_at,
    hasLightweightDeletes: row.deletes === 1,
    hasPatches: row.patches === 1,
    ...row.part_rows === undefined ? {} : { partRows: BigInt(digits(row.part_rows)) },
  };
}

export function ofTable(id: TableId): string {
  return `database = ${literal(id.database)} AND table = ${literal(id.name)}`;
}
