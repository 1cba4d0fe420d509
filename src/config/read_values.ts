/** From the environment to the values of the settings, or to a mistake for each that has none. */
import type { Mistake } from "./mistake.ts";
import { type ReadFile, RefusedValue, type Setting } from "./setting.ts";
import { type Name, type NamedSetting, SETTINGS, type Values } from "./table/table.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReadValues {
  /** Without those that are wrong; all of them if there are no mistakes. */
  readonly values: Partial<Values>;
  readonly mistakes: readonly Mistake[];
}

/** Reads each setting by itself, or takes its default if it is not set. Set to nothing counts as not set. */
export function readValues(environment: Environment, readFile: ReadFile): ReadValues {
  const values: [Name, unknown][] = [];
  const mistakes: Mistake[] = [];
  for (const setting of SETTINGS) {
    const { variable, text } = findText(environment, setting);
    const doubled = setting.aliases?.find((alias) => differs(environment, setting, alias));
    if (doubled) {
      const problem = `is the old name of ${setting.name}, which is set to something else: keep one of them`;
      mistakes.push(mistakeOf(environment, setting, doubled, problem));
    } else if (text === null && setting.required) {
      mistakes.push({ variable, value: null, problem: `is required: ${setting.accepts}` });
    } else {
      const value = text === null ? null : setting.parse(text, readFile);
      if (value instanceof RefusedValue) {
        mistakes.push(mistakeOf(environment, setting, variable, value.problem));
      } else values.push([setting.name, value]);
    }
  }
  return { values: Object.fromEntries(values) as Partial<Values>, mistakes };
}

/** A mistake with the value as it was set: `***` for a secret and for what may hold one. */
export function mistakeOf(
  environment: Environment,
  setting: Setting,
  variable: string,
  problem: string | null = null,
): Mistake {
  const text = environment[variable]?.trim() || null;
  const harmless = setting.harmless ?? ((text: string) => !text.includes("@"));
  const value = text === null || (!setting.secret && harmless(text)) ? text : "***";
  return { variable, value, problem: problem ?? `must be ${setting.accepts}` };
}

/** The text of a setting by the name that is set, or its default; null: neither. */
function findText(
  environment: Environment,
  setting: NamedSetting,
): { variable: string; text: string | null } {
  for (const variable of [setting.name, ...setting.aliases ?? []]) {
    const text = textOf(environment, setting, variable);
    if (text !== null) return { variable, text };
  }
  return { variable: setting.name, text: setting.default };
}

/** Whether both names are set, and not to the same. */
function differs(environment: Environment, setting: NamedSetting, alias: string): boolean {
  const [text, old] = [setting.name, alias].map((name) => textOf(environment, setting, name));
  return text !== null && old !== null && text !== old;
}

function textOf(environment: Environment, { verbatim }: Setting, variable: string): string | null {
  const text = environment[variable];
  return (verbatim ? text : text?.trim()) || null;
}
