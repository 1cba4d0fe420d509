/** What a setting is: everything that the parser, the documentation and the templates know about a variable. */

/** Returns the content of a file, or throws. */
export type ReadFile = (path: string) => string;

/** A value that is not accepted. */
export class RefusedValue {
  /** @param problem continues the variable's name; null: it is not what the setting accepts */
  constructor(readonly problem: string | null = null) {}
}

/** What its author says of a setting; its kind (`seconds`, `choice`, …) adds the rest. */
export interface Spec<Default = string> {
  /** Markdown on one line, without a final period. */
  readonly meaning: string;
  readonly required?: true;
  /** Without one the value is null where nothing is set. */
  readonly default?: Default;
  /** What applies if nothing is set, in words (`the system's`): for a default that depends on something else. */
  readonly otherwise?: string;
  /** What the templates set it to, at each site: for required ones. */
  readonly example?: string | { readonly primary: string; readonly dr: string };
  /** Older names, which stay accepted. */
  readonly aliases?: readonly string[];
}

/** What its kind says of a setting. */
export interface Kind<Value> {
  /** In words, for mistakes: continues `must be`. */
  readonly accepts: string;
  /** @param text as it was set, without spaces around it and not empty */
  readonly parse: (text: string, readFile: ReadFile) => Value | RefusedValue;
  /** Any text is accepted, so there is no need to say what is. */
  readonly anything?: boolean;
  /** Of a number, both included. */
  readonly bounds?: { readonly min: number; readonly max: number };
  /** Never shown. */
  readonly secret?: true;
  /** Whether a refused text can be shown; absent: if there is no `@` in it. */
  readonly harmless?: (text: string) => boolean;
  /** Names a file that only ch-sync should be able to read. */
  readonly secretFile?: true;
  /** Spaces around it are part of it. */
  readonly verbatim?: true;
}

export interface Setting<Value = unknown> extends Omit<Spec, "default">, Kind<Value> {
  /** As an operator would write it; null: none. */
  readonly default: string | null;
}

/** Settings that belong together, in the order of every list of them. */
export interface Section {
  readonly title: string;
  /** Markdown on one line; what holds for all of them. */
  readonly note?: string;
  readonly settings: Readonly<Record<string, Setting>>;
}

/** A setting is null if it is not set, unless it is required or has a default. */
export type Given<S, Value> = S extends { readonly required: true } | { readonly default: unknown } ? Value
  : Value | null;

/** A setting from both halves. */
export function setting<Value, S extends Spec<string | number | boolean>>(
  spec: S,
  kind: Kind<Value>,
): Setting<Given<S, Value>> {
  const { default: value, ...rest }: Spec<string | number | boolean> = spec;
  // `readValues()` makes it null exactly as `Given` says.
  return { ...rest, ...kind as Kind<Given<S, Value>>, default: value === undefined ? null : String(value) };
}

/** `a`, `a or b`, `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
