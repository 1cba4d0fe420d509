/** Reading what a SELECT shows of the parts of a table, beside what the server stores. */
import type { StoredPart, Visibility, VisiblePart } from "../../model/partition.ts";
import type { TimeAxis } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import * as countRows from "./count_rows.ts";

/** Partitions that one statement names at most: servers bound the length of a statement. */
const NAMED_AT_ONCE = 1000;

/** @throws {SiteError} */
export async function readVisibility(
  connection: Connection,
  table: TableId,
  partitionIds: readonly string[],
  axis: TimeAxis | null,
): Promise<Visibility> {
  const storedParts = async (ids: readonly string[]): Promise<StoredPart[]> => {
    type Row = Parameters<typeof countRows.decodeStoredPart>[0];
    const rows = await connection.rows<Row>(countRows.storedParts(table, ids));
    return decoded(connection.site, () => rows.map(countRows.decodeStoredPart));
  };
  const seen: { stored: StoredPart[]; visible: VisiblePart[] } = { stored: [], visible: [] };
  for (let at = 0; at < partitionIds.length; at += NAMED_AT_ONCE) {
    const ids = partitionIds.slice(at, at + NAMED_AT_ONCE);
    const before = await storedParts(ids);
    const visible = await connection.rows<countRows.VisibleRow>(countRows.visibleParts(table, ids, axis), {
      long: true,
    });
    // Parts that a merge replaced meanwhile prove nothing.
    const after = new Set((await storedParts(ids)).map(({ name }) => name));
    for (const part of before) if (after.has(part.name)) seen.stored.push(part);
    seen.visible.push(...decoded(connection.site, () => visible.map(countRows.decodeVisiblePart)));
  }
  return seen;
}
