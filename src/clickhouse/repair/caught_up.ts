/** Waiting until this site's replica of a Replicated table holds everything that any replica of it holds. */
import { type Doubt, doubt, mayNotLook } from "../../check/replicas/believe.ts";
import { sightOf } from "../../check/replicas/sight.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { readKeeperLogs, readReplication } from "../catalog/read_replication.ts";
import type { Connection } from "../http/connection.ts";

/** Milliseconds between looks. */
const PAUSES_MS = [50, 200, 500, 1000, 2000, 4000];

export interface CaughtUp {
  /** Why it has not caught up; null: it has. */
  readonly doubt: Doubt | null;
  /** Of the table in Keeper. */
  readonly path: string;
  /** How far its log had come. */
  readonly last: number;
}

/** @param partitionId only what concerns this partition counts */
export async function waitUntilCaughtUp(
  connection: Connection,
  id: TableId,
  partitionId: string,
): Promise<CaughtUp> {
  for (let looks = 0;; looks++) {
    const now = await look(connection, id, partitionId);
    if (now.doubt === null || looks === PAUSES_MS.length) return now;
    await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[looks]));
  }
}

const paths = new WeakMap<Connection, Map<string, string>>();

/** Where the table was in Keeper at the last look of this check; null: there was none. */
export function lastKnownPath(connection: Connection, id: TableId): string | null {
  return paths.get(connection)?.get(tableName(id)) ?? null;
}

async function look(connection: Connection, id: TableId, partitionId: string): Promise<CaughtUp> {
  // The log before the queue: what is pulled in between is in the queue then, and not in neither.
  const log = (await readKeeperLogs(connection, [id])).get(tableName(id)) ?? null;
  const facts = await readReplication(connection, { replicated: true, distributed: false });
  if ("denied" in facts) return { doubt: mayNotLook(facts.denied, "here"), path: "", last: 0 };
  const sight = sightOf(tableName(id), facts, log);
  const known = paths.get(connection) ?? new Map<string, string>();
  if (sight.replica) paths.set(connection, known.set(tableName(id), sight.replica.path));
  return {
    doubt: doubt(sight, sight, "here", partitionId),
    path: sight.replica?.path ?? "",
    last: log?.last ?? 0,
  };
}
