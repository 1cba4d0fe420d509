/** What verbs ask of a running daemon. */

export type Request =
  /** Check now. */
  | { readonly verb: "check" }
  /** Check now, and repair what a guard refuses in these tables or partitions. */
  | { readonly verb: "accept"; readonly names: readonly string[] }
  /** Run with these settings from the next check on. */
  | { readonly verb: "reload"; readonly given: GivenVariables };

/** Variables by where they come from, so that they can be read from there again. Those of the process win. */
export interface GivenVariables {
  readonly process: Readonly<Record<string, string>>;
  readonly file: Readonly<Record<string, string>>;
  /** Of that file. */
  readonly path: string;
  /** Whether it has to be there. */
  readonly needed: boolean;
}

export interface Answer {
  /** What the process that asked exits with. */
  readonly code: 0 | 1 | 2 | 3;
  /** For an operator. */
  readonly lines: readonly string[];
}
