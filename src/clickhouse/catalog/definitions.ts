/** Statements about definitions of tables: creating new ones, fixing drift. */
import type { Remedy } from "../../model/drift.ts";
import { takesNoMore } from "../../check/tables/longer_ttl.ts";
import type { Catalog, Column, Table, TableId, TablePair } from "../../model/table.ts";
import { copiedColumns } from "../sql/canonical_row.ts";
import { knowsTableSetting } from "../dialect/versions.ts";
import { SiteError } from "../http/errors.ts";
import { createStatement, type OwnSettings, takeDefinition } from "../foreign/create_table.ts";
import { takeType } from "../foreign/data_type.ts";
import { takeExpression } from "../foreign/expression.ts";
import { Untaken } from "../foreign/tokens.ts";
import { takeTtl } from "../foreign/ttl_rules.ts";
import { identifier, qualified } from "../sql/quoting.ts";

/**
 * Creates a table of the other site here, with its database where that is missing.
 *
 * @throws {SiteError} where the other site gives anything but the definition of this table, by what it holds; where it would
 *   be another table at each replica of this site
 */
export function createTable(
  { id, engine, createQuery }: Table,
  here: Catalog,
  settings: OwnSettings = {},
): string[] {
  if (here.databases.get(id.database) === "Replicated" && !engine.startsWith("Replicated")) {
    throw new SiteError(
      "local",
      null,
      `database ${id.database} is of engine Replicated here, so a table of ${engine} would be made at each replica, and filled ` +
        `at this one alone: create it by hand, as a table of Replicated${engine}`,
    );
  }
  try {
    const create = createStatement(takeDefinition(createQuery, id, settings), id);
    const database = `CREATE DATABASE IF NOT EXISTS ${identifier(id.database)}`;
    const isThere = here.databases.has(id.database) && !here.unequalDatabases?.has(id.database);
    return isThere ? [create] : [database, create];
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

/** What gives this site's table what a remedy says; none where the other site's word for it is nothing to be run as it is. */
export function remedyStatements(pair: TablePair, remedy: Remedy): string[] {
  const alter = `ALTER TABLE ${qualified(pair.here.id)}`;
  switch (remedy.kind) {
    case "add":
      return definition(remedy.column).map((column) => `${alter} ADD COLUMN ${column}`);
    case "rename_or_add": {
      // Whoever runs both, or one of them twice, does no harm.
      const [from, to] = [identifier(remedy.here.name), identifier(remedy.there.name)];
      const rename = `${alter} RENAME COLUMN IF EXISTS ${from} TO ${to}`;
      return [
        rename,
        ...definition(remedy.there).map((column) => `${alter} ADD COLUMN IF NOT EXISTS ${column}`),
      ];
    }
    case "widen": {
      const type = orNull(() => takeType(remedy.there.type));
      return type === null ? [] : [`${alter} MODIFY COLUMN ${identifier(remedy.there.name)} ${type}`];
    }
    case "set_default":
      return remedy.there.defaultKind === ""
        ? [`${alter} MODIFY COLUMN ${identifier(remedy.there.name)} REMOVE DEFAULT`]
        : definition(remedy.there).map((column) => `${alter} MODIFY COLUMN ${column}`);
    case "recreate":
      return recreate(pair);
  }
}

/** `CREATE` fails where a table of that name is left from before, whose rows would be mixed with these. */
function recreate({ here, there }: TablePair): string[] {
  const fresh = qualified({ database: here.id.database, name: `${here.id.name}_recreated` });
  const taken = orNull(() => takeDefinition(there.createQuery, there.id));
  if (taken === null) return [];
  const stored = copiedColumns(here.columns);
  const columns = stored.map(({ name }) => identifier(name)).join(", ");
  // Blocks that are alike are rows like any others, and tables of many partitions are carried over whole.
  const settings = [
    "insert_deduplicate = 0",
    "max_partitions_per_insert_block = 0",
    ...[...stored, ...there.columns].some(({ defaultKind }) => defaultKind === "MATERIALIZED")
      ? ["insert_allow_materialized_columns = 1"]
      : [],
  ];
  return [
    `CREATE TABLE ${fresh} ${taken}`,
    `INSERT INTO ${fresh} (${columns}) SELECT ${columns} FROM ${qualified(here.id)} SETTINGS ${
      settings.join(", ")
    }`,
    `EXCHANGE TABLES ${fresh} AND ${qualified(here.id)}`,
  ];
}

/**
 * Gives this site's table the TTL of the active one's; null where that is nothing to be run as it is, or may take rows that
 * this site's own leaves: a shorter TTL deletes at once.
 */
export function fixTtl({ here, there }: TablePair): string | null {
  const { ttl } = there;
  const alter = `ALTER TABLE ${qualified(here.id)}`;
  if (ttl === null) return `${alter} REMOVE TTL`;
  const taken = takesNoMore(there, here) ? orNull(() => takeTtl(ttl)) : null;
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

/** The same for statements that are shown, by what the version wants to be told of these columns, and knows. */
export function foreseenConsent(table: Table, version: string): OwnSettings {
  const outside = table.columns.some(({ inSortingKey, type, defaultKind }) =>
    !inSortingKey && defaultKind !== "ALIAS" && defaultKind !== "EPHEMERAL" &&
    !type.includes("AggregateFunction(")
  );
  const given = table.settings?.includes(OUTSIDE_KEY) ?? false;
  const without = unknownConsent(version);
  const asked = outside && !given && table.engine.endsWith("AggregatingMergeTree");
  return asked && without.length === 0 ? { more: [`${OUTSIDE_KEY} = 1`] } : { without };
}

/** What a server of this version does not know to want to be told. @param version null: of a new one */
export function unknownConsent(version: string | null): readonly string[] {
  return knowsTableSetting(version, OUTSIDE_KEY) ? [] : [OUTSIDE_KEY];
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
