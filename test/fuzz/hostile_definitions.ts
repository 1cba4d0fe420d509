/** The places in a table's row of the catalog where the other site's text may stand, and texts that fit in there. */
import { fc } from "../support/seed.ts";
import type { CatalogRow } from "../../src/clickhouse/catalog/catalog_statement.ts";
import { hostileExpression, hostileTail } from "./hostile_deeds.ts";
import { hostileText } from "./hostile_text.ts";

/** A row of the catalog that is being changed. */
export type Row = { -readonly [Field in keyof CatalogRow]: CatalogRow[Field] };

export interface Definition {
  readonly text: fc.Arbitrary<string>;
  /** Changes the row; what it returns stands in the catalog besides. */
  readonly put: (row: Row, text: string) => readonly Row[] | void;
}

const after = (...beginnings: readonly string[]) =>
  fc.tuple(fc.constantFrom(...beginnings), hostileTail).map((parts) => parts.join(""));
const rule = after("ts + toIntervalDay(1)", "now()", "ts", "toDateTime(ts) + toIntervalDay(3650)");
const type = after(
  ...[
    "String",
    "Map(String, String",
    "DateTime('UTC",
    "Enum8('a' = 1",
    "Tuple(a Map(String, ",
    "Nullable(",
    "Array(",
  ],
  ...[
    "SimpleAggregateFunction(max, ",
    "AggregateFunction(sum, ",
    "Nested(a ",
    "Variant(String, ",
    "FixedString(",
  ],
);
const key = after("k", "(k, ts)", "toYYYYMM(ts)", "tuple()");
/** What a column of a new table may have behind its name; X is an expression. */
const ATTRIBUTES = [
  ...[
    "Tuple(a X)",
    "Tuple(X)",
    "AggregateFunction(quantile(X), UInt8)",
    "DateTime(X)",
    "Enum8('a' = X)",
    "FixedString(X)",
  ],
  ...[
    "UInt8 CODEC(ZSTD(X))",
    "UInt8 CODEC(X)",
    "UInt8 STATISTICS(X)",
    "DateTime TTL X",
    "UInt8 MATERIALIZED X",
    "ALIAS X",
  ],
  ...[
    "UInt8 EPHEMERAL X",
    "UInt8 COMMENT X",
    "String COLLATE X",
    "UInt8 SETTINGS (a = X)",
    "UInt8, INDEX i X TYPE minmax",
  ],
  ...[
    "UInt8, INDEX i k TYPE set(X)",
    "UInt8, INDEX i k TYPE text(tokenizer = X)",
    "UInt8, PROJECTION p (SELECT X)",
  ],
  ...[
    "UInt8, PROJECTION p (SELECT k GROUP BY X)",
    "UInt8, PROJECTION p (SELECT k FROM vault.victim)",
    "UInt8, PRIMARY KEY X",
  ],
  ...[
    "UInt8, CONSTRAINT c CHECK X",
    "UInt8, CONSTRAINT c ASSUME X",
    "UInt8, PROJECTION p INDEX X TYPE basic",
  ],
];
const attribute = fc.tuple(fc.constantFrom(...ATTRIBUTES), hostileExpression).map(([put, text]) =>
  put.replaceAll("X", () => text)
);
const loose = fc.oneof(hostileTail, hostileExpression, hostileText);

/** A clause of the engine, where ClickHouse prints it: before the settings. */
function withClause(row: Row, clause: string): void {
  const put = (whole: string) => {
    const definition = clause.startsWith("TTL ") ? whole.replace(/ TTL [^`]*(?= SETTINGS )/, "") : whole;
    const at = definition.lastIndexOf(" SETTINGS ");
    return at < 0 ? `${definition} ${clause}` : `${definition.slice(0, at)} ${clause}${definition.slice(at)}`;
  };
  row.engine_full = put(row.engine_full);
  row.create_table_query = put(row.create_table_query);
}

/** A text in place of a part of the definition, wherever that stands. */
function replaced(row: Row, part: RegExp, by: string): void {
  row.engine_full = row.engine_full.replace(part, () => by);
  row.create_table_query = row.create_table_query.replace(part, () => by);
}

/** Behind the definition of column `v`, or among the elements behind it. */
function behindColumn(row: Row, text: string): void {
  row.create_table_query = row.create_table_query.replace(/`v` [^,)]*/, (column) => column + text);
}

function column(row: Row, change: Partial<Record<0 | 1 | 2 | 3, string>>): void {
  row.columns = row.columns.map((of) =>
    of[0] === "v" ? Object.assign([...of], change) as unknown as typeof of : of
  );
  const [name = "v", type = "String", kind = "", value = ""] = [0, 1, 2, 3].map((at) => change[at as 0]);
  behindColumn(row, kind === "" ? "" : ` ${kind} ${value}`);
  row.create_table_query = row.create_table_query.replace("`v` String", () => `\`${name}\` ${type}`);
}

/** A table that is at the other site only, beside the one whose row is given. */
function fresh(row: Row, change: Partial<Row> & { readonly create: (create: string) => string }): Row[] {
  const { create, ...rest } = change;
  const made = { ...row, name: `fresh_${row.name}`, uuid: crypto.randomUUID(), ...rest };
  const query = row.create_table_query.replace(/^CREATE TABLE \S+/, `CREATE TABLE d.fresh_${row.name}`);
  return [{ ...made, create_table_query: create(query) }];
}

function view(row: Row, create_table_query: string, more: Partial<Row> = {}): Row[] {
  const name = `fresh_view_${row.name}`;
  row.feeds = [...row.feeds, ["d", name]];
  return [{
    ...row,
    name,
    engine: "MaterializedView",
    engine_full: "",
    feeds: [],
    create_table_query,
    ...more,
  }];
}

const VIEW = "CREATE MATERIALIZED VIEW d.fresh_view";

export const DEFINITIONS: Readonly<Record<string, Definition>> = {
  "row TTL": { text: rule, put: (row, text) => withClause(row, `TTL ${text}`) },
  "row TTL, condition": {
    text: hostileExpression,
    put: (row, text) => withClause(row, `TTL ts + toIntervalDay(1) DELETE WHERE ${text}`),
  },
  "row TTL with a condition": {
    text: rule,
    put: (row, text) => withClause(row, `TTL ${text} DELETE WHERE v = 'x'`),
  },
  "TTL GROUP BY, time": {
    text: rule,
    put: (row, text) => withClause(row, `TTL ${text} GROUP BY k SET n = max(n)`),
  },
  "TTL GROUP BY, keys": {
    text: key,
    put: (row, text) => withClause(row, `TTL ts GROUP BY ${text} SET n = max(n)`),
  },
  "TTL GROUP BY, value": {
    text: hostileExpression,
    put: (row, text) => withClause(row, `TTL ts GROUP BY k SET n = max(${text})`),
  },
  "TTL TO DISK": { text: loose, put: (row, text) => withClause(row, `TTL ts TO DISK '${text}'`) },
  "TTL TO VOLUME, time": { text: rule, put: (row, text) => withClause(row, `TTL ${text} TO VOLUME 'cold'`) },
  "TTL RECOMPRESS": { text: loose, put: (row, text) => withClause(row, `TTL ts RECOMPRESS CODEC(${text})`) },
  "two TTL rules": {
    text: rule,
    put: (row, text) => withClause(row, `TTL ts + toIntervalYear(90), ${text}, ts TO VOLUME 'cold'`),
  },
  "column TTL": { text: rule, put: (row, text) => behindColumn(row, ` TTL ${text}`) },
  "column codec": { text: loose, put: (row, text) => behindColumn(row, ` CODEC(${text})`) },
  "column comment": { text: loose, put: (row, text) => behindColumn(row, ` COMMENT '${text}'`) },
  "column settings": { text: loose, put: (row, text) => behindColumn(row, ` SETTINGS (${text})`) },
  "column statistics": { text: loose, put: (row, text) => behindColumn(row, ` STATISTICS(${text})`) },
  index: {
    text: loose,
    put: (row, text) => behindColumn(row, `, INDEX i ${text} TYPE minmax GRANULARITY 1`),
  },
  projection: { text: loose, put: (row, text) => behindColumn(row, `, PROJECTION p (${text})`) },
  constraint: { text: loose, put: (row, text) => behindColumn(row, `, CONSTRAINT c CHECK ${text}`) },
  "name of a constraint": {
    text: loose,
    put: (row, text) => behindColumn(row, `, CONSTRAINT ${text} CHECK 1`),
  },
  default: { text: hostileExpression, put: (row, text) => column(row, { 2: "DEFAULT", 3: text }) },
  materialized: { text: hostileExpression, put: (row, text) => column(row, { 2: "MATERIALIZED", 3: text }) },
  alias: { text: hostileExpression, put: (row, text) => column(row, { 2: "ALIAS", 3: text }) },
  ephemeral: { text: hostileExpression, put: (row, text) => column(row, { 2: "EPHEMERAL", 3: text }) },
  "kind of default": { text: loose, put: (row, text) => column(row, { 2: text, 3: "1" }) },
  "column type": { text: type, put: (row, text) => column(row, { 1: text }) },
  "column name": { text: loose, put: (row, text) => column(row, { 0: text }) },
  "new column": {
    text: loose,
    put(row, text) {
      row.columns = [...row.columns, [text, "String", "DEFAULT", text, 0, 0]];
    },
  },
  "name and type of every column": {
    text: type,
    put(row, text) {
      row.columns = row.columns.map(() => [text, text, "", text, 1, 1]);
    },
  },
  "partition key": {
    text: key,
    put(row, text) {
      replaced(row, /PARTITION BY .*(?= ORDER BY )/, `PARTITION BY ${text}`);
      row.partition_key = text;
    },
  },
  "sorting key": {
    text: key,
    put(row, text) {
      replaced(row, /ORDER BY .*(?= SETTINGS )/, `ORDER BY ${text}`);
      row.sorting_key = text;
    },
  },
  engine: {
    text: loose,
    put(row, text) {
      replaced(row, /\w*MergeTree\b/, `${text}MergeTree`);
      row.engine = `${text}MergeTree`;
    },
  },
  "engine's arguments": {
    text: after("n", "(n, k)", "v", "'/clickhouse/{uuid}', '{replica}'"),
    put: (row, text) => replaced(row, /\w*MergeTree(?:\([^)]*\))?/, `${row.engine}(${text})`),
  },
  settings: {
    text: after("index_granularity = 8192", ""),
    put: (row, text) => replaced(row, /SETTINGS .*/, `SETTINGS ${text}`),
  },
  "disk of its own": {
    text: loose,
    put: (row, text) =>
      replaced(row, /SETTINGS /, `SETTINGS disk = disk(type = 's3', endpoint = '${text}'), `),
  },
  "table comment": { text: loose, put: (row, text) => replaced(row, /$/, ` COMMENT '${text}'`) },
  "engine clause": {
    text: loose,
    put(row, text) {
      row.engine_full = text;
    },
  },
  definition: {
    text: loose,
    put(row, text) {
      row.create_table_query = text;
    },
  },
  "end of the definition": { text: hostileTail, put: (row, text) => replaced(row, /$/, text) },
  uuid: {
    text: loose,
    put(row, text) {
      row.uuid = text;
    },
  },
  feeds: {
    text: loose,
    put(row, text) {
      row.feeds = [["d", text], [text, "victim"]];
    },
  },
  "new table, end": {
    text: hostileTail,
    put: (row, text) => fresh(row, { create: (create) => create + text }),
  },
  "new table, all of it": { text: loose, put: (row, text) => fresh(row, { create: () => text }) },
  "new table, TTL": {
    text: rule,
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace(" SETTINGS ", () => ` TTL ${text} SETTINGS `) }),
  },
  "new table, default": {
    text: hostileExpression,
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace("`n` UInt64", () => `\`n\` UInt64 DEFAULT ${text}`) }),
  },
  "new table, column": {
    text: loose,
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace("`n` UInt64", () => `\`n\` UInt64, ${text}`) }),
  },
  "new table, its parts": {
    text: attribute,
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace("`n` UInt64", () => `\`n\` UInt64, z ${text}`) }),
  },
  "new table, action of a TTL": {
    text: fc.tuple(
      fc.constantFrom(
        "RECOMPRESS CODEC(X)",
        "TO DISK X",
        "GROUP BY X",
        "GROUP BY k SET n = X",
        "DELETE WHERE X",
      ),
      hostileExpression,
    )
      .map(([put, text]) => put.replace("X", () => text)),
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace(" SETTINGS ", () => ` TTL ts ${text} SETTINGS `) }),
  },
  "new table, key": {
    text: key,
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace(/ORDER BY .*/, () => `ORDER BY ${text}`) }),
  },
  "new table, settings": {
    text: after("disk = disk(type = 'web', endpoint = 'http://127.0.0.1:TAP/'", "storage_policy = 'x'", ""),
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace(/SETTINGS .*/, () => `SETTINGS ${text}`) }),
  },
  "new table, engine": {
    text: after(
      "URL('http://127.0.0.1:TAP/', 'CSV')",
      "ReplicatedMergeTree('/pwned', 'r')",
      "Merge('vault', 'victim')",
      "MergeTree",
    ),
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace(/ENGINE = .*/, () => `ENGINE = ${text}`) }),
  },
  "new table, filled": {
    text: after(
      " AS SELECT * FROM vault.victim",
      " AS vault.victim",
      " CLONE AS vault.victim",
      " EMPTY AS SELECT 1",
    ),
    put: (row, text) => fresh(row, { create: (create) => create + text }),
  },
  "new table of another name": {
    text: fc.constantFrom(
      "d.pwned",
      "vault.pwned",
      "pwned",
      "pwned.t",
      "`d`.`pwned`",
      "d.pwned ON CLUSTER default",
      "d.pwned UUID '1'",
    ),
    put: (row, text) =>
      fresh(row, { create: (create) => create.replace(/^CREATE TABLE \S+/, () => `CREATE TABLE ${text}`) }),
  },
  "name of a new table": {
    text: loose,
    put: (row, text) => fresh(row, { name: text, create: (create) => create }),
  },
  "database of a new table": {
    text: loose,
    put: (row, text) => fresh(row, { database: text, create: (create) => create }),
  },
  "new view": {
    text: hostileTail,
    put: (row, text) => view(row, `${VIEW} TO d.t1 (\`k\` UInt32) AS SELECT k FROM d.t0${text}`),
  },
  "target of a view": {
    text: loose,
    put: (row, text) => view(row, `${VIEW} TO ${text} AS SELECT k FROM d.t0`),
  },
  "view that keeps its rows": {
    text: loose,
    put: (row, text) => [
      ...view(row, `${VIEW} (\`k\` UInt32) ENGINE = MergeTree ORDER BY k AS SELECT k FROM d.t0${text}`, {
        uuid: text,
      }),
      { ...row, name: `.inner_id.${text}` },
    ],
  },
  "refresh of a view": {
    text: loose,
    put: (row, text) => view(row, `${VIEW} REFRESH EVERY ${text} TO d.t1 AS SELECT 1`),
  },
  "table behind a buffer": {
    text: loose,
    put: (
      row,
      text,
    ) => [{ ...row, name: `fresh_${row.name}`, engine: "Buffer", engine_full: `Buffer('d', '${text}', 1)` }],
  },
  "engine that is left out": {
    text: loose,
    put: (row, text) => [{ ...row, name: `fresh_${row.name}`, engine: text, engine_full: text }],
  },
};
