/**
 * Every setting: the one table from which the parser, the documentation, the man page and both templates come.
 *
 * A new setting is a row in a section here, a field of `Settings` (src/model/settings.ts) and a line in
 * read_settings.ts that fills it; then `deno task generate`. A rule between several of them stands in rules.ts.
 */
import type { Section, Setting } from "../setting.ts";
import { CHECKS, REPAIRS } from "./checks.ts";
import { ACTIVE, DRILL, SITES, TLS } from "./connections.ts";
import { MESSAGES, STATE_AND_LOG, STATUS_PAGE } from "./operations.ts";

const TABLE = [
  SITES,
  ACTIVE,
  CHECKS,
  REPAIRS,
  MESSAGES,
  STATUS_PAGE,
  TLS,
  STATE_AND_LOG,
  DRILL,
] as const satisfies readonly Section[];

type Rows = typeof TABLE[number]["settings"];
type NameIn<R> = R extends unknown ? keyof R & string : never;
type ValueIn<R, N extends string> = R extends { readonly [Name in N]: Setting<infer Value> } ? Value : never;

/** The variable of a setting. */
export type Name = NameIn<Rows>;

/** What the settings come to, by their variables: numbers in the unit that the meaning tells, null: not set. */
export type Values = { readonly [N in Name]: ValueIn<Rows, N> };

/** In the order of every list of settings. */
export const SECTIONS: readonly Section[] = TABLE;

export interface NamedSetting extends Setting {
  readonly name: Name;
}

/** All settings of all sections, in their order. */
export const SETTINGS: readonly NamedSetting[] = SECTIONS.flatMap(namedSettings);

/** The settings of a section, in its order. */
export function namedSettings({ settings }: Section): NamedSetting[] {
  return Object.entries(settings).map(([name, setting]) => ({ ...setting, name: name as Name }));
}
