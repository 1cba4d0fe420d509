/** Rows that a site took and that are in no table yet: they wait in the queue of a Distributed table. */
import type { DistributedQueue } from "../../model/replication.ts";
import { type Catalog, tableName } from "../../model/table.ts";
import { shorten } from "../../text/readable.ts";
import { isExcluded } from "../tables/select_tables.ts";
import type { Doubt, Side } from "./believe.ts";

/** A Distributed table of a site. */
export interface Distributed {
  readonly name: string;
  /** The table that it puts its rows into, which need not be at this server; null: it is not known. */
  readonly target: string | null;
}

/** Those of a site that matter. @param compared names of that site's tables that are compared */
export function distributedTables(
  { others, tables }: Catalog,
  compared: ReadonlySet<string>,
  excludePatterns: readonly string[],
): Distributed[] {
  return [...others].flatMap(([name, { engine, writesTo }]) => {
    if (engine !== "Distributed" || isExcluded(name, excludePatterns)) return [];
    const [to] = writesTo;
    const target = to ? tableName(to) : null;
    // A table that is here and not compared is excluded, or told of anyway; one that is not here is at other servers.
    return target !== null && tables.has(target) && !compared.has(target) ? [] : [{ name, target }];
  });
}

/** What is known of the Distributed tables of a site, by those of the server that is read. */
export interface KnownQueues {
  readonly distributed: readonly Distributed[];
  /** Names of the others: excluded ones, and those for tables that are not compared. */
  readonly uncounted: ReadonlySet<string>;
  readonly excludePatterns: readonly string[];
}

/** @param counted those of `distributedTables` */
export function uncountedQueues({ others }: Catalog, counted: readonly Distributed[]): Set<string> {
  const names = [...others].flatMap(([name, { engine }]) => engine === "Distributed" ? [name] : []);
  return new Set(names).difference(new Set(counted.map(({ name }) => name)));
}

/**
 * The table that the rows in a queue of any server of the site are for; undefined: they are nobody's business. Null: it is not
 * known, as of a Distributed table that the server which is read does not have.
 */
export function targetOf(
  queue: string,
  { distributed, uncounted, excludePatterns }: KnownQueues,
): string | null | undefined {
  const known = distributed.find(({ name }) => name === queue);
  if (known) return known.target;
  return uncounted.has(queue) || isExcluded(queue, excludePatterns) ? undefined : null;
}

/**
 * What the rows in a queue mean for the table that they are for.
 *
 * @param server at which the queue is; null: at the one that is read
 */
export function queued(
  queue: string,
  { files, broken, failedAt, why }: DistributedQueue,
  side: Side,
  server: string | null = null,
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
    : `at server ${server} of ${side === "active" ? "the active" : "this"} site`;
  return {
    cause: side === "active" ? "rows_queued" : "queued_here",
    detail: `rows wait in the queue of ${queue} ${where}, and are in no table yet: ${
      parts.join(", ")
    }${since}${remedy}`,
  };
}
