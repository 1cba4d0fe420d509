/** Staging tables found at this site: of this check, of an earlier one, or of another ch-sync. */
import { type TableId, tableName } from "./table.ts";

/** Says that a staging table's rows are about to be moved into a partition. */
export interface Claim {
  /** `database.table` that the rows are for. */
  readonly table: string;
  readonly partition: string;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/**
 * Written into a staging table's comment before its rows are fed into a table with views: an INSERT that feeds views
 * is not atomic, so this intent must outlive a crash of ch-sync, and the loss of its state.
 */
export interface Feed extends Claim {
  /** Of the INSERT. */
  readonly queryId: string;
  /** Every table that the INSERT reaches, as it was before; null: some of them cannot be told to be unchanged. */
  readonly before: Blocks | null;
}

/** By `tableName`, a text that stands for all blocks ever inserted into a table: inserts change it, merges do not. */
export type Blocks = Readonly<Record<string, string>>;

export interface StagingTable {
  readonly id: TableId;
  /** Of the check that made it; starts with the installation that ran the check. */
  readonly checkId: string;
  /** Seconds since it was made, or marked. */
  readonly ageSeconds: number;
  /** Whether the server is running a statement of that check. */
  readonly running: boolean;
  /** Set where its rows may have reached the table and only some of its views. */
  readonly feed: Feed | null;
  /** The replica that holds it, where it is not the one that is read; of several shards, the one that does. */
  readonly at?: string;
}

/** Where an operator finds such a table. */
export function placedAt({ id, at }: { readonly id: TableId; readonly at?: string }): string {
  return at === undefined ? tableName(id) : `${tableName(id)} at ${at}`;
}

/**
 * What is known about a feed. `nothing`: no row reached any table, and none will. `everything`: all rows reached all
 * tables. `open`: neither can be proven. `running`: the INSERT has not ended.
 */
export type FeedOutcome = "nothing" | "everything" | "open" | "running";

/** Seconds after which a staging table of another installation, without a statement running, is abandoned. */
const ABANDONED_AFTER = 600;

/**
 * Whether an earlier run left the table behind. What this installation staged is its own, as it holds the lock;
 * another one may be in the midst of a repair. Rows that were being fed to views are evidence: they are settled first.
 */
export function isLeftover({ checkId, ageSeconds, running }: StagingTable, installation: string): boolean {
  return checkId.startsWith(installation) || (ageSeconds > ABANDONED_AFTER && !running);
}

/**
 * The name of a table that marks one partition of several which are repaired together. Each is marked by a table of its own, as
 * a comment names one partition: so whoever looks for marks, an older ch-sync too, sees each of them.
 */
export function markName(staging: string, number: number): string {
  return `${staging}m${number}`;
}

/** Whether it only marks a partition. It goes after the staging table that it is for: until then, rows may come from that. */
export function isMark({ id }: Pick<StagingTable, "id">): boolean {
  return /_\d+m\d+$/.test(id.name);
}
