import assert from "node:assert/strict";
import { openConnection } from "../../support/sites/open_connection.ts";
import { CATALOG, type CatalogRow, decodeTable } from "../../../src/clickhouse/catalog/catalog_statement.ts";
import { identifier, qualified } from "../../../src/clickhouse/sql/quoting.ts";
import { createStaging } from "../../../src/clickhouse/repair/staging_table.ts";
import type { Table } from "../../../src/model/table.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { HOSTILE_NAMES } from "../../support/data/hostile_names.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

/** A definition, what to do after the first rows are in, and a second definition of the rows. */
interface Shape {
  /** Columns and clauses of a `CREATE TABLE`; `id`, `ts` and `s` are filled. */
  readonly create: string;
  /** Statements about `d.t` between the first rows and the rest. */
  readonly then?: readonly string[];
}

const COLUMNS = "id UInt32, ts DateTime('UTC'), s String";
const ORDERED = "ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts";

const SHAPES: Readonly<Record<string, Shape>> = {
  "keys in brackets": {
    create: `(${COLUMNS}) ENGINE = MergeTree PARTITION BY (toYYYYMMDD(ts)) ORDER BY (ts) PRIMARY KEY (ts)`,
  },
  "no sorting key": {
    create: `(${COLUMNS}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY tuple()`,
  },
  "a key of expressions with a sample": {
    create:
      `(${COLUMNS}) ENGINE = MergeTree PARTITION BY (toDate(ts), id % 2) ORDER BY (s, cityHash64(id)) ` +
      `SAMPLE BY cityHash64(id)`,
  },
  "a MATERIALIZED column in both keys": {
    create: `(${COLUMNS}, day Date MATERIALIZED toDate(ts), \`up per\` String MATERIALIZED upper(s)) ` +
      `ENGINE = MergeTree PARTITION BY day ORDER BY (\`up per\`, ts)`,
  },
  "DEFAULT, ALIAS and EPHEMERAL columns": {
    create: `(${COLUMNS}, e String EPHEMERAL, d UInt32 DEFAULT id * 2, a String ALIAS upper(s)) ${ORDERED}`,
  },
  "constraints that older rows violate": {
    create: `(${COLUMNS}, CONSTRAINT always CHECK id < 1000000) ${ORDERED}`,
    then: [
      "ALTER TABLE d.t ADD CONSTRAINT `odd ``name, CHECK` CHECK id % 2 = 1",
      "ALTER TABLE d.t ADD CONSTRAINT assumed ASSUME id >= 0",
    ],
  },
  "a default whose text looks like a constraint": {
    create: `(${COLUMNS}, d String DEFAULT ', CONSTRAINT x CHECK 1') ${ORDERED}`,
  },
  "projections": {
    create: `(${COLUMNS}, PROJECTION by_s (SELECT * ORDER BY s), ` +
      `PROJECTION sums (SELECT s, count(), sum(id) GROUP BY s)) ${ORDERED}`,
  },
  "skip indices": {
    create:
      `(${COLUMNS}, INDEX \`i x\` s TYPE bloom_filter(0.01) GRANULARITY 2, INDEX m id TYPE minmax) ${ORDERED}`,
  },
  "a TTL of the table, in the future": {
    create:
      `(${COLUMNS}) ${ORDERED} TTL ts + INTERVAL 50 YEAR DELETE WHERE s = ' TTL ', ts + INTERVAL 60 YEAR ` +
      `SETTINGS merge_with_ttl_timeout = 0`,
  },
  "a TTL of a column, in the future": {
    create: `(${COLUMNS}, c String DEFAULT s TTL ts + INTERVAL 50 YEAR) ${ORDERED}`,
  },
  "codecs and low cardinality": {
    create:
      `(${COLUMNS}, c UInt64 DEFAULT id CODEC(Delta, ZSTD(3)), l LowCardinality(Nullable(String)) DEFAULT s) ` +
      ORDERED,
  },
  "Nested columns": {
    create: `(${COLUMNS}, n Nested(\`k k\` String, v UInt32) , a Array(UInt32) DEFAULT [id, id]) ${ORDERED}`,
    then: [
      "INSERT INTO d.t (id, ts, s, n.`k k`, n.v) VALUES (7, '2026-01-01 00:00:07', 'n', ['a', 'b'], [1, 2])",
    ],
  },
  "settings of its own, of merges too": {
    create: `(${COLUMNS}) ${ORDERED} SETTINGS index_granularity = 64, min_bytes_for_wide_part = 0, ` +
      `max_bytes_to_merge_at_max_space_in_pool = 1000000000, old_parts_lifetime = 60`,
  },
  "a comment, columns with comments, and statistics": {
    create:
      `(${COLUMNS}, c UInt8 DEFAULT 1 COMMENT ', CONSTRAINT y CHECK 1') ${ORDERED} COMMENT 'it''s telemetry'`,
  },
  "an engine that replaces rows, wholly absent here": {
    create: `(${COLUMNS}) ENGINE = ReplacingMergeTree(ts) PARTITION BY toYYYYMM(ts) ORDER BY id`,
  },
};

async function insert(site: Site, name: string, where: string): Promise<void> {
  await site.query(
    `INSERT INTO ${name} (id, ts, s) SELECT number, toDateTime('2026-01-01 00:00:00', 'UTC') + number * 97, ` +
      `concat('s', toString(number % 7)) FROM numbers(4000) WHERE ${where}`,
  );
}

async function stagingTables(site: Site): Promise<string> {
  return await site.query("SELECT name FROM system.tables WHERE startsWith(name, '_chsync_')");
}

Deno.test("a table of any shape is repaired, and then holds the same rows at both sites", async (t) => {
  await using sites = await startTwoSites();
  for (const [shape, { create, then = [] }] of Object.entries(SHAPES)) {
    await t.step(shape, async () => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        `CREATE TABLE d.t ${create}`,
      );
      const absent = create.includes("ReplacingMergeTree");
      await insert(sites.primary, "d.t", "number < 2000");
      if (!absent) await insert(sites.dr, "d.t", "number < 2000 AND number % 10 != 3");
      await onBoth(sites, ...then);
      await insert(sites.primary, "d.t", "number >= 2000 AND number % 2 = 1");
      const report = await checkSites(sites);
      const found = findingsOf(report);
      assert.ok(
        found.length > 0 && found.every(({ repaired }) => repaired),
        JSON.stringify(found.map(({ detail }) => detail)),
      );
      assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
      assert.deepEqual(findingsOf(await checkSites(sites)), []);
      assert.equal(await stagingTables(sites.dr), "");
    });
  }
});

Deno.test("a table is repaired whatever its database, its columns and itself are called", async () => {
  await using sites = await startTwoSites();
  const tables = HOSTILE_NAMES.map((name, index) => ({
    id: { database: HOSTILE_NAMES.at(-index)!, name },
    time: HOSTILE_NAMES.at(index - 3)!,
    value: HOSTILE_NAMES.at(index - 7)!,
  }));
  for (const { id, time, value } of tables) {
    await onBoth(
      sites,
      `CREATE DATABASE ${identifier(id.database)}`,
      `CREATE TABLE ${qualified(id)} (${identifier(time)} DateTime('UTC'), ${
        identifier(value)
      } Map(String, UInt32)) ` +
        `ENGINE = MergeTree PARTITION BY toYYYYMMDD(${identifier(time)}) ORDER BY ${identifier(time)}`,
    );
    const rows =
      `INSERT INTO ${qualified(id)} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 60, ` +
      `map('a', number, 'b', 1) FROM numbers(2000)`;
    await sites.primary.query(rows);
    await sites.dr.query(`${rows} WHERE number < 1440 AND number % 100 != 7`);
  }
  const report = await checkSites(sites);
  assert.deepEqual(
    findingsOf(report).filter(({ repaired }) => !repaired).map(({ table, detail }) => `${table}: ${detail}`),
    [],
  );
  assert.equal(findingsOf(report).length, 2 * tables.length);
  for (const { id } of tables) {
    assert.equal(
      await content(sites.dr, qualified(id)),
      await content(sites.primary, qualified(id)),
      id.name,
    );
  }
  assert.equal(await stagingTables(sites.dr), "");
});

Deno.test("createStaging() makes a table without the comment and constraints of the original, and with its TTL", async () => {
  await using sites = await startTwoSites();
  const { dr } = sites;
  await dr.query("CREATE DATABASE d");
  await dr.query(
    `CREATE TABLE d.t (${COLUMNS}, u String MATERIALIZED upper(s), CONSTRAINT c CHECK id > 0) ` +
      `ENGINE = ReplacingMergeTree(id) PARTITION BY toYYYYMMDD(ts) ORDER BY (u, ts) TTL ts + INTERVAL 1 DAY COMMENT 'hello'`,
  );
  const connection = openConnection(dr);
  const rows = await connection.rows<CatalogRow>(CATALOG);
  const table: Table = decodeTable(rows.find(({ name }) => name === "t")!);
  for (const statement of createStaging(table, { database: "d", name: "stage" }, null)) {
    await connection.command(statement);
  }
  const staging = await connection.one<{ sql: string; comment: string }>(
    "SELECT create_table_query AS sql, comment FROM system.tables WHERE database = 'd' AND name = 'stage'",
  );
  assert.equal(staging.comment, ""); // a comment would mark rows that are being fed to views
  assert.match(
    staging.sql,
    /ENGINE = MergeTree PARTITION BY toYYYYMMDD\(ts\) ORDER BY \(u, ts\) TTL ts \+ toIntervalDay\(1\) SETTINGS/,
  );
  assert.doesNotMatch(staging.sql, /CONSTRAINT|MATERIALIZED|Replacing/);
  await connection.close();
});
