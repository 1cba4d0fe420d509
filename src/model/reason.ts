/** Reasons: why a table or a partition is not simply in sync, and everything that follows from that. */

/** What ch-sync does about it: repairs it now, at a later check, or never by itself. */
export type Remedy = "repaired" | "later" | "never";

/** What an operator does about it: groups share a colour on the page. */
export type ReasonGroup = "gap" | "refused" | "later" | "known";

interface ReasonEntry {
  readonly remedy: Remedy;
  /** Whether the check may still be clean; for what is repaired: once it is repaired. */
  readonly clean: boolean;
  /** Every settled row of the active site is here all the same: such a comparison can be remembered as a proof. */
  readonly complete: boolean;
  readonly group: ReasonGroup;
  /** On the status page, for people who cannot tell the colours apart. */
  readonly letter: string;
  /** One line, true for every cause of the reason. */
  readonly meaning: string;
  /** What an operator should do, in a message; null: nothing. */
  readonly advice: string | null;
  /** What to do instead, as `--accept` does not pass it; null: `--accept` passes it. */
  readonly instead: string | null;
}

const REFUSED = { remedy: "never", clean: false, complete: false, group: "refused" } as const;
const GAP = { remedy: "repaired", clean: true, complete: false, group: "gap" } as const;
const PUT_OFF = { remedy: "later", clean: false, complete: false, group: "later" } as const;
const KNOWN = { remedy: "never", clean: true, complete: true, group: "known" } as const;

const NOTHING_TO_ACCEPT = "nothing is refused";

/** The gravest first: in this order they are listed, and shown where there is only room for some. */
export const REASONS = {
  failed: {
    ...REFUSED,
    remedy: "later",
    letter: "!",
    meaning: "an error",
    advice: "fix what the log names",
    instead: "fix the error that the report names",
  },
  shrunk: {
    ...REFUSED,
    letter: "K",
    meaning: "the active site lost more than half of its rows",
    advice: "find out what removed the rows at the active site before you rely on either site",
    instead: null,
  },
  recurring: {
    ...REFUSED,
    letter: "R",
    meaning: "repaired rows went missing again",
    advice: "find what removes the repaired rows here",
    instead: null,
  },
  missing: {
    ...GAP,
    letter: "M",
    meaning: "absent here",
    advice: "look at the log, and whether repairs are paused",
    instead: NOTHING_TO_ACCEPT,
  },
  partial: {
    ...GAP,
    letter: "P",
    meaning: "some rows absent here",
    advice: "look at the log, and whether repairs are paused",
    instead: NOTHING_TO_ACCEPT,
  },
  new: {
    ...REFUSED,
    group: "gap",
    letter: "N",
    meaning: "the table exists at the active site only",
    advice: "create the table here, or exclude it",
    instead: "create the table here, or set AUTO_CREATE_TABLES=true",
  },
  independent: {
    ...REFUSED,
    letter: "I",
    meaning: "rows differ at both sites",
    advice: "compare some rows by hand; if they are different events, accept them",
    instead: null,
  },
  views: {
    ...REFUSED,
    letter: "V",
    meaning: "a table and the tables its views fill may not hold the same rows",
    advice: "do what the log says of the table and its views",
    instead: "settle the rows that were kept aside, or drop the partition that the report names",
  },
  drifted: {
    ...REFUSED,
    letter: "D",
    meaning: "the table is defined differently at the two sites",
    advice: "read the statements that --dry-run --sql prints, then run them",
    instead: "make the definitions the same: --dry-run --sql prints the statements if there are any",
  },
  aggregated: {
    ...REFUSED,
    letter: "A",
    meaning: "rows were combined at one site or both, so nobody can tell what is missing",
    advice: "decide which site is right for that partition",
    instead:
      "set REPAIR_AGGREGATES=replace if the active site is right, or rebuild the partition from raw rows",
  },
  deleted: {
    ...REFUSED,
    letter: "X",
    meaning: "rows hidden by lightweight deletes here",
    advice: "delete the rows at both sites, or APPLY DELETED MASK here",
    instead: null,
  },
  unstable: {
    ...REFUSED,
    letter: "Z",
    meaning: "a column reads differently each time",
    advice: "MATERIALIZE the column that --dry-run names",
    instead: "MATERIALIZE the column: --dry-run --sql prints the statement",
  },
  filtered: {
    ...REFUSED,
    letter: "F",
    meaning: "a row policy, limit or filter hides rows from ch-sync",
    advice: "remove the row policy or limit that hides rows from ch-sync's user",
    instead: "remove the row policy or limit that hides rows from ch-sync's user",
  },
  unsupported: {
    ...REFUSED,
    letter: "U",
    meaning: "cannot be repaired safely",
    advice: "do what --dry-run says, or exclude the table",
    instead: "do what the report says, or exclude the table",
  },
  lagging: {
    ...PUT_OFF,
    letter: "L",
    meaning: "a replica that is read may not hold what its site holds",
    advice: "let the replica catch up, or do what the log says of it",
    instead: "let the replica catch up: what it does not hold yet cannot be told from what is missing",
  },
  backfilling: {
    ...PUT_OFF,
    letter: "B",
    meaning: "rows may still be arriving here",
    advice: "wait until the collectors' queues are empty",
    instead: null,
  },
  mutating: {
    ...PUT_OFF,
    letter: "T",
    meaning: "a mutation has not finished",
    advice: "wait for the mutation, or kill it if it is stuck",
    instead: "wait for the mutation, or kill it if it is stuck",
  },
  hot: {
    ...KNOWN,
    remedy: "later",
    letter: "h",
    meaning: "only rows inside the settle window differ",
    advice: null,
    instead: NOTHING_TO_ACCEPT,
  },
  surplus: {
    ...KNOWN,
    letter: "s",
    meaning: "rows that only this site holds",
    advice: null,
    instead: NOTHING_TO_ACCEPT,
  },
  expiring: {
    ...KNOWN,
    letter: "e",
    meaning: "only rows past their delete TTL differ",
    advice: null,
    instead: NOTHING_TO_ACCEPT,
  },
  unmerged: {
    ...KNOWN,
    letter: "u",
    meaning: "the same rows, merged at different times",
    advice: null,
    instead: NOTHING_TO_ACCEPT,
  },
  derived: {
    ...KNOWN,
    complete: false,
    letter: "d",
    meaning: "fed by a view from a table that is compared",
    advice: null,
    instead: NOTHING_TO_ACCEPT,
  },
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof REASONS;

/** The gravest first. */
export const ALL_REASONS = Object.keys(REASONS) as readonly Reason[];

/** Everything that follows from a reason. */
export function consequence(reason: Reason): ReasonEntry {
  return REASONS[reason];
}
