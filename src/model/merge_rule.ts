/** What an engine does to rows of equal sorting key when it merges parts. */

/** Columns by their names, not quoted. */
export type MergeRule =
  /** Keeps every row. */
  | { readonly kind: "keep" }
  /** Keeps the row of the highest version; of several, or without a version (null), the one inserted last. */
  | { readonly kind: "replace"; readonly version: string | null }
  /**
   * Takes out pairs of rows that are the same but for the sign, 1 and -1. Of what is left of a key one row of each sign
   * stays at most, unless there is a version in the key.
   */
  | { readonly kind: "collapse"; readonly sign: string; readonly versioned: boolean }
  /** Keeps, column by column, the value inserted last that is not NULL. */
  | { readonly kind: "coalesce" }
  /** Adds numbers up: these columns; null: all that are in no key. */
  | { readonly kind: "sum"; readonly columns: readonly string[] | null }
  /** Merges the states of aggregate functions; `again`: what was added to them may be added once more. */
  | { readonly kind: "aggregate"; readonly again: boolean }
  /** Something that ch-sync does not know; `adds`: it adds up what is in some column, or merges states of it. */
  | { readonly kind: "other"; readonly adds?: true };

/** What follows from a rule for whoever compares, judges and repairs rows. */
export interface MergeTraits {
  /** Merges take rows away or change them, so that the same rows may be stored differently at the two sites. */
  readonly mergesRows: boolean;
  /** Of two rows of a key the one inserted last wins, whatever is in it: an old one that comes late would win. */
  readonly lastRowWins: boolean;
  /** Each value of what a key comes down to may be of another row, so that nobody can tell which of them expire when. */
  readonly picksValues: boolean;
  /** What can be told of two sites: which `rows` are missing, whether the `sums` of each key agree, or nothing. */
  readonly tells: "rows" | "sums" | "nothing";
}

/**
 * | rule | merges rows | last row wins | picks values | tells |
 * |---|---|---|---|---|
 * | keep | | | | rows |
 * | replace | yes | without a version | | rows |
 * | collapse | yes | | | rows |
 * | coalesce | yes | yes | yes | rows |
 * | aggregate, of what may be added again | yes | | | rows |
 * | sum, other aggregates | yes | | | sums |
 * | other | yes | | | nothing |
 */
export function traitsOf(rule: MergeRule): MergeTraits {
  switch (rule.kind) {
    case "keep":
      return KEEPS;
    case "replace":
      return { ...MERGES, lastRowWins: rule.version === null };
    case "collapse":
      return MERGES;
    case "coalesce":
      return { ...MERGES, lastRowWins: true, picksValues: true };
    case "aggregate":
      return rule.again ? MERGES : { ...MERGES, tells: "sums" };
    case "sum":
      return { ...MERGES, tells: "sums" };
    case "other":
      return { ...MERGES, tells: "nothing" };
  }
}

const KEEPS: MergeTraits = { mergesRows: false, lastRowWins: false, picksValues: false, tells: "rows" };
const MERGES: MergeTraits = { ...KEEPS, mergesRows: true };

/** Whether what rows of a key come to is added up, so that nobody can tell which are missing: such a partition can be replaced. */
export function addsUp(rule: MergeRule): boolean {
  return traitsOf(rule).tells === "sums" || (rule.kind === "other" && rule.adds === true);
}

/** What is known of a partition as it would read once everything in it were merged. */
export interface MergedDifference {
  /** Rows of the active site that must come here, as they are copied. */
  readonly missing: { readonly rows: bigint; readonly city: bigint; readonly xxh: bigint };
  /** Keys of which either site has a row of the same version with other content. */
  readonly conflicts: bigint;
  /** Rows that may be missing here or surplus: what would tell has been merged away. */
  readonly unknown: bigint;
  /** Keys, or rows, that only this site has, or has newer. */
  readonly surplus: bigint;
  /** Keys with a row inside the settle window, on either side: left out, but for what they lack from before it. */
  readonly unsettled: bigint;
  /** By how much the rows that are missing would change what this site comes down to. */
  readonly mends: MergedGap;
  /** By how much the sites differ in the other keys: of conflicts, unknown and surplus ones. */
  readonly rest: MergedGap;
}

/** What keys of the active site come down to, less what they come down to here: as digests of `mergedDigests` count. */
export interface MergedGap {
  /** Keys; fewer than none where this site has more of them. */
  readonly keys: bigint;
  /** Modulo 2^64. */
  readonly city: bigint;
  readonly xxh: bigint;
}

export const NO_MERGED_GAP: MergedGap = { keys: 0n, city: 0n, xxh: 0n };

export const NO_MERGED_DIFFERENCE: MergedDifference = {
  missing: { rows: 0n, city: 0n, xxh: 0n },
  conflicts: 0n,
  unknown: 0n,
  surplus: 0n,
  unsettled: 0n,
  mends: NO_MERGED_GAP,
  rest: NO_MERGED_GAP,
};
