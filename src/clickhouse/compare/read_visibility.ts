/** Asking a site what it shows of the parts that it stores. */
import type { ClickHouseSettings } from "@clickhouse/client-web";
import { hiddenRows } from "../../check/compare/hidden_rows.ts";
import type { Partitions, StoredPart, Visibility, VisiblePart } from "../../model/partition.ts";
import type { TimeAxis } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decoded, digits } from "../http/decode.ts";
import { portions } from "../sql/portions.ts";
import * as countRows from "./count_rows.ts";

/**
 * Parts store deleted rows too, so those are counted; a row policy hides rows whatever is deleted. Servers before 23.10 do not know it:
 * there a part with such rows shows fewer than it stores.
 */
const WITH_DELETED: ClickHouseSettings = { apply_deleted_mask: 0 };

/** @param listed the same partitions as they were listed: where each part of then shows all of its rows, one question does */
export async function readVisibility(
  connection: Connection,
  table: TableId,
  partitionIds: readonly string[],
  axis: TimeAxis | null,
  listed: Partitions,
): Promise<Visibility> {
  const seen: { stored: StoredPart[]; visible: VisiblePart[] } = { stored: [], visible: [] };
  const options = { long: true, settings: WITH_DELETED };
  const decode = (rows: readonly countRows.VisibleRow[]) =>
    decoded(connection.site, () => rows.map(countRows.decodeVisiblePart));
  for (const ids of portions(partitionIds)) {
    if (ids.every((id) => listed.get(id)?.partRows !== undefined)) {
      const rows = await connection.rows<countRows.VisibleRow>(
        countRows.visibleParts(table, ids, axis),
        options,
      );
      if (decoded(connection.site, () => showsAll(rows, ids, listed))) {
        const visible = decode(rows);
        seen.stored.push(...visible);
        seen.visible.push(...visible);
        continue;
      }
    }
    const both = await connection.rows<countRows.StoredOrVisibleRow>(
      countRows.storedAndVisible(table, ids, axis),
      options,
    );
    const of = (stored: boolean) => decode(both.filter((row) => (row._chsync_stored === 1) === stored));
    const [stored, visible] = [of(true), of(false)];
    // Whichever of the two was read first: every part that is stored has shown all of its rows.
    if (hiddenRows({ stored, visible }).length === 0) {
      seen.stored.push(...stored);
      seen.visible.push(...visible);
      continue;
    }
    const before = await storedParts(connection, table, ids);
    const shown = decode(
      await connection.rows<countRows.VisibleRow>(countRows.visibleParts(table, ids, axis), options),
    );
    seen.visible.push(...shown);
    // Parts that a merge replaced meanwhile prove nothing.
    const after = new Set((await storedParts(connection, table, ids)).map(({ name }) => name));
    for (const part of before) if (after.has(part.name)) seen.stored.push(part);
  }
  return seen;
}

/** Whether what is seen is all that was stored when the partitions were listed, part by part. */
function showsAll(
  rows: readonly countRows.VisibleRow[],
  ids: readonly string[],
  listed: Partitions,
): boolean {
  const seen = new Map<string, bigint>();
  for (const { _chsync_partition: id, _chsync_part_rows: hash } of rows) {
    seen.set(id, BigInt.asUintN(64, (seen.get(id) ?? 0n) + BigInt(digits(hash))));
  }
  return ids.every((id) => (seen.get(id) ?? 0n) === listed.get(id)!.partRows);
}

async function storedParts(connection: Connection, table: TableId, ids: readonly string[]) {
  type Row = Parameters<typeof countRows.decodeStoredPart>[0];
  const rows = await connection.rows<Row>(countRows.storedParts(table, ids));
  return decoded(connection.site, () => rows.map(countRows.decodeStoredPart));
}
