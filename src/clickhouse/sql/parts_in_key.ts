/** Parts of columns in a key, such as `t.host` or `json.level`: of the column itself the server then says that it is in none. */
import { QUOTED_NAME, QUOTED_STRING, unquote } from "../../text/quoted.ts";
import { identifier } from "./quoting.ts";

/** A name, a place (`t.1`) or a number. */
const NAME = String.raw`(?:${QUOTED_NAME}|\w+)`;
/** A text, to be passed over; or names joined by dots, the later ones also types (`json.level.:Int64`). */
const PATHS = new RegExp(String.raw`${QUOTED_STRING}|(${NAME}(?:\.:?${NAME})*)`, "g");
const STEPS = new RegExp(`(:?)(${NAME})`, "g");

interface Step {
  /** Unquoted. */
  readonly name: string;
  readonly sql: string;
}

/**
 * SQL of the parts of columns that stand in a key, by the names of the columns. Names are written anew, as a key may be that of the
 * other site.
 *
 * @param key as the server prints it
 */
export function partsInKey(
  key: string,
  columns: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>();
  const longest = [...columns].reduce((most, { length }) => Math.max(most, length), 0);
  for (const { 1: path, 0: found, index } of key.matchAll(PATHS)) {
    // A number, or the name of a function.
    if (path === undefined || /^\d/.test(path) || key[index + found.length] === "(") continue;
    const steps = [...path.matchAll(STEPS)].map(([, type, step]) => stepOf(step!, type!));
    const column = columnOf(steps, columns, longest);
    if (column === null || column.length === steps.length) continue;
    const sql = [identifier(column.name), ...steps.slice(column.length).map(({ sql }) => sql)].join(".");
    const those = parts.get(column.name);
    if (those) those.push(sql);
    else parts.set(column.name, [sql]);
  }
  return parts;
}

/**
 * The column that a path begins with, and in how many steps: the longest one, as parts of a Nested column are columns themselves,
 * with a dot in their names.
 */
function columnOf(steps: readonly Step[], columns: ReadonlySet<string>, longest: number) {
  let found: { readonly name: string; readonly length: number } | null = null;
  let name = "";
  for (const [at, step] of steps.entries()) {
    name = at === 0 ? step.name : `${name}.${step.name}`;
    if (name.length > longest) break;
    if (columns.has(name)) found = { name, length: at + 1 };
  }
  return found;
}

function stepOf(step: string, type: string): Step {
  const name = unquote(step);
  return { name, sql: type + (/^\d/.test(step) ? step : identifier(name)) };
}
