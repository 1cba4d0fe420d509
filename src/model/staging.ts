/** Staging tables found at this site: of this check, of an earlier one, or of another ch-sync. */
import type { TableId } from "./table.ts";

/**
 * Written into a staging table's comment before its rows are fed into a table with views: an INSERT that feeds views
 * is not atomic, so this intent must outlive a crash of ch-sync, and the loss of its state (trap 29).
 */
export interface Feed {
  /** `database.table` that the rows were for. */
  readonly table: string;
  readonly partition: string;
  /** ISO 8601 UTC. */
  readonly since: string;
}

export interface StagingTable {
  readonly id: TableId;
  /** Of the check that made it; starts with the installation that ran the check. */
  readonly checkId: string;
  /** Seconds since it was made. */
  readonly ageSeconds: number;
  /** Whether the server is running a statement of that check. */
  readonly running: boolean;
  /** Set where its rows may have reached the table and only some of its views. */
  readonly feed: Feed | null;
}
