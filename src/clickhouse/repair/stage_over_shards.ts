/** Filling the staging tables of all shards of this site: one of them sends each row where it belongs. */
import type { RepairProgress } from "../../check/ports/observer.ts";
import type { Repair } from "../../model/repair.ts";
import type { Table, TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import type { Written } from "../http/follow.ts";
import { EXACT_INSERT, NO_DDL, SPREAD_INSERT } from "../http/statement_settings.ts";
import { inSmallerBlocks, withinMemory } from "../http/within_memory.ts";
import { type Placement, placing } from "../sql/placement.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { dropMade } from "./drop_made.ts";
import { fillStaging, isOrdered } from "./staging_statements.ts";
import { createStaging } from "./staging_table.ts";
import { longEnough, unlessTooLong } from "./told_hashes.ts";

/** Rows of one block: a single thread sends them as fast. */
const FEW = 1_000_000n;

/** The server of a shard, and the table as it is there. */
export interface StagedShard {
  readonly connection: Connection;
  readonly table: Table;
}

export interface StageOverShardsOptions {
  /** The first one copies. */
  readonly shards: readonly StagedShard[];
  readonly repair: Repair;
  readonly remote: RemoteAccess & { readonly own: RemoteAccess };
  readonly placement: Placement;
  /** A name for one more staging table, which has the same one on every shard. */
  readonly nextStaging: () => TableId;
  /** For statements that read the remote site. */
  readonly copyOptions: StatementOptions;
  readonly progress: RepairProgress;
}

/**
 * Where a copy fails, what it still sends may reach a shard after its end: so the next try goes into tables of another name.
 *
 * @param command sends a statement to a shard
 * @returns the staging table's name, and by how much smaller blocks the memory wanted it
 */
export async function stageOverShards(
  options: StageOverShardsOptions,
  command: (connection: Connection, statement: string, options?: StatementOptions) => Promise<void>,
): Promise<{ readonly staging: TableId; readonly step: number }> {
  const { shards, repair, remote, placement, nextStaging, copyOptions, progress } = options;
  const [{ connection }] = shards as readonly [StagedShard];
  // Several threads would write parts in any order, and of few rows each its own.
  const single = isOrdered(repair.pair.here) || repair.missing.rows <= FEW;
  const spread = { ...EXACT_INSERT, ...SPREAD_INSERT, ...(single ? { max_insert_threads: "1" } : {}) };
  const copying = longEnough(repair, {
    ...copyOptions,
    settings: { ...copyOptions.settings, ...spread, ...NO_DDL },
    inText: { ...copyOptions.inText, ...spread },
  });
  return await withinMemory(async (step) => {
    const staging = nextStaging();
    try {
      await allEnded(shards.map(async ({ connection, table }) => {
        for (const statement of createStaging(table, staging, connection.oldVersion)) {
          await command(connection, statement);
        }
      }));
      const slices = fillStaging(repair, staging, remote, placing(remote.own, placement, staging));
      let [before, now] = [{ rows: 0, bytes: 0 }, { rows: 0, bytes: 0 }];
      const onWritten = ({ rows, bytes }: Written) => {
        now = { rows: before.rows + rows, bytes: before.bytes + bytes };
        progress.written(now.rows, now.bytes);
      };
      for (const [copied, slice] of slices.entries()) {
        const copy = () => command(connection, slice, { ...inSmallerBlocks(copying, step), onWritten });
        await unlessTooLong(repair, copy);
        if (slices.length === 1) continue;
        before = now;
        progress.slice(copied + 1, slices.length);
      }
      return { staging, step };
    } catch (error) {
      await dropEverywhere(shards, staging);
      throw error;
    }
  });
}

/** What all of them answer. Where one fails, it throws once the others have ended: what they still do is in nobody's way. */
export async function allEnded<Answer>(work: readonly Promise<Answer>[]): Promise<Answer[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

/** Never throws: the next check drops what is left behind. */
export async function dropEverywhere(
  shards: readonly Pick<StagedShard, "connection">[],
  staging: TableId,
): Promise<void> {
  await Promise.all(shards.map(async ({ connection }) => {
    await dropMade(connection, staging).catch(() => {});
  }));
}
