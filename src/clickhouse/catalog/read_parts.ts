/** What one server says of the parts of its tables. */
import type { Partition, PartitionPageRequest, Partitions, TableSummary } from "../../model/partition.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { askTogether } from "../http/asked_together.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, text } from "../http/decode.ts";
import * as parts from "./parts.ts";

export async function readSummaries(connection: Connection): Promise<Map<string, TableSummary>> {
  const read = () => connection.rows<parts.SummaryRow>(parts.SUMMARIES);
  const first = await read();
  // One that shows no part may just have got its first row.
  const rows = first.some(({ unseen }) => unseen === 1) ? await read() : first;
  const named = (row: parts.SummaryRow) => tableName({ database: row.database, name: row.table });
  return decoded(
    connection.site,
    () => new Map(rows.map((row) => [named(row), parts.decodeSummary(row)])),
  );
}

/** The names of the Buffer tables, of these, in which rows wait. */
export async function readHoldingRows(
  connection: Connection,
  ids: readonly TableId[],
): Promise<Set<string>> {
  const rows = await connection.rows<{ database: string; name: string }>(parts.holdingRows(ids));
  return decoded(
    connection.site,
    () =>
      new Set(rows.map(({ database, name }) => tableName({ database: text(database), name: text(name) }))),
  );
}

export async function readPartitions(
  connection: Connection,
  ids: readonly TableId[],
  page: PartitionPageRequest | null,
): Promise<Map<string, Partitions>> {
  const tables = new Map(ids.map((id) => [tableName(id), new Map<string, Partition>()]));
  if (ids.length === 0) return tables;
  const rows = await askTogether<parts.PartitionRow>(connection, parts.partitions(ids, page));
  for (const row of rows) {
    const partition = decoded(connection.site, () => parts.decodePartition(row));
    tables.get(tableName({ database: row.database, name: row.table }))?.set(row.id, partition);
  }
  return tables;
}

export async function readStretchFingerprints(
  connection: Connection,
  id: TableId,
  ends: readonly string[],
): Promise<string[]> {
  const rows = await connection.rows<parts.StretchRow>(parts.stretchFingerprints(id, ends));
  return decoded(connection.site, () => parts.decodeStretches(rows, ends.length + 1));
}
