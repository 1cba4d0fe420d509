/** Columns whose values a default makes up: separately at each site, or anew each time they are read. */
import type { Column, Table } from "../../model/table.ts";
import { QUOTED_NAME, QUOTED_STRING, unquote } from "../../text/quoted.ts";

/**
 * Of the columns that a part lacks, those that are compared and whose default is not a pure function of stored columns: it
 * calls a function that may answer differently, or reads a column of which the same is true.
 *
 * @param missing names of the columns that the part lacks
 * @param unsteady names, in lower case, of the functions that may return something else for the same arguments
 */
export function unstableColumns(
  columns: readonly Column[],
  missing: ReadonlySet<string>,
  unsteady: ReadonlySet<string>,
): Column[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const unstable = ({ name, defaultKind, defaultExpression }: Column, seen: Set<string>): boolean => {
    const computed = defaultKind === "ALIAS" || defaultKind === "EPHEMERAL" || missing.has(name);
    if (!computed || seen.has(name)) return false;
    seen.add(name);
    const { calls, names } = namesIn(defaultExpression);
    if (calls.some((call) => unsteady.has(call.toLowerCase()))) return true;
    const read = names.flatMap((name) => byName.get(name) ?? []);
    return read.some((column) => unstable(column, seen));
  };
  return columns.filter(({ name, defaultKind, ignored }) =>
    defaultKind === "DEFAULT" && missing.has(name) && !ignored
  )
    .filter((column) => unstable(column, new Set()));
}

/** Columns that are computed for parts that lack them. */
export function computedColumns(columns: readonly Column[]): string[] {
  return columns.filter(({ defaultKind }) => defaultKind === "DEFAULT" || defaultKind === "MATERIALIZED")
    .map(({ name }) => name);
}

const QUOTED = new RegExp(`${QUOTED_STRING}|${QUOTED_NAME}`, "g");
const NAMES = new RegExp(String.raw`${QUOTED_NAME}|[A-Za-z_][\w.]*`, "g");

/** Functions that an expression calls and names that may be columns, without their quotes. */
export function namesIn(expression: string): { calls: string[]; names: string[] } {
  const bare = expression.replace(QUOTED, (quoted) => quoted.startsWith("'") ? "''" : quoted);
  return {
    calls: [...bare.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)].map((match) => match[1]!),
    names: (bare.match(NAMES) ?? []).map(unquote),
  };
}

/** Functions that give something else at every site or at every moment. */
const IMPURE =
  /\b(?:now\w*|today|yesterday|rand\w*|generate\w*|uuid\w*|serverUUID|hostName|fqdn|currentUser|user|\w*queryID|rowNumber\w*|blockNumber|current\w*|utc_?timestamp|getMacro|getSetting\w*)\s*\(/i;

/**
 * The columns in a key of the table whose value the server makes up if an insert leaves it out: then the same event can
 * have a different key at each site, and no key identifies twins.
 */
export function siteMadeKeys({ columns }: Table, axis: string | null): Column[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const isMade = ({ name, defaultKind, defaultExpression }: Column, seen: Set<string>): boolean => {
    if (defaultKind === "" || seen.has(name)) return false;
    seen.add(name);
    if (IMPURE.test(defaultExpression)) return true;
    const read = namesIn(defaultExpression).names.flatMap((name) => byName.get(name) ?? []);
    return read.some((column) => isMade(column, seen));
  };
  return columns.filter((column) =>
    (column.inPartitionKey || column.inSortingKey || column.name === axis) && isMade(column, new Set())
  );
}

/** Those of them that decide in which partition a row is: the same event can be in another one at each site. */
export function siteMadePartitionKeys(table: Table): Column[] {
  return siteMadeKeys(table, null).filter(({ inPartitionKey }) => inPartitionKey);
}

/** Columns by name, each with its default. */
export function withDefaults(columns: readonly Column[]): string[] {
  return columns.map(({ name, defaultExpression }) => `${name} (${defaultExpression})`);
}
