/** What a repair replaced: it is kept aside for a while, in case the roles were wrong. */
import type { TableId } from "./table.ts";

/** Where it is, and how it comes back. */
export interface KeptAside {
  /** `database.table`, in the database of the table that was replaced in. */
  readonly table: string;
  /** The statement that puts the rows back in place of those that replaced them. */
  readonly restore: string;
}

/** A table of an earlier check that holds what was replaced. */
export interface KeptTable {
  readonly id: TableId;
  /** Seconds since it was made; null: its comment does not say. */
  readonly ageSeconds: number | null;
  /** The shard that holds it, where the site has several. */
  readonly at?: string;
}
