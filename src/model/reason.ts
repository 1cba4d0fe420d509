/** The reasons of the contract: why a table or a partition is not simply in sync, and what follows from it. */

/** What ch-sync does about it: repairs it now, at a later check, or never by itself. */
export type Remedy = "repaired" | "later" | "never";

interface Consequence {
  readonly remedy: Remedy;
  /** Whether the check may still be clean; for what is repaired: once it is repaired. */
  readonly clean: boolean;
  /** One line for the report. */
  readonly meaning: string;
}

/** The one table from which it follows whether something is repaired and whether a check with it is clean. */
export const REASONS = {
  missing: { remedy: "repaired", clean: true, meaning: "absent here" },
  partial: { remedy: "repaired", clean: true, meaning: "some rows absent here" },
  new: { remedy: "never", clean: false, meaning: "the table exists on the active site only" },
  surplus: { remedy: "never", clean: true, meaning: "rows that only this site holds" },
  hot: { remedy: "later", clean: true, meaning: "only rows inside the settle window differ" },
  expiring: { remedy: "never", clean: true, meaning: "only rows past their delete TTL differ" },
  unmerged: { remedy: "never", clean: true, meaning: "the same rows, merged at different times" },
  derived: { remedy: "never", clean: true, meaning: "fed by a view from a table that is compared" },
  backfilling: { remedy: "later", clean: false, meaning: "old rows keep arriving here" },
  independent: { remedy: "never", clean: false, meaning: "rows differ on both sites" },
  aggregated: { remedy: "never", clean: false, meaning: "an aggregating engine holds other rows" },
  deleted: { remedy: "never", clean: false, meaning: "rows hidden by lightweight deletes here" },
  mutating: { remedy: "later", clean: false, meaning: "a mutation has not finished" },
  drifted: { remedy: "never", clean: false, meaning: "the table is defined differently on the two sites" },
  shrunk: { remedy: "never", clean: false, meaning: "the active site lost more than half of its rows" },
  recurring: { remedy: "never", clean: false, meaning: "repaired rows went missing again" },
  views: { remedy: "never", clean: false, meaning: "a repair reached the table and not all of its views" },
  unstable: { remedy: "never", clean: false, meaning: "a column reads differently each time" },
  filtered: { remedy: "never", clean: false, meaning: "a policy, limit or filter hides rows from ch-sync" },
  unsupported: { remedy: "never", clean: false, meaning: "cannot be repaired safely" },
  failed: { remedy: "later", clean: false, meaning: "an error" },
} as const satisfies Record<string, Consequence>;

export type Reason = keyof typeof REASONS;
