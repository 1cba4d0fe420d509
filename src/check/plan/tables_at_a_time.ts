/** Examining several tables at a time: fewer while a server is busy. */
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Settings } from "../../model/settings.ts";
import type { ServerFacts } from "../../model/site.ts";

/** Tables at a time, by the cores of the smaller server: with fewer, ch-sync waits for the network; with more, nothing is gained. */
const FEWEST = 2;
const MOST = 16;

/** A site whose `/ping` takes so many milliseconds is far away: most of the time ch-sync waits for its answers. */
const FAR_MS = 50;
/** Tables at a time then, at least: while one of them waits, the servers have time for the others. */
const FEWEST_FAR = 8;

/** Small partitions of one table over shards at a time: they share what they ask the servers. */
const PARTITIONS = 4;

/** A server with this many statements for each core counts as busy. */
const STATEMENTS_PER_CORE = 4;

/** Milliseconds for which an answer counts. */
const HOLDS = 5000;

/** What may be repaired at a time. */
export interface AtATime {
  /** Tables, and of each of them groups of partitions that are repaired together. */
  readonly workers: number;
  /** Small partitions of one table that are repaired by themselves. */
  readonly partitions: number;
  /** Whether the servers have room for more than one, asked before each. */
  readonly mayJoin: () => Promise<boolean>;
}

/** How far away the other site is. */
export interface Distance {
  /** Milliseconds that its `/ping` took when the check began. */
  readonly pingMs: number;
}

type Servers = { readonly [site in "here" | "there"]: Pick<ServerFacts, "cores"> };

export function workersFor(wanted: number | null, { here, there, pingMs }: Servers & Distance): number {
  const fewest = pingMs < FAR_MS ? FEWEST : FEWEST_FAR;
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
  own: number,
): () => Promise<boolean> {
  let answer: Promise<boolean> | null = null;
  let until = 0;
  const ask = async () => {
    const [loadHere, loadThere] = await Promise.all([here.load(), there.load()]);
    return [[loadHere, facts.here] as const, [loadThere, facts.there] as const].every((
      [load, { cores }],
    ) => load === null || (load.delayedInserts === 0 && load.statements - own < cores * STATEMENTS_PER_CORE));
  };
  return () => {
    if (!answer || performance.now() > until) {
      answer = ask().catch(() => false);
      until = performance.now() + HOLDS;
    }
    return answer;
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
  return { workers, partitions, mayJoin: roomForMore(ports, facts, workers * partitions) };
}

/**
 * The results in the order of the items. One worker goes through them; others join as long as they may.
 *
 * @param workers at most at a time
 * @param mayJoin asked before each item that is not the first worker's: false ends that worker
 * @throws what `work` throws, once the items that were begun are done
 */
export async function sideBySide<Item, Result>(
  items: readonly Item[],
  workers: number,
  mayJoin: () => Promise<boolean>,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (first: boolean): Promise<void> => {
    while (next < items.length && (first || await mayJoin()) && next < items.length) {
      const at = next++;
      try {
        results[at] = await work(items[at]!);
      } catch (error) {
        next = items.length; // nobody begins another one
        throw error;
      }
    }
  };
  const joined = Array.from({ length: Math.min(workers, items.length) }, (_, index) => worker(index === 0));
  for (const result of await Promise.allSettled(joined)) {
    if (result.status === "rejected") throw result.reason;
  }
  return results;
}
