/** Few parts: what is brought into a table must not make it delay or refuse the inserts of those who write to it. */
import type { PartLoad } from "../../model/part_load.ts";
import { roomForParts, tooLargeCopy, tooManyParts } from "../../model/part_load.ts";
import type { Repair } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { spelledFor } from "../dialect/versions.ts";
import { isDenied } from "../http/errors.ts";
import { Disproof } from "./disproof.ts";
import { readPartLoad } from "./part_load.ts";
import { isOrdered, mergeStaging, stopExpiry } from "./staging_statements.ts";
import { counted } from "../../text/readable.ts";

/** Milliseconds that merges get to make room at most, without any that ends, and between two looks. */
const WAIT_MS = 60_000;
const STILL_MS = 5000;
const LOOK_MS = 1000;

/**
 * Merges the staged parts into one where the table would bear no more of them. Not for an engine that merges rows: a part
 * that was merged counts there as one whose rows are merged, and these are not.
 *
 * @returns whether they were merged
 */
export async function mergeWhereTooMany(
  connection: Connection,
  repair: Repair,
  staging: TableId,
  staged: number,
): Promise<boolean> {
  if (staged <= 1 || repair.method === "insert" || isOrdered(repair.pair.here)) return false;
  const { name, here } = repair.pair;
  if (staged <= room(repair, await readPartLoad(connection, here))) return false;
  const expires = here.ttl !== null || here.rules.columns.size > 0;
  try {
    // What expired since the rows were compared is proven like the rest.
    if (expires) await connection.command(stopExpiry(staging));
    await connection.command(mergeStaging(staging, repair.partitionId), {
      long: true,
      settings: { optimize_throw_if_noop: 1, optimize_skip_merged_partitions: 0 },
    });
    return true;
  } catch (error) {
    if (!isDenied(error)) throw error;
    const today = `OPTIMIZE${expires ? ", SYSTEM TTL MERGES" : ""} ON ${staging.database}._chsync_*`;
    const { oldVersion } = connection;
    const right = oldVersion === null ? today : spelledFor(oldVersion, today);
    throw new Disproof(
      `the copy has ${
        counted(staged, "part")
      }, more than ${name} bears: so that ch-sync can merge them first, ` +
        `GRANT ${right} to its user. Nothing was added`,
    );
  }
}

/** Whether the table bears as many parts more, beside those that it has. */
export function bears(repair: Repair, load: PartLoad, added: number): boolean {
  return added <= room(repair, load);
}

/** Those of a table whose parts it bears, with the parts of the ones before them. @param added parts, by partition */
export function borneTogether(
  repairs: readonly Repair[],
  added: (partitionId: string) => number,
  load: PartLoad,
): readonly Repair[] {
  const parts = new Map(load.parts);
  return repairs.filter((repair) => {
    const [id, more] = [repair.partitionId, added(repair.partitionId)];
    if (more === 0 || !bears(repair, { ...load, parts }, more)) return false;
    parts.set(id, (parts.get(id) ?? 0) + more);
    return true;
  });
}

/**
 * Waits until the table bears as many parts more.
 *
 * @throws {Disproof} where merges do not make room in time: nothing was added
 */
export async function waitForRoom(connection: Connection, repair: Repair, added: number): Promise<void> {
  const { name, here } = repair.pair;
  const begun = performance.now();
  let [moved, last] = [begun, ""];
  for (;;) {
    const load = await readPartLoad(connection, here);
    if (added <= room(repair, load)) return;
    const most = room(repair, { ...load, parts: new Map() });
    if (added > most) throw new Disproof(tooLargeCopy(name, added, most, load));
    const [now, parts] = [performance.now(), [...load.parts].join()];
    if (parts !== last) [moved, last] = [now, parts];
    if (now - begun > WAIT_MS || now - moved > STILL_MS) {
      throw new Disproof(tooManyParts(name, repair.partitionId, load));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const room = (repair: Repair, load: PartLoad) =>
  roomForParts(load, repair.partitionId, repair.method === "replace");
