/** Feeding rows into a table with views: what the INSERT reaches, and what can be proven of it after a crash. */
import type { Blocks, Feed, FeedOutcome } from "../../model/staging.ts";
import { type Catalog, type TableId, tableName } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { SiteError } from "../http/errors.ts";
import { EXACT_INSERT, NO_DDL } from "../http/statement_settings.ts";
import { insertedBlocks, isRunning, renameStaging, wasFinished } from "./leftover_statements.ts";

/** For the INSERT: its end must be on record in `system.query_log`, where the server keeps one. */
export function feedOptions(name: string): StatementOptions {
  return {
    long: true,
    name,
    unstoppable: true, // torn in two, it would leave rows in the table that are in no view
    settings: {
      ...EXACT_INSERT,
      ...NO_DDL,
      max_insert_threads: "1",
      // A Keeper that is gone for long is for the next check: by default an INSERT waits minutes for it.
      insert_keeper_max_retries: "5",
      log_queries: 1,
      log_queries_min_type: "QUERY_START",
      log_queries_min_query_duration_ms: 0,
      log_queries_probability: 1,
    },
  };
}

/**
 * The tables that rows of a table reach through views, the table itself among them.
 *
 * @returns null where a view is hidden from ch-sync, or where rows reach a table that keeps no parts
 */
export function reachedTables({ tables, others, views }: Catalog, name: string): Set<string> | null {
  const reached = new Set<string>();
  const visit = (name: string): boolean => {
    if (reached.has(name)) return true;
    const table = tables.get(name);
    const other = others.get(name);
    // What is inserted into a Null table goes to its views alone. Block numbers of a replicated table are not its own.
    if (table ? table.engine.startsWith("Replicated") : other?.engine !== "Null") return false;
    if (table) reached.add(name);
    return (table ?? other)!.feeds.every((id) => {
      const view = views.get(tableName(id));
      return view !== undefined && visit(tableName(view.target));
    });
  };
  return visit(name) ? reached : null;
}

/** The blocks of all tables that rows of a table reach; null: they cannot be told. */
export async function blocksBefore(
  connection: Connection,
  catalog: Catalog,
  name: string,
): Promise<Blocks | null> {
  const reached = reachedTables(catalog, name);
  return reached && await readBlocks(connection, [...reached]);
}

async function readBlocks(connection: Connection, names: readonly string[]): Promise<Blocks> {
  const rows = await connection.rows<{ name: string; blocks: string }>(insertedBlocks(names));
  return Object.fromEntries(rows.map(({ name, blocks }) => [name, blocks]));
}

/** Ends the name of a staging table that the INSERT does not know. */
const SEALED = "s";

/**
 * What became of an INSERT whose end was not seen. First the staging table gets another name: from then on the
 * statement, which may still be on its way to the server, cannot begin.
 *
 * @returns `id`: the name that the staging table has now
 */
export async function settleFeed(
  connection: Connection,
  id: TableId,
  feed: Feed,
): Promise<{ readonly outcome: FeedOutcome; readonly id: TableId }> {
  const running = async () => (await connection.rows(isRunning(feed.queryId))).length > 0;
  if (await running()) return { outcome: "running", id };
  const to = { ...id, name: id.name.endsWith(SEALED) ? id.name : id.name + SEALED };
  if (to.name !== id.name) await connection.command(renameStaging(id, to));
  if (await running()) return { outcome: "running", id: to };
  if (await isOnRecord(connection, feed)) return { outcome: "everything", id: to };
  if (feed.before === null) return { outcome: "open", id: to };
  const [names, now] = [Object.keys(feed.before), await readBlocks(connection, Object.keys(feed.before))];
  const unchanged = names.length > 0 && names.every((name) => now[name] === feed.before![name]);
  return { outcome: unchanged ? "nothing" : "open", id: to };
}

async function isOnRecord(connection: Connection, { queryId, since }: Feed): Promise<boolean> {
  // The log is written every few seconds. Without the right to hasten that, a later check finds what this one does not.
  await connection.command("SYSTEM FLUSH LOGS").catch(() => {});
  try {
    return queryId !== "" && (await connection.rows(wasFinished(queryId, since))).length > 0;
  } catch (error) {
    // A server without the log, or one that does not show it, knows nothing.
    if (error instanceof SiteError && (error.code === 60 || error.code === 497)) return false;
    throw error;
  }
}
