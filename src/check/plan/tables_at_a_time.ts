/** Examining several tables at a time: fewer while a server is busy. */
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Settings } from "../../model/settings.ts";
import { type Distance, isFar, type ServerFacts } from "../../model/site.ts";

/** Tables at a time, by the cores of the smaller server: with fewer, ch-sync waits for the network; with more, nothing is gained. */
const FEWEST = 2;
const MOST = 16;

/** Tables at a time where the other site is far away, at least: while one of them waits, the servers have time for the others. */
const FEWEST_FAR = 8;

/** Small partitions of one table over shards at a time: they share what they ask the servers. */
const PARTITIONS = 4;

/** A server with this many statements for each core counts as busy. */
const STATEMENTS_PER_CORE = 4;

/** Milliseconds for which an answer counts. */
const HOLDS = 5000;

/** Asks for a place beside those who are at work, to be given back; null: there is none now. */
export type Join = () => Promise<Disposable | null>;

/** What may be repaired at a time. */
export interface AtATime {
  /** Tables, and groups of partitions that are repaired together, of one table or of several. */
  readonly workers: number;
  /** Small partitions of one table that are repaired by themselves. */
  readonly partitions: number;
  /** Asked before each but the first. */
  readonly join: Join;
}

type Servers = { readonly [site in "here" | "there"]: Pick<ServerFacts, "cores"> };

export function workersFor(wanted: number | null, { here, there, pingMs }: Servers & Distance): number {
  const fewest = isFar({ pingMs }) ? FEWEST_FAR : FEWEST;
  return wanted ?? Math.min(MOST, Math.max(fewest, Math.min(here.cores, there.cores)));
}

/**
 * Whether both servers have room for more; asks them now and then. One whose user may not know has room, one that fails has none.
 *
 * @param own statements of ch-sync's own, which may be waiting for the other site and do not make a server busy
 */
export function roomForMore(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  facts: Servers,
  own: () => number,
): () => Promise<boolean> {
  let answer: Promise<boolean> | null = null;
  let until = 0;
  const ask = async () => {
    const [loadHere, loadThere] = await Promise.all([here.load(), there.load()]);
    return [[loadHere, facts.here] as const, [loadThere, facts.there] as const].every((
      [load, { cores }],
    ) =>
      load === null || (load.delayedInserts === 0 && load.statements - own() < cores * STATEMENTS_PER_CORE)
    );
  };
  return () => {
    if (!answer || performance.now() > until) {
      answer = ask().catch(() => false);
      until = performance.now() + HOLDS;
    }
    return answer;
  };
}

/** Places beside the first worker, for whoever asks, as long as both servers have room. @param most of them at a time */
export function placesBeside(
  ports: Pick<CheckPorts, "here" | "there">,
  facts: Servers,
  most: number,
): Join {
  let taken = 0;
  const hasRoom = roomForMore(ports, facts, () => 1 + taken);
  return async () => {
    if (taken >= most || !await hasRoom() || taken >= most) return null;
    taken++;
    return { [Symbol.dispose]: () => void taken-- };
  };
}

/**
 * How many tables are repaired at a time, and whether the servers have room. One, where copies may not take the whole link, as each
 * would take as much as is allowed; and of several shards, where several small partitions of a table go beside each other instead.
 */
export function repairsAtATime(
  ports: Pick<CheckPorts, "here" | "there">,
  { maxConcurrentTables, maxBytesPerSecond }: Pick<Settings, "maxConcurrentTables" | "maxBytesPerSecond">,
  facts: Servers & Distance,
): AtATime {
  const single = maxBytesPerSecond !== null;
  const shards = ports.here.shards ?? ports.there.shards;
  const workers = single || shards ? 1 : workersFor(maxConcurrentTables, facts);
  const partitions = single || !ports.here.shards
    ? 1
    : Math.min(PARTITIONS, maxConcurrentTables ?? PARTITIONS);
  return { workers, partitions, join: placesBeside(ports, facts, workers * partitions - 1) };
}

/**
 * The results in the order of the items. One worker goes through them; others join as long as they may.
 *
 * @param workers at most at a time
 * @param join asked before each item that is not the first worker's: null ends that worker, until the first one begins another item
 * @throws what `work` throws, once the items that were begun are done
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  workers: number,
  join: Join,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const errors: unknown[] = [];
  const others = new Set<Promise<void>>();
  let next = 0;
  const one = async () => {
    const at = next++;
    try {
      results[at] = await work(items[at]!);
    } catch (error) {
      errors.push(error);
      next = items.length; // nobody begins another one
    }
  };
  const beside = async () => {
    while (next < items.length) {
      using place = await join();
      if (place === null || next >= items.length) return;
      await one();
    }
  };
  const invite = () => {
    while (others.size < Math.min(workers, items.length - next) - 1) {
      const other: Promise<void> = beside().catch((error) => void errors.push(error))
        .finally(() => others.delete(other));
      others.add(other);
    }
  };
  while (next < items.length) {
    invite();
    await one();
  }
  await Promise.all(others);
  if (errors.length > 0) throw errors[0];
  return results;
}
