/** What this site holds of the active one: what would be lost if that were lost. As the state file has it. */

/** What one table lacks, or how far it is known not to. Times are ISO 8601 UTC. */
export interface TableHoldings {
  readonly table: string;
  /** Every row of the active site that is older, and not past a TTL, is here. */
  readonly through: string;
  /** Rows at most that are missing here among those that were compared; all of them are of `from` or later, and before `to`. */
  readonly missing: number;
  readonly from: string | null;
  readonly to: string | null;
}

/** Of the last check of everything. Times are ISO 8601 UTC. */
export interface Holdings {
  /** Younger rows were not compared, in no table. */
  readonly compared_through: string;
  /** Every row of the active site that is older is here, in all tables but the unknown ones; null: there is no other. */
  readonly through: string | null;
  /** The same over all tables as in `TableHoldings`. */
  readonly missing: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Tables that lack rows, or that are known less far than `compared_through`. */
  readonly tables: readonly TableHoldings[];
  /** Tables of which that is not known, and why, in a word or two. */
  readonly unknown: readonly { readonly table: string; readonly why: string }[];
}
