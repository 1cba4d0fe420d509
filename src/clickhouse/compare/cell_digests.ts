/** Digests by bucket and by cell of one partition: both of one pass over its rows. */
import type { CellDigests, CellRequest } from "../../check/ports/readable_site.ts";
import { CELL_BITS, CELL_SHIFTS, type CellSums } from "../../model/cells.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import { unlessRefused } from "../http/unless_refused.ts";
import { sql } from "../sql/layout.ts";
import { literal, qualified } from "../sql/quoting.ts";
import { bucketExpression, inScope, rowHashes } from "../sql/rows_in_scope.ts";
import { decodeDigest, type DigestRow } from "./digest_statement.ts";

/** ClickHouse's numbers of what a profile bounds: memory, rows and columns of a group or an answer, bytes of an answer. */
const BOUNDED: ReadonlySet<number> = new Set([158, 241, 307, 396]);

/** @returns null: a profile bounds what it takes */
export async function readCellDigests(
  connection: Connection,
  request: CellRequest,
): Promise<CellDigests | null> {
  const { here, there } = request.pair;
  const from = connection.site === "local" ? here : there;
  const answer = connection.rows<CellRow>(cellStatement(request, from.id), { long: true });
  const rows = await unlessRefused(answer, BOUNDED);
  return rows && decoded(connection.site, () => {
    const by = (cells: number) =>
      decodeCells(rows.find(({ _chsync_cells }) => _chsync_cells === cells), request.cells);
    const digests = rows.filter(({ _chsync_cells }) => _chsync_cells === 0).map(decodeDigest);
    return { digests, cells: [by(1), by(2), by(3)] };
  });
}

interface CellRow extends DigestRow {
  /** 0: a bucket; 1 to 3: all cells by one third of the hash. */
  readonly _chsync_cells: number;
  /** By cell, counted from 1; the last ones are left out where they are empty. */
  readonly _chsync_cell_rows: readonly number[];
  readonly _chsync_cell_low: readonly number[];
  readonly _chsync_cell_high: readonly number[];
}

function decodeCells(row: CellRow | undefined, count: number): CellSums {
  const sums = { rows: new Int32Array(count), low: new Uint32Array(count), high: new Uint32Array(count) };
  if (row !== undefined) {
    sums.rows.set(row._chsync_cell_rows.slice(1));
    sums.low.set(row._chsync_cell_low.slice(1));
    sums.high.set(row._chsync_cell_high.slice(1));
  }
  return sums;
}

/** A group is of that one of the four numbers that is not 0: cells are counted from 1. */
function cellStatement({ pair, partitionId, scope, bucketing, cells }: CellRequest, from: TableId): string {
  const { columns } = pair.here;
  const { city, xxh } = rowHashes(columns);
  const names = CELL_SHIFTS.map((_, at) => `_chsync_cell_${at + 1}`);
  const cell = (shift: number) =>
    `toUInt32(1 + bitAnd(bitShiftRight(_chsync_city_of_row, ${shift}), ${CELL_BITS}) % ${cells})`;
  const byCell = (of: string) => `groupArrayInsertAt(0)(${of}, ${names.join(" + ")})`;
  return sql`
    SELECT
      ${literal(partitionId)} AS _chsync_partition,
      toUInt8(multiIf(${names.map((name, at) => `${name} > 0, ${at + 1}`).join(", ")}, 0)) AS _chsync_cells,
      _chsync_bucket,
      sum(_chsync_of_group) AS _chsync_rows,
      sum(_chsync_city_of_group) AS _chsync_city,
      sum(_chsync_xxh_of_group) AS _chsync_xxh,
      ${byCell("toInt32(_chsync_of_group)")} AS _chsync_cell_rows,
      ${byCell("toUInt32(bitAnd(_chsync_city_of_group, 0xffffffff))")} AS _chsync_cell_low,
      ${byCell("toUInt32(bitShiftRight(_chsync_city_of_group, 32))")} AS _chsync_cell_high
    FROM (
      SELECT
        _chsync_bucket,
        ${names.join(", ")},
        count() AS _chsync_of_group,
        sum(_chsync_city_of_row) AS _chsync_city_of_group,
        sum(_chsync_xxh_of_row) AS _chsync_xxh_of_group
      FROM (
        SELECT
          ${bucketExpression(bucketing, scope.axis, columns)} AS _chsync_bucket,
          ${city} AS _chsync_city_of_row,
          ${xxh} AS _chsync_xxh_of_row,
          ${CELL_SHIFTS.map((shift, at) => `${cell(shift)} AS ${names[at]}`).join(", ")}
        FROM ${qualified(from)}
        WHERE ${inScope([partitionId], scope)}
      )
      GROUP BY GROUPING SETS ((_chsync_bucket), ${names.map((name) => `(${name})`).join(", ")})
    )
    GROUP BY _chsync_cells, _chsync_bucket
  `;
}
