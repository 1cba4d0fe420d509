/** Every verb: what an operator tells a ch-sync that runs by itself. `--help`, the man page and the completions list them. */

export interface Verb {
  readonly name: "pause" | "resume" | "check" | "accept" | "reload";
  /** What stands for its arguments; absent: it takes none. */
  readonly value?: string;
  /** As the synopsis shows it, where it has flags of its own. */
  readonly flags?: string;
  readonly help: string;
}

export type VerbName = Verb["name"];

export const VERBS: readonly Verb[] = [
  { name: "pause", flags: "[--for TIME] [--reason TEXT]", help: "repair nothing from now on; checks go on" },
  { name: "resume", help: "repair again" },
  { name: "check", help: "have the daemon check now" },
  {
    name: "accept",
    value: "DB.TABLE[:PARTITION]...",
    help: "have the daemon repair what a guard refused",
  },
  { name: "reload", help: "have the daemon take this configuration, if it is right" },
];

/** `name ARGUMENTS`. */
export function spelledVerb({ name, value }: Verb): string {
  return value === undefined ? name : `${name} ${value}`;
}
