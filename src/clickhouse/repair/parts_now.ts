/** One look at the parts of a table and of what is staged for it: what they are, how many there are, whether they changed. */
import type { Partition } from "../../model/partition.ts";
import type { PartLoad } from "../../model/part_load.ts";
import type { Table, TableId } from "../../model/table.ts";
import {
  decodePartition,
  ofTable,
  OWN_PARTITION,
  PARTITION_COLUMNS,
  type PartitionRow,
} from "../catalog/parts.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import { sql } from "../sql/layout.ts";
import { literal } from "../sql/quoting.ts";
import { uuidOf } from "../sql/table_uuid.ts";
import type { PartHash } from "./part_hashes.ts";
import { readPartLimits } from "./part_load.ts";

export interface PartsNow {
  /** Of the table that has this name now; null: no table has, or neither that nor the staging table has a part. */
  readonly uuid: string | null;
  /** The partition as it is at this site; null: it has no part. */
  readonly partition: Partition | null;
  /** Its parts. */
  readonly here: readonly PartHash[];
  /** The active ones that are staged for it. */
  readonly staged: readonly PartHash[];
  readonly load: PartLoad;
}

/** All of it as it was at one moment. @throws {SiteError} */
export async function readPartsNow(
  connection: Connection,
  table: Table,
  partitionId: string,
  staging: TableId,
): Promise<PartsNow> {
  const [limits, rows] = await Promise.all([
    readPartLimits(connection, table),
    connection.rows<PartsNowRow>(partsNow(table.id, partitionId, staging)),
  ]);
  return decoded(connection.site, () => {
    const ofTable = rows.filter((row) => row._chsync_staged === 0);
    const partition = ofTable.find((row) => row.id === partitionId && Number(row.active_parts) > 0);
    const hashes = (staged: boolean) =>
      rows.filter((row) => (row._chsync_staged === 1) === staged && row.id === partitionId)
        .flatMap(({ parts }) =>
          parts.map(([name, hash, active]) => ({ name, hash, active: active === "1" }))
        );
    return {
      uuid: rows[0]?.table_uuid ?? null,
      partition: partition ? decodePartition(partition) : null,
      here: hashes(false),
      staged: hashes(true).filter(({ active }) => active),
      load: { limits, parts: new Map(ofTable.map(({ id, own_parts }) => [id, Number(own_parts)])) },
    };
  });
}

interface PartsNowRow extends PartitionRow {
  readonly _chsync_staged: number;
  readonly table_uuid: string;
  readonly active_parts: string;
  readonly own_parts: string;
  readonly parts: readonly (readonly [name: string, hash: string, active: string])[];
}

function partsNow(table: TableId, partitionId: string, staging: TableId): string {
  const tables = [table, staging].map((id) => `(${ofTable(id)})`).join(" OR ");
  return sql`
    SELECT
      toUInt8(${ofTable(staging)}) AS _chsync_staged,
      ${uuidOf(table)} AS table_uuid,
      ${PARTITION_COLUMNS},
      countIf(active) AS active_parts,
      countIf(active AND ${OWN_PARTITION}) AS own_parts,
      groupArrayIf([name, hash_of_all_files, toString(active)], partition_id = ${
    literal(partitionId)
  }) AS parts
    FROM system.parts
    WHERE ${tables}
    GROUP BY _chsync_staged, database, table, id
  `;
}
