/** Statements about definitions of tables: creating new ones, mending drift. */
import type { Drift } from "../../model/drift.ts";
import type { Catalog, Column, Table, TableId, TablePair } from "../../model/table.ts";
import { comparedColumns } from "../canonical.ts";
import { identifier, qualified } from "../quoting.ts";

/** Creates a table of the other site here, with its database where that is missing. */
export function createTable(table: Table, here: Catalog): string[] {
  const database = `CREATE DATABASE IF NOT EXISTS ${identifier(table.id.database)}`;
  const create = table.createQuery.replace(/^CREATE TABLE /, "CREATE TABLE IF NOT EXISTS ");
  return here.databases.has(table.id.database) ? [create] : [database, create];
}

/**
 * `ALTER TABLE` statements that give this site's table the columns of the active one. Engine and keys cannot be altered:
 * then statements that make the table anew and exchange the two, with the old rows left in a table of their own.
 */
export function mendDrift(pair: TablePair, drifts: readonly Drift[]): string[] {
  if (drifts.some(({ kind }) => kind === "key_differs")) return recreate(pair);
  const alter = `ALTER TABLE ${qualified(pair.here.id)}`;
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

/** Two tables on the path of one replica would be the same: that is left to the operator. */
function recreate({ here, active }: TablePair): string[] {
  const fresh = { database: here.id.database, name: `${here.id.name}_recreated` };
  const create = active.createQuery.replace(
    /^CREATE TABLE (?:`(?:[^`\\]|\\.|``)*`|\w+)\.(?:`(?:[^`\\]|\\.|``)*`|\w+)/,
    () => `CREATE TABLE ${qualified(fresh)}`,
  );
  if (active.engine.startsWith("Replicated") || create === active.createQuery) return [];
  const there = new Set(active.columns.map(({ name }) => name));
  const columns = comparedColumns(here.columns).filter(({ name }) => there.has(name))
    .map(({ name }) => identifier(name)).join(", ");
  return [
    create,
    `INSERT INTO ${qualified(fresh)} (${columns}) SELECT ${columns} FROM ${qualified(here.id)}`,
    `EXCHANGE TABLES ${qualified(fresh)} AND ${qualified(here.id)}`,
  ];
}

/** Gives this site's table the TTL of the active one's. */
export function mendTtl({ here, active }: TablePair): string {
  const alter = `ALTER TABLE ${qualified(here.id)}`;
  return active.ttl === null ? `${alter} REMOVE TTL` : `${alter} MODIFY TTL ${active.ttl}`;
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
