/** What an operator limits a check to. */

/** Which partitions of its tables a check looks at: those that meet every limit. */
export interface Within {
  /**
   * Unix seconds: partitions in which either site holds a row of this time or younger (`from`), and older than this (`to`).
   * Such a partition is looked at as a whole, since it is proven and repaired as one. Null: no limit.
   */
  readonly from: number | null;
  readonly to: number | null;
  /** `partition_id`s; empty: no limit. */
  readonly partitions: readonly string[];
  /** Only what the last check left open. */
  readonly open: boolean;
  /** With `open`: tables that it left open as a whole, or may have; absent: none. */
  readonly openAsWhole?: ReadonlySet<string>;
  /** With `open`: tables from which views fill open ones are looked at too, as the operator named no tables; absent: they are not. */
  readonly sourcesToo?: boolean;
}

export interface CheckScope extends Omit<Within, "openAsWhole" | "sourcesToo"> {
  /** Patterns of `database.table`, those that begin with `!` leave out; empty: all tables. */
  readonly tables: readonly string[];
  /** Every partition is digested, whatever is remembered of it. */
  readonly verify: boolean;
}

/** Whether partitions of a table may be left aside. */
export function isWithinTables({ from, to, partitions, open }: Within): boolean {
  return from !== null || to !== null || partitions.length > 0 || open;
}
