/** Values as every server can hash them: those before 25.5 hash no NULL, and some types are hashed in two ways. */
import type { Column, Table } from "../../model/table.ts";

/** @param sql of a value of the column, or of what its values come down to */
export function hashable({ comparedAs }: Pick<Column, "comparedAs">, sql: string): string {
  // The text of a tuple is no NULL, also where an element is.
  const text = `toString(tuple(${sql}))`;
  return comparedAs === "value" ? sql : comparedAs === "both" ? `tuple(${sql}, ${text})` : text;
}

/** SQL of the sorting key: one value, or several with commas between them. */
export function hashableKey({ sortingKey, columns }: Pick<Table, "sortingKey" | "columns">): string {
  const other = columns.find(({ inSortingKey, comparedAs }) => inSortingKey && comparedAs !== "value");
  return hashable(other ?? { comparedAs: "value" }, sortingKey || "0");
}
