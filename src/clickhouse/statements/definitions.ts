/** Statements about definitions of tables: creating new ones, mending drift. */
import type { Drift } from "../../model/drift.ts";
import type { Catalog, Column, Table, TableId } from "../../model/table.ts";
import { identifier, qualified } from "../quoting.ts";

/** Creates a table of the other site here, with its database where that is missing. */
export function createTable(table: Table, here: Catalog): string[] {
  const database = `CREATE DATABASE IF NOT EXISTS ${identifier(table.id.database)}`;
  const create = table.createQuery.replace(/^CREATE TABLE /, "CREATE TABLE IF NOT EXISTS ");
  return here.databases.has(table.id.database) ? [create] : [database, create];
}

/** `ALTER TABLE` statements that give this site's table the columns of the active one; keys cannot be altered. */
export function mendDrift(table: TableId, drifts: readonly Drift[]): string[] {
  const alter = `ALTER TABLE ${qualified(table)}`;
  return drifts.flatMap((drift) => {
    switch (drift.kind) {
      case "column_missing_here":
        return [`${alter} ADD COLUMN ${definition(drift.column)}`];
      case "column_differs":
        return [`${alter} MODIFY COLUMN ${definition(drift.active)}`];
      case "column_only_here":
        return [`${alter} DROP COLUMN ${identifier(drift.column.name)}`];
      case "key_differs":
      case "zone_differs":
        return [];
    }
  });
}

/** Writes the values of these columns, as they read now, into the parts that have none. */
export function materializeColumns(table: TableId, columns: readonly string[]): string {
  const actions = columns.map((name) => `MATERIALIZE COLUMN ${identifier(name)}`);
  return `ALTER TABLE ${qualified(table)} ${actions.join(", ")}`;
}

function definition({ name, type, defaultKind, defaultExpression }: Column): string {
  const value = defaultKind === "" ? "" : ` ${defaultKind} ${defaultExpression}`;
  return `${identifier(name)} ${type}${value}`;
}
