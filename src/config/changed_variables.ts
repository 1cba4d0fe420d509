/** Which settings differ between two environments. */
import type { Environment } from "./read_values.ts";
import { SETTINGS } from "./table/table.ts";
import { unknownVariables } from "./unknown_variables.ts";

/** Variables, by their names alone: values may be secrets. */
export function changedVariables(before: Environment, after: Environment): string[] {
  return SETTINGS.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    .filter((name) => (before[name]?.trim() || "") !== (after[name]?.trim() || ""));
}

/** The variables that are settings, or look as if they were meant to be. */
export function ownVariables(environment: Environment): Record<string, string> {
  const known = new Set<string>(SETTINGS.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, text]) =>
      text !== undefined && (known.has(name) || unknownVariables([name]).length > 0) ? [[name, text]] : []
    ),
  );
}
