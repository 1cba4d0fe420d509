/** What verbs ask of a running daemon. */

export type Request =
  /** Check now. */
  | { readonly verb: "check" }
  /** Check now, and repair what a guard refuses in these tables or partitions. */
  | { readonly verb: "accept"; readonly names: readonly string[] };

export interface Answer {
  /** What the process that asked exits with. */
  readonly code: 0 | 1 | 2 | 3;
  /** For an operator. */
  readonly lines: readonly string[];
}
