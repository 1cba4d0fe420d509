import assert from "node:assert/strict";
import {
  clusterOfDistributed,
  definitionElements,
  deleteTtls,
  destination,
  isRefreshable,
  keepsFor,
  parseEngineClause,
  timeSeriesTargets,
  viewTarget,
} from "../../../src/clickhouse/sql/engine_clause.ts";
import { identifier, literal, qualified } from "../../../src/clickhouse/sql/quoting.ts";
import { HOSTILE_NAMES } from "../../support/data/hostile_names.ts";
import { type OneSite, startOneSite } from "../../support/sites/one_site.ts";

const COLUMNS = "(a UInt32, b UInt32, `x y` UInt32, s String, ts DateTime('UTC'), day Date)";

/** Engine clauses as people write them, and the rules that delete rows, as the server prints them. */
const TABLES: Readonly<Record<string, readonly (readonly [expression: string, where: string | null])[]>> = {
  "MergeTree ORDER BY a": [],
  "MergeTree ORDER BY tuple()": [],
  "MergeTree() ORDER BY (a) PARTITION BY (toYYYYMMDD(ts)) PRIMARY KEY (a)": [],
  "MergeTree PARTITION BY (day, a % 8) ORDER BY (a, cityHash64(s)) PRIMARY KEY a": [],
  "MergeTree ORDER BY (a, cityHash64(s)) SAMPLE BY cityHash64(s)": [],
  "MergeTree ORDER BY (`x y`, concat(s, ' TTL ', ' ORDER BY ', ' SETTINGS ', '\\'', '\\\\'))": [],
  "MergeTree ORDER BY a SETTINGS index_granularity = 1024, merge_with_ttl_timeout = 7200": [],
  "MergeTree ORDER BY a TTL ts + INTERVAL 5 DAY": [["ts + toIntervalDay(5)", null]],
  "MergeTree ORDER BY a TTL day + INTERVAL 5 DAY DELETE": [["day + toIntervalDay(5)", null]],
  "MergeTree ORDER BY a TTL ts + INTERVAL 1 DAY DELETE WHERE s = ' TTL , it''s' AND b IN (1, 2), ts + INTERVAL 9 DAY":
    [["ts + toIntervalDay(1)", "(s = ' TTL , it\\'s') AND (b IN (1, 2))"], ["ts + toIntervalDay(9)", null]],
  "MergeTree ORDER BY a TTL ts + INTERVAL 1 DAY TO DISK 'default', ts + INTERVAL 2 DAY RECOMPRESS CODEC(ZSTD(9)), ts + INTERVAL 3 DAY TO VOLUME 'default'":
    [],
  "MergeTree ORDER BY (a, b) TTL ts + INTERVAL 1 MONTH GROUP BY a, b SET s = any(s), ts = max(ts), `x y` = sum(`x y`), ts + INTERVAL 1 YEAR SETTINGS index_granularity = 4096":
    [["ts + toIntervalYear(1)", null]],
  "MergeTree ORDER BY (a, b) TTL ts + INTERVAL 1 MONTH GROUP BY a, b": [],
  "MergeTree ORDER BY a TTL if(s = ' WHERE , TO ', ts, ts + INTERVAL 1 DAY) + INTERVAL 1 DAY WHERE a = 1": [
    ["if(s = ' WHERE , TO ', ts, ts + toIntervalDay(1)) + toIntervalDay(1)", "a = 1"],
  ],
  "ReplacingMergeTree(a) ORDER BY b TTL ts + INTERVAL 1 DAY": [["ts + toIntervalDay(1)", null]],
  "SummingMergeTree((a, `x y`)) PARTITION BY day ORDER BY b": [],
  "ReplicatedMergeTree('/clickhouse/t/ TTL x', 'it''s (r') PARTITION BY day ORDER BY a TTL ts SETTINGS index_granularity = 512":
    [["ts", null]],
};

interface TableRow {
  engine: string;
  engine_full: string;
  partition_key: string;
  sorting_key: string;
  primary_key: string;
  sampling_key: string;
}

async function describe({ site }: OneSite, name: string): Promise<TableRow> {
  const [row] = await site.rows<TableRow>(
    `SELECT engine, engine_full, partition_key, sorting_key, primary_key, sampling_key FROM system.tables ` +
      `WHERE database = 'd' AND name = ${literal(name)}`,
  );
  return row!;
}

Deno.test("engine clauses are read as a real server prints them", async (t) => {
  await using one = await startOneSite({ config: { zookeeper: { implementation: "testkeeper" } } });
  const { site } = one;
  await site.query("CREATE DATABASE d");
  for (const [number, [clause, ttls]] of Object.entries(TABLES).entries()) {
    await t.step(clause, async () => {
      await site.query(`CREATE TABLE d.t${number} ${COLUMNS} ENGINE = ${clause}`);
      const table = await describe(one, `t${number}`);
      const { engine, keys, ttl, settings } = parseEngineClause(table.engine_full);
      assert.equal(
        [engine, keys, ttl === null ? "" : `TTL ${ttl}`, settings === null ? "" : `SETTINGS ${settings}`]
          .filter(Boolean).join(" "),
        table.engine_full,
      );
      assert.equal(engine.replace(/\(.*/s, ""), table.engine);
      assert.ok(keys.includes("ORDER BY ") && !/^[^']* (TTL|SETTINGS) /.test(keys));
      assert.deepEqual(deleteTtls(ttl).map(({ expression, where }) => [expression, where]), ttls);

      await site.query(
        `CREATE TABLE d.copy${number} AS d.t${number} ENGINE = MergeTree ${keys} SETTINGS ${settings}`,
      );
      const copy = await describe(one, `copy${number}`);
      const keysOf = (
        row: TableRow,
      ) => [row.partition_key, row.sorting_key, row.primary_key, row.sampling_key];
      assert.deepEqual(keysOf(copy), keysOf(table));
      assert.equal(parseEngineClause(copy.engine_full).ttl, null);
      // Rules that were not understood would not compile either.
      for (const { expression, where } of deleteTtls(ttl)) {
        await site.query(`SELECT toDateTime64(${expression}, 0), ${where ?? 1} FROM d.t${number}`);
      }
    });
  }
});

Deno.test("targets and kinds of views are read as a real server knows them", async () => {
  await using one = await startOneSite();
  const { site } = one;
  const databases = ["d", "a`b\\.c TO d\n'", "TO"];
  for (const database of databases) await site.query(`CREATE DATABASE ${identifier(database)}`);
  await site.query("CREATE TABLE d.source (a UInt32, ts DateTime) ENGINE = MergeTree ORDER BY a");
  const select = "SELECT a, ts FROM d.source";
  const inner = "ENGINE = MergeTree ORDER BY a";
  const views = [
    `${inner} AS ${select}`,
    `(a UInt32, ts DateTime) ${inner} TTL ts + INTERVAL 1 DAY TO DISK 'default' AS ${select}`,
    `${inner} AS WITH 'x TO d.y' AS s, z AS (${select} WHERE toString(a) != s) SELECT a, ts FROM z`,
    `${inner} AS SELECT a, ts, ' REFRESH EVERY 1 HOUR TO d.x' AS s FROM d.source`,
    `REFRESH EVERY 1 YEAR ${inner} AS ${select}`,
    `REFRESH AFTER 300 DAY ${inner} EMPTY AS ${select}`,
  ];
  for (const [index, view] of views.entries()) {
    await site.query(`CREATE MATERIALIZED VIEW d.inner${index} ${view}`);
  }
  let number = 0;
  for (const name of HOSTILE_NAMES) {
    const target = { database: databases[number % databases.length]!, name };
    await site.query(`CREATE TABLE ${qualified(target)} (a UInt32, ts DateTime) ${inner}`);
    const kinds = [
      (to: string) => `TO ${to} AS ${select}`,
      (to: string) => `REFRESH EVERY 1 YEAR OFFSET 2 DAY APPEND TO ${to} EMPTY AS ${select}`,
      (to: string) => `REFRESH AFTER 300 DAY DEPENDS ON d.inner4 TO ${to} EMPTY AS ${select}`,
      (to: string) => `TO ${to} DEFINER = sync SQL SECURITY DEFINER AS ${select}`,
      (to: string) => `TO ${to} (a UInt32, ts DateTime) AS ${select} COMMENT 'x TO d.y REFRESH EVERY 1 HOUR'`,
    ];
    const view = { database: databases[(number + 1) % databases.length]!, name: `view of ${name}` };
    await site.query(
      `CREATE MATERIALIZED VIEW ${qualified(view)} ${kinds[number % kinds.length]!(qualified(target))}`,
    );
    number++;
  }
  const rows = await site.rows<
    {
      database: string;
      name: string;
      sql: string;
      uuid: string;
      target_database: string;
      target_table: string;
    }
  >(
    "SELECT database, name, create_table_query AS sql, toString(uuid) AS uuid, target_database, target_table " +
      "FROM system.tables WHERE engine = 'MaterializedView' ORDER BY name",
  );
  const refreshed = new Set(
    (await site.rows<{ database: string; view: string }>("SELECT database, view FROM system.view_refreshes"))
      .map(({ database, view }) => JSON.stringify([database, view])),
  );
  assert.equal(rows.length, HOSTILE_NAMES.length + views.length);
  for (const { database, name, sql, uuid, target_database, target_table } of rows) {
    const target = viewTarget(sql, database) ?? { database, name: `.inner_id.${uuid}` };
    assert.deepEqual(target, { database: target_database, name: target_table }, sql);
    assert.equal(isRefreshable(sql), refreshed.has(JSON.stringify([database, name])), sql);
  }
});

Deno.test("viewTarget() takes a target without a database for one of the view's own", () => {
  assert.deepEqual(viewTarget("CREATE MATERIALIZED VIEW d.v TO t AS SELECT 1", "d"), {
    database: "d",
    name: "t",
  });
});

Deno.test("isRefreshable() looks no further than to where the view's query begins", () => {
  assert.equal(isRefreshable("CREATE MATERIALIZED VIEW d.v TO d.t AS SELECT a REFRESH EVERY b"), false);
  assert.equal(isRefreshable("CREATE MATERIALIZED VIEW d.v REFRESH EVERY 1 DAY TO d.t AS SELECT a"), true);
});

Deno.test("definitionElements() cuts a definition into columns, indices and projections", () => {
  const query =
    "CREATE TABLE `d (1`.t (`a,b` Map(String, String) DEFAULT ',)', INDEX i (a, b) TYPE minmax, " +
    "PROJECTION p (SELECT a, b ORDER BY a)) ENGINE = MergeTree ORDER BY (a, b)";
  assert.deepEqual(definitionElements(query), [
    "`a,b` Map(String, String) DEFAULT ',)'",
    "INDEX i (a, b) TYPE minmax",
    "PROJECTION p (SELECT a, b ORDER BY a)",
  ]);
});

Deno.test("keepsFor() tells how long a row waits in a Buffer table", () => {
  assert.equal(keepsFor("Buffer('d', 't', 16, 10, 100, 1, 2, 3, 4)"), 100);
  assert.equal(keepsFor("Buffer('d', 't', 16, 10, 100, 1, 2, 3, 4, 30)"), 30);
  assert.equal(keepsFor("Buffer('d', 't', 16, 10, 100, 1, 2, 3, 4, 300, 5, 6)"), 100);
  assert.equal(keepsFor("Buffer('d', 't', 16, 10, 100, 1, 2, 3, 4, 0, 5, 6)"), 100);
  assert.equal(keepsFor("Distributed('c', 'd', 't', 1, 2, 3)"), null);
});

Deno.test("destination() tells where tables put rows that keep none themselves", () => {
  assert.deepEqual(destination("Buffer('d', 'a b', 1, 5, 10, 1, 2, 3, 4)", "own"), {
    database: "d",
    name: "a b",
  });
  assert.deepEqual(destination("Buffer('', 't', 1, 5, 10, 1, 2, 3, 4)", "own"), {
    database: "own",
    name: "t",
  });
  assert.deepEqual(destination("Distributed('c', 'd', 't', rand())", "own"), { database: "d", name: "t" });
  assert.equal(clusterOfDistributed("Distributed('{c}', 'd', 't', rand()) SETTINGS fsync = 1"), "{c}");
  assert.equal(clusterOfDistributed("Buffer('d', 't', 1, 1, 1, 1, 1, 1, 1)"), null);
  for (const by of ["Alias('d', 't')", "Alias('d.t')"]) {
    assert.deepEqual(destination(by, "own"), { database: "d", name: "t" }, by);
  }
  assert.deepEqual(destination("Alias('t')", "own"), { database: "own", name: "t" });
  // Whatever its server is: that cannot be told by the address.
  assert.equal(destination("Remote('h:1', 'd', 't', 'u')", "own"), null);
  assert.equal(destination("Null", "own"), null);
  assert.equal(destination("Kafka('a', 'b', 'c')", "own"), null);
});

Deno.test("timeSeriesTargets() names the tables of others that a TimeSeries table writes to, and no inner ones", () => {
  const of = (clause: string) =>
    timeSeriesTargets(`CREATE TABLE d.t (\`tags\` Map(String, String)) ENGINE = TimeSeries${clause}`, "own");
  assert.deepEqual(of(""), []);
  assert.deepEqual(
    of(" SAMPLES e.`a b` TAGS INNER COLUMNS (`id` UUID) TAGS INNER ENGINE = MergeTree ORDER BY id METRICS m"),
    [
      { database: "e", name: "a b" },
      { database: "own", name: "m" },
    ],
  );
});
