/** Asks a site how far its replicas follow the others, and what waits in its queues. */
import type { KeeperLog, MayNotLook, ReplicationFacts } from "../../model/replication.ts";
import { type TableId, tableName } from "../../model/table.ts";
import { askTogether } from "../http/asked_together.ts";
import type { Connection } from "../http/connection.ts";
import { decoded } from "../http/decode.ts";
import { isDenied, SiteError } from "../http/errors.ts";
import {
  BROKEN,
  decodeKeeper,
  decodeReplication,
  isAside,
  type KeeperRow,
  keeperStatement,
  type ReplicationRow,
  replicationStatement,
} from "./replication.ts";

/** Tables that one statement names at most: servers bound the length of a statement. */
const NAMED_AT_ONCE = 1000;

export async function readReplication(
  connection: Connection,
  of: { readonly replicated: boolean; readonly distributed: boolean },
): Promise<ReplicationFacts | MayNotLook> {
  try {
    const rows = await askTogether<ReplicationRow>(connection, replicationStatement(of));
    const broken = rows.some(isAside) ? await connection.rows<ReplicationRow>(BROKEN) : [];
    const told = [...rows.filter((row) => !isAside(row)), ...broken];
    return decoded(connection.site, () => decodeReplication(told));
  } catch (error) {
    if (error instanceof SiteError && isDenied(error)) return { denied: error.problem };
    throw error;
  }
}

export async function readKeeperLogs(
  connection: Connection,
  ids: readonly TableId[],
): Promise<Map<string, KeeperLog>> {
  const logs = new Map<string, KeeperLog>();
  for (let at = 0; at < ids.length; at += NAMED_AT_ONCE) {
    const some = ids.slice(at, at + NAMED_AT_ONCE);
    try {
      const rows = await askTogether<KeeperRow>(connection, keeperStatement(some));
      const found = decoded(connection.site, () => decodeKeeper(rows));
      for (const [name, log] of found) logs.set(name, log);
    } catch (error) {
      // An answer that does not come in time says the same of each of them: nobody knows.
      if (!(error instanceof SiteError)) throw error;
      const silent = { last: 0, next: 0, lostParts: 0, error: error.problem, replicas: [], active: [] };
      for (const id of some) logs.set(tableName(id), silent);
    }
  }
  return logs;
}
