/** Filling the staging table of a repair: slice by slice, in blocks that fit the memory, in parts that the table bears. */
import type { RepairProgress } from "../../check/ports/observer.ts";
import { expectedParts, roomForParts } from "../../model/part_load.ts";
import type { Repair } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import type { Written } from "../http/follow.ts";
import { EXACT_INSERT, NO_DDL, partsOfRows } from "../http/statement_settings.ts";
import { inSmallerBlocks } from "../http/within_memory.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { copySlice } from "./copy_slice.ts";
import { readPartLoad } from "./part_load.ts";
import { fillStaging, isOrdered } from "./staging_statements.ts";
import { longEnough, unlessTooLong } from "./told_hashes.ts";

export interface StageOptions {
  readonly connection: Connection;
  readonly repair: Repair;
  readonly staging: TableId;
  readonly remote: RemoteAccess;
  /** For statements that read the remote site. */
  readonly copyOptions: StatementOptions;
  readonly progress: RepairProgress;
}

/**
 * Copies what is missing into the staging table, which is empty.
 *
 * @param command sends a statement
 * @returns by how much smaller blocks the memory wanted it, for `inSmallerBlocks()`
 */
export async function stageRows(
  { connection, repair, staging, remote, copyOptions, progress }: StageOptions,
  command: (statement: string, options: StatementOptions) => Promise<void>,
): Promise<number> {
  const slices = fillStaging(repair, staging, remote);
  const options = longEnough(repair, {
    ...copyOptions,
    settings: {
      ...copyOptions.settings,
      ...EXACT_INSERT,
      ...NO_DDL,
      ...await blocksOf(connection, repair, slices.length),
      // Several threads would write parts in any order.
      ...(isOrdered(repair.pair.here) ? { max_insert_threads: "1" } : {}),
    },
  });
  let [before, now] = [{ rows: 0, bytes: 0 }, { rows: 0, bytes: 0 }];
  const onWritten = ({ rows, bytes }: Written) => {
    now = { rows: before.rows + rows, bytes: before.bytes + bytes };
    progress.written(now.rows, now.bytes);
  };
  let step = 0;
  for (const [copied, slice] of slices.entries()) {
    const copy = (step: number) =>
      unlessTooLong(repair, () => command(slice, { ...inSmallerBlocks(options, step), onWritten }));
    step = await copySlice(connection, staging, copy, { from: step, alone: slices.length === 1 });
    if (slices.length === 1) continue;
    before = now;
    progress.slice(copied + 1, slices.length);
  }
  return step;
}

/** Rows that cannot be merged before they are brought in are written in as large parts as it takes. */
async function blocksOf(connection: Connection, repair: Repair, slices: number) {
  const parts = expectedParts(repair.missing.rows, slices);
  if (parts <= 1 || !isOrdered(repair.pair.here)) return {};
  const load = await readPartLoad(connection, repair.pair.here);
  const room = roomForParts(load, repair.partitionId, repair.method === "replace");
  return partsOfRows(Math.ceil(parts / Math.max(1, room)));
}
