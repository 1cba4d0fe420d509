/** Replacing rows, which alone of all that ch-sync does takes any away: what goes is kept aside first. */
import type { Repair, Repaired } from "../../model/repair.ts";
import { type TableId, tableName } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { SiteError } from "../http/errors.ts";
import { areActive, type PartHash, readPartHashes } from "./part_hashes.ts";
import { assertFresh, timedLook } from "./fresh_look.ts";
import { Disproof } from "./disproof.ts";
import { keepPartition, restorePartition } from "./kept_statements.ts";
import { dropMade } from "./drop_made.ts";

export interface ReplaceOptions {
  readonly connection: Connection;
  readonly repair: Repair;
  /** Where what is replaced is kept. */
  readonly kept: TableId;
  /** Why nothing may be written, asked right before it is; null: it may. */
  readonly objection: () => Promise<string | null>;
}

/**
 * Keeps aside what was compared, then lets `replace` put other parts in its place. Where it fails and all is as it was,
 * nothing is kept; where that cannot be told, it stays, and the error names it.
 *
 * @param before parts of the partition when it was compared
 * @throws {Disproof} where the partition or the role changed meanwhile; and what `replace` throws
 */
export async function replaceKeeping(
  { connection, repair, kept, objection }: ReplaceOptions,
  before: readonly PartHash[],
  replace: () => Promise<Repaired>,
): Promise<Repaired> {
  const compared = before.filter(({ active }) => active);
  const holds = async (table: TableId) =>
    areActive(await readPartHashes(connection, table, repair.partitionId), compared);
  let begun = false;
  const aside = { table: tableName(kept), restore: restorePartition(repair, kept) };
  try {
    for (const statement of keepPartition(repair, kept, new Date(), connection.oldVersion)) {
      await connection.command(statement, { long: true });
    }
    const changed = await objection();
    if (changed !== null) throw new Disproof(changed);
    // Last, and of both: what came since it was kept would go with what is replaced.
    const isFresh = timedLook();
    const same = await Promise.all([holds(kept), holds(repair.pair.here.id)]);
    if (same.includes(false)) throw new Disproof(CHANGED);
    assertFresh(isFresh);
    begun = true;
    return { ...await replace(), kept: aside };
  } catch (error) {
    const unchanged = !begun || hasEnded(error) && await holds(repair.pair.here.id).catch(() => false);
    if (!unchanged) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Disproof(`${text}; what was here is kept in ${aside.table}: ${aside.restore}`);
    }
    await dropMade(connection, kept).catch(() => {}); // a later check drops it
    throw error;
  }
}

const CHANGED =
  "The partition changed here while it was being kept aside. Nothing was replaced; the next check compares it again";

/** Whether the statement that failed can do nothing any more. */
function hasEnded(error: unknown): boolean {
  return !(error instanceof SiteError) || error.code !== null || error.fate === null ||
    error.fate === "ended";
}
