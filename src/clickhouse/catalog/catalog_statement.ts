/** The statement that reads a site's catalog, and what its rows say of tables and views. */
import type { TableRules } from "../../model/expiry_rule.ts";
import { traitsOf } from "../../model/merge_rule.ts";
import type { Catalog, Column, DefaultKind, MaterializedView, OtherTable, Table } from "../../model/table.ts";
import { tableName } from "../../model/table.ts";
import { rowOf } from "../http/decode.ts";
import {
  clusterOfDistributed,
  columnTtls,
  definitionElements,
  deleteTtls,
  destination,
  groupTtls,
  isRefreshable,
  keepsFor,
  parseEngineClause,
  timeSeriesTargets,
  viewTarget,
} from "../sql/engine_clause.ts";
import { sql } from "../sql/layout.ts";
import { withoutAliases } from "./aliases.ts";
import { withEngine } from "./not_loaded.ts";
import { partsInKey } from "../sql/parts_in_key.ts";
import { writtenRule } from "../foreign/take_rule.ts";
import { engineArguments, mergeRule } from "../engines/engines.ts";

/** Databases of the server itself, which are never synced. */
export const SERVER_DATABASES = "('system', 'information_schema', 'INFORMATION_SCHEMA')";

/**
 * Every table and materialized view with its columns and unfinished mutations, the SELECT of every other view, and every database.
 * One join within the other: the old analyzer takes no two in a row.
 */
export const CATALOG = sql`
  SELECT
    database, name, toString(uuid) AS uuid, engine, engine_full, partition_key, sorting_key, definition AS create_table_query,
    as_select, arrayZip(dependencies_database, dependencies_table) AS feeds, listed AS columns, mutations, mutated_at, deleted_at
  FROM (
    SELECT
      database, name, uuid, engine, engine_full, partition_key, sorting_key, as_select, dependencies_database, dependencies_table,
      if(engine = 'View', '', create_table_query) AS definition, if(engine = 'View', [], columns) AS listed
    FROM system.tables AS t
    LEFT JOIN (
      SELECT
        database,
        table AS name,
        groupArray((column_name, type, default_kind, default_expression, in_partition, in_sorting)) AS columns
      FROM (
        SELECT
          database, table, name AS column_name, type, default_kind, default_expression,
          is_in_partition_key AS in_partition, is_in_sorting_key AS in_sorting
        FROM system.columns
        WHERE database NOT IN ${SERVER_DATABASES}
        ORDER BY database, table, position
      )
      GROUP BY database, table
    ) AS c USING (database, name)
    WHERE database NOT IN ${SERVER_DATABASES} AND NOT is_temporary
  ) AS t
  LEFT JOIN (
    SELECT
      database,
      table AS name,
      countIf(NOT is_done) AS mutations,
      max(toUnixTimestamp(create_time)) AS mutated_at,
      maxIf(toUnixTimestamp(create_time), is_done AND match(command, '^\\(?DELETE ')) AS deleted_at
    FROM system.mutations
    GROUP BY database, table
  ) AS m USING (database, name)
  UNION ALL
  SELECT name, '', '', 'Database', engine, '', '', '', '', [], [], 0, 0, 0
  FROM system.databases
`;

export interface CatalogRow {
  readonly database: string;
  readonly name: string;
  readonly uuid: string;
  readonly engine: string;
  readonly engine_full: string;
  readonly partition_key: string;
  readonly sorting_key: string;
  readonly create_table_query: string;
  readonly as_select: string;
  readonly feeds: readonly (readonly [string, string])[];
  readonly columns: readonly (readonly [string, string, DefaultKind, string, number, number])[];
  readonly mutations: string | number;
  readonly mutated_at: number;
  readonly deleted_at: number;
}

/** Of every column of the answer the kind that it must be of. */
const CATALOG_ROW = {
  database: "text",
  name: "text",
  uuid: "text",
  engine: "text",
  engine_full: "text",
  partition_key: "text",
  sorting_key: "text",
  create_table_query: "text",
  as_select: "text",
  feeds: "texts",
  columns: "columns",
  mutations: "number",
  mutated_at: "number",
  deleted_at: "number",
} as const;

/** @throws {TypeError} where a row is not of the form that it must have: a server may answer anything */
export function decodeCatalog(answer: readonly CatalogRow[]): Catalog {
  const rows = answer.map((row) => withEngine(rowOf(row, CATALOG_ROW)));
  const tables = rows.filter(({ engine }) => engine.endsWith("MergeTree")).map(decodeTable);
  const { views, others, readAs } = withoutAliases(
    rows.filter(({ engine }) => engine === "MaterializedView").map(decodeView),
    rows.filter(({ engine }) => !/MergeTree$|^(Materialized)?View$|^Database$/.test(engine)).map(decodeOther),
  );
  const plain = rows.filter(({ engine }) => engine === "View").map((row) =>
    [tableName(row), { database: row.database, text: row.as_select }] as const
  );
  const names = Map.groupBy(tables, ({ id }) => tableName(id));
  const ambiguous = [...names].filter(([, tables]) => tables.length > 1).map(([name]) => name);
  const databases = rows.filter(({ engine }) => engine === "Database")
    .map(({ database, engine_full }) => [database, engine_full] as const);
  return {
    tables: new Map(tables.map((table) => [tableName(table.id), table])),
    views: new Map(views.map((view) => [tableName(view.id), view])),
    others: new Map(others.map((table) => [tableName(table.id), table])),
    readAs: new Map([...readAs, ...plain]),
    ambiguous: new Set(ambiguous),
    databases: new Map(databases),
  };
}

/** Puts what is one at all replicas of a table in place of its UUID, which need not be. */
export function withIdentities(read: Catalog, identities: ReadonlyMap<string, string>): Catalog {
  if (identities.size === 0) return read;
  const tables = [...read.tables].map(([name, table]) => {
    const uuid = identities.get(name) ?? table.uuid;
    return [name, { ...table, uuid }] as const;
  });
  return { ...read, tables: new Map(tables) };
}

export function decodeTable(row: CatalogRow): Table {
  const { ttl, settings } = parseEngineClause(row.engine_full);
  const elements = definitionElements(row.create_table_query);
  const names = new Set(row.columns.map(([name]) => name));
  const [inPartitions, parts] = [row.partition_key, row.sorting_key].map((key) => partsInKey(key, names));
  const columns = row.columns.map((
    [name, type, defaultKind, defaultExpression, inPartition, inSorting],
  ): Column => ({
    name,
    type,
    comparedAs: "value",
    defaultKind,
    defaultExpression,
    expiry: { rules: [], now: 0 },
    inPartitionKey: inPartition === 1 || inPartitions!.has(name),
    inSortingKey: inSorting === 1,
    ...inSorting === 0 && parts!.has(name) ? { partsInSortingKey: parts!.get(name)! } : {},
  }));
  const feeds = row.feeds.map(([database, name]) => ({ database, name }));
  const rule = mergeRule(row.engine_full, { columns, feeds });
  return {
    ttl,
    rules: {
      deletes: deleteTtls(ttl).map(writtenRule),
      groups: groupTtls(ttl).map(writtenRule),
      columns: columnRules(elements),
    },
    settings,
    elements,
    id: { database: row.database, name: row.name },
    uuid: row.uuid,
    ownUuid: row.uuid,
    engine: row.engine,
    engineArguments: engineArguments(row.engine_full).join(", "),
    engineFull: row.engine_full,
    mergeRule: rule,
    traits: traitsOf(rule),
    partitionKey: row.partition_key,
    sortingKey: row.sorting_key,
    createQuery: row.create_table_query,
    columns,
    feeds,
    unfinishedMutations: Number(row.mutations),
    mutatedAt: row.mutated_at,
    deletedAt: row.deleted_at,
  };
}

function columnRules(elements: readonly string[]): TableRules["columns"] {
  const written = [...columnTtls(elements)].map(([name, expressions]) =>
    [name, expressions.map((expression) => writtenRule({ expression, where: null }))] as const
  );
  return new Map(written);
}

export function decodeView(row: CatalogRow): MaterializedView {
  const id = { database: row.database, name: row.name };
  // Databases without UUIDs name the inner table after the view.
  const inner = /^[0-]*$/.test(row.uuid) ? `.inner.${row.name}` : `.inner_id.${row.uuid}`;
  return {
    id,
    target: viewTarget(row.create_table_query, row.database) ?? { database: row.database, name: inner },
    refreshable: isRefreshable(row.create_table_query),
    createQuery: row.create_table_query,
    select: row.as_select,
  };
}

export function decodeOther(row: CatalogRow): OtherTable {
  const to = destination(row.engine_full, row.database);
  return {
    id: { database: row.database, name: row.name },
    uuid: row.uuid,
    engine: row.engine,
    feeds: row.feeds.map(([database, name]) => ({ database, name })),
    writesTo: row.engine === "TimeSeries"
      ? timeSeriesTargets(row.create_table_query, row.database)
      : to
      ? [to]
      : [],
    cluster: clusterOfDistributed(row.engine_full),
    keepsFor: keepsFor(row.engine_full),
  };
}
