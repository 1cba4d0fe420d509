/** Tables that replicate themselves from one site to the other, because both sites have one Keeper. */
import type { Partitions } from "../../model/partition.ts";
import type { KeeperLog } from "../../model/replication.ts";
import { finding } from "../../model/report.ts";
import { tableName, type TablePair } from "../../model/table.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import { mayBeSameTable, sameTable } from "./believe.ts";
import type { Sight } from "./sight.ts";
import { type Doubts, isReplicated, type Looked, sightAt } from "./looked.ts";

/** Entries that a log may grow by while two servers are asked side by side. */
const SIDE_BY_SIDE = 1000;

/** Puts it in place of other doubts: replicas of one table lag like any others, and waiting for them is no remedy. */
export async function nameSameTables(
  { here, there }: { readonly here: ReadableSite; readonly there: ReadableSite },
  pairs: readonly TablePair[],
  first: Looked,
  doubts: Doubts,
): Promise<Doubts> {
  const alike = pairs.flatMap((pair) => {
    const [atHere, atThere] = [sightOf(first, pair, "here"), sightOf(first, pair, "active")];
    return atHere && atThere && mayBeSameTable(atHere, atThere) ? [{ pair, atHere, atThere }] : [];
  });
  if (alike.length === 0) return doubts;
  // The first looks may have been taken at different times.
  const ids = alike.map(({ pair }) => pair.there.id);
  const [mines, lows] = await Promise.all([
    here.keeperLogs(alike.map(({ pair }) => pair.here.id)),
    there.keeperLogs(ids),
  ]);
  // Certainly taken after both of these.
  const later = await there.keeperLogs(ids);
  const tables = new Map(doubts.tables);
  for (const { pair, atHere, atThere } of alike) {
    const mine = mines.get(tableName(pair.here.id));
    const [low, high] = [lows, later].map((logs) => logs.get(tableName(pair.there.id)));
    if (lastOf(mine) > lastOf(high) || lastOf(mine) < lastOf(low) - SIDE_BY_SIDE) continue;
    if (callsDead(high, atHere) || callsDead(mine, atThere)) continue;
    if (!shareParts(await here.partitionsOf(pair.here), await there.partitionsOf(pair.there))) continue;
    const { cause, detail } = sameTable(atHere.replica!, atThere.replica!);
    tables.set(pair.name, finding(pair.name, null, cause, detail));
  }
  return { ...doubts, tables };
}

function lastOf(log: KeeperLog | undefined): number {
  return log?.last ?? 0;
}

/** Whether a Keeper has no session of a replica that has one: then it is not that replica's Keeper. */
function callsDead(log: KeeperLog | undefined, { replica }: Sight): boolean {
  return log !== undefined && log.error === "" && !replica!.cutOff && !log.active.includes(replica!.name);
}

/** Logs of two Keepers may be of one length: but only replicas of one table hold the very same parts. */
function shareParts(here: Partitions, there: Partitions): boolean {
  const same = [...here].some(([id, { fingerprint }]) => there.get(id)?.fingerprint === fingerprint);
  return same || here.size + there.size === 0;
}

function sightOf(looked: Looked, pair: TablePair, side: "here" | "active"): Sight | null {
  return isReplicated(pair, side) ? sightAt(looked, pair, side) : null;
}
