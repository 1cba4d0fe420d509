/** What verbs ask of a running daemon. */

export type Request =
  /** Check now. */
  | { readonly verb: "check" }
  /** Check now, and repair what a guard refuses in these tables or partitions. */
  | { readonly verb: "accept"; readonly names: readonly string[] }
  /** Run with the settings of this environment from the next check on. */
  | { readonly verb: "reload"; readonly environment: Readonly<Record<string, string>> };

export interface Answer {
  /** What the process that asked exits with. */
  readonly code: 0 | 1 | 2 | 3;
  /** For an operator. */
  readonly lines: readonly string[];
}
