/** The statements that find what earlier checks left behind. */
import type { Feed, StagingTable } from "../../model/staging.ts";
import type { TableId } from "../../model/table.ts";
import { literal, qualified } from "../quoting.ts";

/** `_chsync_<role>_<check>_<number>`. */
export function stagingName(role: string, checkId: string, number: string): string {
  return `_chsync_${role}_${checkId}_${number}`;
}

/** `ch-sync-<role>-<check>`: starts the `query_id` of every statement of a check. */
export function queryIdPrefix(role: string, checkId: string): string {
  return `ch-sync-${role}-${checkId}`;
}

export function listStaging(role: string): string {
  return `SELECT database, name, comment, toInt64(now()) - toInt64(metadata_modification_time) AS age ` +
    `FROM system.tables WHERE startsWith(name, ${literal(stagingName(role, "", "").slice(0, -1))})`;
}

/** The `query_id` of everything that ch-sync runs for this role. */
export function listRunning(role: string): string {
  return `SELECT query_id FROM system.processes WHERE startsWith(query_id, ${
    literal(queryIdPrefix(role, ""))
  })`;
}

export function killCheck(role: string, checkId: string): string {
  return `KILL QUERY WHERE startsWith(query_id, ${literal(`${queryIdPrefix(role, checkId)}-`)}) SYNC`;
}

/** Marks a staging table before its rows go to a table with views; null: they have arrived. */
export function markFeed(staging: TableId, feed: Feed | null): string {
  return `ALTER TABLE ${qualified(staging)} MODIFY COMMENT ${
    literal(feed === null ? "" : JSON.stringify(feed))
  }`;
}

export interface StagingRow {
  readonly database: string;
  readonly name: string;
  readonly comment: string;
  readonly age: string;
}

export function decodeStaging(row: StagingRow, running: readonly string[], role: string): StagingTable {
  const checkId = row.name.split("_")[3] ?? "";
  return {
    id: { database: row.database, name: row.name },
    checkId,
    ageSeconds: Number(row.age),
    running: running.some((queryId) => queryId.startsWith(`${queryIdPrefix(role, checkId)}-`)),
    feed: row.comment === "" ? null : decodeFeed(row.comment),
  };
}

/** A comment that is no feed was not written by ch-sync; it protects the table all the same. */
function decodeFeed(comment: string): Feed {
  const unknown = { table: "unknown", partition: "unknown", since: "unknown" };
  try {
    const { table, partition, since } = JSON.parse(comment);
    return [table, partition, since].every((text) => typeof text === "string")
      ? { table, partition, since }
      : unknown;
  } catch {
    return unknown;
  }
}
