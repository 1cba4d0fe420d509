/** Rows that a site took and that are in no table yet: they wait in the queue of a Distributed table. */
import { type Finding, finding } from "../../model/report.ts";
import type { DistributedQueue } from "../../model/replication.ts";
import { type Catalog, tableName, type TablePair } from "../../model/table.ts";
import { shorten } from "../../text/readable.ts";
import { isExcluded } from "../tables/select_tables.ts";
import type { Doubt, Side } from "./believe.ts";
import { type Doubts, idOf } from "./looked.ts";

/** A Distributed table of a site. */
export interface Distributed {
  readonly name: string;
  /** The table that it puts its rows into, which need not be at this server; null: it is not known, or is not the same on all shards. */
  readonly target: string | null;
}

/** What is known of the Distributed tables of a site, by those of the server that is read. */
export interface KnownQueues {
  /** Those whose rows count. */
  readonly distributed: readonly Distributed[];
  /** Over which they spread their rows; null: of one of them it is not known. */
  readonly clusters: ReadonlySet<string> | null;
  /** Names of the others: excluded ones, and those for tables that are not compared. */
  readonly uncounted: ReadonlySet<string>;
  /** Names of the tables of that server that are not compared. */
  readonly uncompared: ReadonlySet<string>;
  readonly excludePatterns: readonly string[];
}

/** @param compared names of that site's tables that are compared */
export function knownQueues(
  { others, tables }: Catalog,
  compared: ReadonlySet<string>,
  excludePatterns: readonly string[],
): KnownQueues {
  const uncompared = new Set(tables.keys()).difference(compared);
  const all = [...others].flatMap(([name, { engine, cluster, writesTo: [to, ...more] }]) =>
    engine === "Distributed"
      ? [{ name, target: to && more.length === 0 ? tableName(to) : null, cluster }]
      : []
  );
  const counts = ({ name, target }: Distributed) =>
    !isExcluded(name, excludePatterns) &&
    (target === null || isCounted(target, { uncompared, excludePatterns }));
  const distributed = all.filter(counts);
  const clusters = distributed.flatMap(({ cluster }) => cluster ?? []);
  const uncounted = new Set(all.map(({ name }) => name)).difference(
    new Set(distributed.map(({ name }) => name)),
  );
  return {
    distributed: distributed.map(({ name, target }) => ({ name, target })),
    clusters: clusters.length < distributed.length ? null : new Set(clusters),
    uncounted,
    uncompared,
    excludePatterns,
  };
}

/** A table that is here and not compared is excluded, or told of anyway; one that is not here is at other servers. */
function isCounted(
  target: string,
  { uncompared, excludePatterns }: Pick<KnownQueues, "uncompared" | "excludePatterns">,
): boolean {
  return !uncompared.has(target) && !isExcluded(target, excludePatterns);
}

/**
 * The table that the rows in a queue of any server of the site are for; undefined: they are nobody's business. Null: it is not
 * known.
 *
 * @param told as the server has it that has the queue; null: it does not say
 */
export function targetOf(queue: string, told: string | null, known: KnownQueues): string | null | undefined {
  if (isExcluded(queue, known.excludePatterns)) return undefined;
  if (told !== null) return isCounted(told, known) ? told : undefined;
  const own = known.distributed.find(({ name }) => name === queue);
  if (own) return own.target;
  return known.uncounted.has(queue) ? undefined : null;
}

/** What stands against the table that the rows in a queue are for. */
export interface QueueDoubt extends Doubt {
  readonly queue: string;
  /** As for `targetOf`. */
  readonly told: string | null;
}

/** @param server at which the queues are; null: at the one that is read */
export function queuesAt(
  queues: ReadonlyMap<string, DistributedQueue>,
  side: Side,
  server: string | null,
): QueueDoubt[] {
  return [...queues].map(([queue, waiting]) => ({
    queue,
    told: waiting.target,
    ...queued(queue, waiting, side, server),
  }));
}

/**
 * What queues mean for tables: of the one that rows are for it is said that they are on their way; if it is not known which
 * that is, or if it is not here, it is said of the queue.
 *
 * @param compared names of all tables that a check without limits compares
 */
export function doubtsOfQueues(
  found: readonly QueueDoubt[],
  side: Side,
  pairs: readonly TablePair[],
  known: KnownQueues,
  compared: ReadonlySet<string>,
): Doubts {
  const byId = new Map(pairs.map((pair) => [tableName(idOf(pair, side)), pair.name]));
  const tables = new Map<string, Finding>();
  const others: Finding[] = [];
  for (const { queue, told, cause, detail } of found) {
    const target = targetOf(queue, told, known);
    if (target === undefined) continue;
    const name = target === null ? undefined : byId.get(target);
    if (name === undefined) {
      if (target === null || !compared.has(target)) others.push(finding(queue, null, cause, detail));
    } else if (!tables.has(name)) tables.set(name, finding(name, null, cause, detail));
  }
  return { tables, others };
}

function queued(
  queue: string,
  { files, broken, failedAt, why }: DistributedQueue,
  side: Side,
  server: string | null,
): Doubt {
  const parts = [
    ...(files > 0 ? [`${files} ${files === 1 ? "file waits" : "files wait"}`] : []),
    ...(broken > 0 ? [`${broken} ${broken === 1 ? "is" : "are"} broken, which the server never sends`] : []),
  ];
  const since = failedAt === null
    ? ""
    : ` (the last try failed ${new Date(failedAt * 1000).toISOString()}: ${shorten(why)})`;
  const remedy = broken > 0
    ? "; look at the files in its folder `broken`, insert their rows again, then remove them"
    : files > 0
    ? `; SYSTEM FLUSH DISTRIBUTED ${queue} sends them, or says what stops it`
    : "";
  const where = server === null
    ? side === "active" ? "at the active site" : "here"
    : `at ${server} of ${side === "active" ? "the active" : "this"} site`;
  return {
    cause: side === "active" ? "rows_queued" : "queued_here",
    detail: `rows wait in the queue of ${queue} ${where}, and are in no table yet: ${
      parts.join(", ")
    }${since}${remedy}`,
  };
}
