/** Rules by which rows, or values of a column, expire: as a site wrote them, and as both sites may be asked to apply them. */
import type { DeleteTtl } from "./scope.ts";

export interface WrittenRule {
  /** As its own server prints it. */
  readonly written: DeleteTtl;
  /** Written anew from what is known to be harmless on any server; null: it holds something else. */
  readonly plain: DeleteTtl | null;
  /** What it holds, as in `the function sleep()`; null where it is plain. */
  readonly untaken: string | null;
}

/** Of one table. */
export interface TableRules {
  /** By which rows are deleted. */
  readonly deletes: readonly WrittenRule[];
  /** By which rows are put together (`TTL … GROUP BY`), as if all rows past their time were taken. */
  readonly groups: readonly WrittenRule[];
  /** By which the values of a column turn into its default, by the column's name. */
  readonly columns: ReadonlyMap<string, readonly WrittenRule[]>;
}

/** A rule of one site only, which the other one's server will not be asked to apply. */
export interface UntakenRule {
  readonly site: "here" | "there";
  /** `TTL`, or `TTL of column c`. */
  readonly rule: string;
  readonly holds: string;
}

/** A rule that this site alone has: what it takes here, or will, the active site may go on holding. */
export interface EarlyRule {
  /** As in `UntakenRule`. */
  readonly rule: string;
  readonly takes: DeleteTtl;
  /** What the active site's own rules take is no loss. */
  readonly unless: readonly DeleteTtl[];
}
