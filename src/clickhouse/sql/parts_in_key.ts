/** Parts of columns in a key, such as `t.host` or `json.level`: of the column itself the server then says that it is in none. */
import { unquote } from "./engine_clause.ts";
import { identifier } from "./quoting.ts";

const NAME = "(?:`(?:[^`\\\\]|\\\\.|``)*`|[A-Za-z_]\\w*)";
/** A text, to be passed over; or names joined by dots, the later ones also places (`t.1`) and types (`json.level.:Int64`). */
const PATHS = new RegExp(`'(?:[^'\\\\]|\\\\.|'')*'|(${NAME}(?:\\.:?(?:${NAME}|\\d+))+)(?!\\w*\\()`, "g");
const STEPS = new RegExp(`(:?)(${NAME}|\\d+)`, "g");

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
  for (const [, path] of key.matchAll(PATHS)) {
    if (path === undefined) continue;
    const steps = [...path.matchAll(STEPS)].map(([, type, step]) => stepOf(step!, type!));
    // The parts of a Nested column are columns themselves, with a dot in their names.
    for (let length = steps.length; length > 0; length--) {
      const column = steps.slice(0, length).map(({ name }) => name).join(".");
      if (!columns.has(column)) continue;
      const sql = [identifier(column), ...steps.slice(length).map(({ sql }) => sql)].join(".");
      if (length < steps.length) parts.set(column, [...parts.get(column) ?? [], sql]);
      break;
    }
  }
  return parts;
}

function stepOf(step: string, type: string): Step {
  const name = unquote(step);
  return { name, sql: type + (/^\d/.test(step) ? step : identifier(name)) };
}
