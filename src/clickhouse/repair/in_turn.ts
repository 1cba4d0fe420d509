/** Repairs of one table that go beside each other bring their rows in one after the other, on each server. */
import { type TableId, tableName } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";

/** When the last of those that came before has ended, by table. */
const turns = new WeakMap<Connection, Map<string, Promise<void>>>();

/**
 * A Replicated table may refuse an ATTACH while another one is under way; and what is proven right before it would be older if
 * others went first.
 *
 * @param work begins once all that came before it for this table have ended, well or not
 */
export function inTurn<Result>(
  connection: Connection,
  table: TableId,
  work: () => Promise<Result>,
): Promise<Result> {
  const tables = turns.get(connection) ?? new Map<string, Promise<void>>();
  turns.set(connection, tables);
  const done = (tables.get(tableName(table)) ?? Promise.resolve()).then(work);
  tables.set(tableName(table), done.then(() => {}, () => {}));
  return done;
}
