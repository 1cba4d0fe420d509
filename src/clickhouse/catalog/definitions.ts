/** Statements about definitions of tables: creating new ones, fixing drift. */
import type { Drift } from "../../model/drift.ts";
import type { Catalog, Column, Table, TableId, TablePair } from "../../model/table.ts";
import { comparedColumns } from "../sql/canonical_row.ts";
import { SiteError } from "../http/errors.ts";
import { createStatement, takeDefinition } from "../foreign/create_table.ts";
import { takeType } from "../foreign/data_type.ts";
import { takeExpression } from "../foreign/expression.ts";
import { Untaken } from "../foreign/tokens.ts";
import { takeTtl } from "../foreign/ttl_rules.ts";
import { identifier, qualified } from "../sql/quoting.ts";

/**
 * Creates a table of the other site here, with its database where that is missing.
 *
 * @param more settings that the table gets besides, as SQL
 * @throws {SiteError} where the other site gives anything but the definition of this table, by what it holds
 */
export function createTable(
  { id, createQuery }: Table,
  here: Catalog,
  more: readonly string[] = [],
): string[] {
  try {
    const create = createStatement(takeDefinition(createQuery, id, more), id);
    const database = `CREATE DATABASE IF NOT EXISTS ${identifier(id.database)}`;
    return here.databases.has(id.database) ? [create] : [database, create];
  } catch (error) {
    if (!(error instanceof Untaken)) throw error;
    throw new SiteError(
      "remote",
      null,
      `its definition there is not a plain CREATE TABLE of it: it holds ${error.message}. Look at it there, and create the ` +
        "table by hand",
    );
  }
}

/**
 * `ALTER TABLE` statements that give this site's table the columns of the active one. Engine and keys cannot be altered:
 * then statements that make the table anew and exchange the two, with the old rows left in a table of their own.
 */
export function fixDrift(pair: TablePair, drifts: readonly Drift[]): string[] {
  if (drifts.some(({ kind }) => kind === "key_differs")) return recreate(pair);
  const alter = `ALTER TABLE ${qualified(pair.here.id)}`;
  return drifts.flatMap((drift) => {
    switch (drift.kind) {
      case "column_missing_here":
        return definition(drift.column).map((column) => `${alter} ADD COLUMN ${column}`);
      case "column_differs":
        return definition(drift.there).map((column) => `${alter} MODIFY COLUMN ${column}`);
      case "column_only_here":
        return [`${alter} DROP COLUMN ${identifier(drift.column.name)}`];
      case "key_differs":
      case "zone_differs":
      case "rule_untaken":
        return [];
    }
  });
}

/** Two tables on the path of one replica would be the same: that is left to the operator. */
function recreate({ here, there: active }: TablePair): string[] {
  const fresh = { database: here.id.database, name: `${here.id.name}_recreated` };
  const taken = orNull(() => takeDefinition(active.createQuery, active.id));
  if (active.engine.startsWith("Replicated") || taken === null) return [];
  const there = new Set(active.columns.map(({ name }) => name));
  const columns = comparedColumns(here.columns).filter(({ name }) => there.has(name))
    .map(({ name }) => identifier(name)).join(", ");
  return [
    createStatement(taken, fresh),
    `INSERT INTO ${qualified(fresh)} (${columns}) SELECT ${columns} FROM ${qualified(here.id)}`,
    `EXCHANGE TABLES ${qualified(fresh)} AND ${qualified(here.id)}`,
  ];
}

/** Gives this site's table the TTL of the active one's; null where that is nothing to be run as it is. */
export function fixTtl({ here, there: { ttl } }: TablePair): string | null {
  const alter = `ALTER TABLE ${qualified(here.id)}`;
  if (ttl === null) return `${alter} REMOVE TTL`;
  const taken = orNull(() => takeTtl(ttl));
  return taken === null ? null : `${alter} MODIFY TTL ${taken}`;
}

/**
 * What a server wants to be told before it creates a table that older ones created as it is; null: nothing is known. From
 * 26.7 on it refuses (code 36) an AggregatingMergeTree with columns that it neither sorts by nor puts together.
 */
export function consent({ engine, settings }: Table, error: unknown): string | null {
  const refused = error instanceof SiteError && error.code === 36;
  const given = settings?.includes(OUTSIDE_KEY) ?? false;
  return refused && !given && engine.endsWith("AggregatingMergeTree") ? `${OUTSIDE_KEY} = 1` : null;
}

const OUTSIDE_KEY = "allow_dimensions_outside_sorting_key";

/** Writes the values of these columns, as they read now, into the parts that have none. */
export function materializeColumns(table: TableId, columns: readonly string[]): string {
  const actions = columns.map((name) => `MATERIALIZE COLUMN ${identifier(name)}`);
  return `ALTER TABLE ${qualified(table)} ${actions.join(", ")}`;
}

/** None where the other site's word for the column is nothing to be run as it is. */
function definition({ name, type, defaultKind, defaultExpression }: Column): string[] {
  const taken = orNull(() => {
    const kind = DEFAULT_KINDS.find((kind) => kind === defaultKind);
    if (defaultKind !== "" && kind === undefined) throw new Untaken("another kind of default");
    const value = defaultExpression === "" ? "" : ` ${takeExpression(defaultExpression, "default")}`;
    return `${identifier(name)} ${takeType(type)}${kind === undefined ? "" : ` ${kind}${value}`}`;
  });
  return taken === null ? [] : [taken];
}

const DEFAULT_KINDS = ["DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL"] as const;

function orNull(take: () => string): string | null {
  try {
    return take();
  } catch (error) {
    if (error instanceof Untaken) return null;
    throw error;
  }
}
