/** The statements that find what earlier checks left behind. */
import type { Claim, Feed, StagingTable } from "../../model/staging.ts";
import type { TableId } from "../../model/table.ts";
import { sql } from "../sql/layout.ts";
import { literal, qualified } from "../sql/quoting.ts";

/** `_chsync_<role>_<check>_<number>`. */
export function stagingName(role: string, checkId: string, number: string): string {
  return `_chsync_${role}_${checkId}_${number}`;
}

/** `ch-sync-<role>-<check>`: starts the `query_id` of every statement of a check. */
export function queryIdPrefix(role: string, checkId: string): string {
  return `ch-sync-${role}-${checkId}`;
}

export function listStaging(role: string): string {
  return sql`
    SELECT database, name, comment, toInt64(now()) - toInt64(metadata_modification_time) AS age
    FROM system.tables
    WHERE startsWith(name, ${literal(stagingName(role, "", "").slice(0, -1))})
  `;
}

/** The `query_id` of everything that ch-sync runs for this role. */
export function listRunning(role: string): string {
  return sql`
    SELECT query_id
    FROM system.processes
    WHERE startsWith(query_id, ${literal(queryIdPrefix(role, ""))})
  `;
}

/** Names the INSERT that feeds rows to views among the statements of its check. */
export function feedName(staging: TableId): string {
  return `feed-${staging.name}`;
}

/** Ends what a check still runs, except what feeds views: that must not be torn. */
export function killCheck(role: string, checkId: string): string {
  const prefix = `${queryIdPrefix(role, checkId)}-`;
  return sql`
    KILL QUERY
    WHERE startsWith(query_id, ${literal(prefix)})
      AND NOT startsWith(query_id, ${literal(`${prefix}local-feed-`)})
    SYNC
  `;
}

/** One row while the server runs the statement. */
export function isRunning(queryId: string): string {
  return `SELECT 1 FROM system.processes WHERE query_id = ${literal(queryId)}`;
}

/** A row once the server has it on record that the statement came to its end, through all views. */
export function wasFinished(queryId: string, since: string): string {
  return sql`
    SELECT 1
    FROM system.query_log
    WHERE type = 'QueryFinish'
      AND query_id = ${literal(queryId)}
      AND event_date >= toDate(parseDateTimeBestEffortOrZero(${literal(since)})) - 1
    LIMIT 1
  `;
}

/**
 * Stands for all blocks that were ever inserted into tables: block numbers grow with each insert, also in another
 * partition, and merges and mutations keep the largest. Tables that do not exist are left out.
 */
export function insertedBlocks(names: readonly string[]): string {
  const list = names.map(literal).join(", ");
  return sql`
    SELECT concat(database, '.', name) AS name, toString(sum(cityHash64(partition_id, last))) AS blocks
    FROM (
      SELECT database, name, partition_id, last
      FROM system.tables AS t
      LEFT JOIN (
        SELECT database, table AS name, partition_id, max(max_block_number) AS last
        FROM system.parts
        WHERE active
        GROUP BY database, name, partition_id
      ) AS p USING (database, name)
      WHERE concat(database, '.', name) IN (${list})
    )
    GROUP BY database, name
  `;
}

/** `attach` goes with rows that arrive all at once or not at all: no evidence is needed of them. */
export type Mark = (Claim & { readonly attach: true }) | Feed;

/** Marks a staging table before its rows are brought in; null: takes the mark away. */
export function markStaging(staging: TableId, mark: Mark | null): string {
  return `ALTER TABLE ${qualified(staging)} MODIFY COMMENT ${
    literal(mark === null ? "" : JSON.stringify(mark))
  }`;
}

/** The marks of all other staging tables, whoever made them. */
export function listMarks(staging: TableId): string {
  return sql`
    SELECT name, comment
    FROM system.tables
    WHERE startsWith(name, '_chsync_')
      AND comment != ''
      AND (database, name) != (${literal(staging.database)}, ${literal(staging.name)})
  `;
}

/** After this no statement that names the old table can begin. */
export function renameStaging(from: TableId, to: TableId): string {
  return `RENAME TABLE ${qualified(from)} TO ${qualified(to)}`;
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
    feed: decodeFeed(row.comment),
  };
}

/** What a mark claims; null: nothing. */
export function decodeClaim(comment: string): Claim | null {
  try {
    const { table, partition, since } = JSON.parse(comment);
    const whole = [table, partition, since].every((text) => typeof text === "string");
    return whole ? { table, partition, since } : null;
  } catch {
    return null;
  }
}

/** A comment that is no mark was not written by ch-sync; it protects the table all the same. */
function decodeFeed(comment: string): Feed | null {
  if (comment === "") return null;
  const claim = decodeClaim(comment);
  if (!claim) return { ...UNKNOWN, queryId: "", before: null };
  const { queryId, before, attach } = JSON.parse(comment);
  return attach === true ? null : { ...claim, queryId: String(queryId ?? ""), before: before ?? null };
}

const UNKNOWN: Claim = { table: "unknown", partition: "unknown", since: "unknown" };
