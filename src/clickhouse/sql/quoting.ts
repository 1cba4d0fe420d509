/** Names and values as SQL text. Nothing else may put a name or a value into a statement. */
import type { TableId } from "../../model/table.ts";

/** A name in backticks, with backticks, backslashes and line breaks escaped. */
export function identifier(name: string): string {
  return "`" + escape(name).replaceAll("`", "\\`") + "`";
}

/** Databases and names of tables, as a list for `(database, name) IN (…)`. */
export function tuples(ids: readonly TableId[]): string {
  return ids.map(({ database, name }) => `(${literal(database)}, ${literal(name)})`).join(", ");
}

/** `` `database`.`table` ``. */
export function qualified(id: TableId): string {
  return `${identifier(id.database)}.${identifier(id.name)}`;
}

/** A string literal in single quotes. */
export function literal(value: string): string {
  return `'${escape(value).replaceAll("'", "\\'")}'`;
}

/** A line break that is left in a statement is one of its layout (see `layout.ts`). */
function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\0", "\\0").replaceAll("\n", "\\n");
}
