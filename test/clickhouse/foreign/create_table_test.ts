import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { createStatement, takeDefinition } from "../../../src/clickhouse/foreign/create_table.ts";
import { Untaken } from "../../../src/clickhouse/foreign/tokens.ts";
import { literal, qualified } from "../../../src/clickhouse/sql/quoting.ts";
import type { TableId } from "../../../src/model/table.ts";
import { generatedTable } from "../../fuzz/generated_table.ts";
import { startAnswersRelay } from "../../support/links/answers_relay.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { HOSTILE_NAMES } from "../../support/data/hostile_names.ts";
import { type OneSite, startOneSite } from "../../support/sites/one_site.ts";
import { OTEL_SCHEMA } from "../../support/data/otel.ts";
import { everything, load, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { TYPED_COLUMNS } from "../../support/data/typed_columns.ts";

const T: TableId = { database: "d", name: "t" };
const refused = (statement: string, id = T) =>
  assert.throws(() => takeDefinition(statement, id), Untaken, statement);

/** What the definition of a table must be taken from, and what may follow its name. */
const DEFINITIONS = [
  "(`a` UInt8) ENGINE = MergeTree ORDER BY a SETTINGS index_granularity = 8192",
  "(a String DEFAULT '); DROP TABLE x -- /*', ts DateTime, CONSTRAINT c CHECK (length(a) > 1) AND (a != ''), " +
  "PROJECTION p (SELECT a, count(), quantiles(0.5, 0.9)(toUnixTimestamp(ts)) GROUP BY a), PROJECTION q (SELECT * ORDER BY a)) " +
  "ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (a, ts) " +
  "TTL ts + INTERVAL 1 DAY DELETE WHERE a IN ('x', 'y') OR a LIKE '%z', ts + INTERVAL 1 WEEK RECOMPRESS CODEC(ZSTD(3)) " +
  "COMMENT 'AS SELECT ; \\' \\\\ `'",
  "(k UInt64, n Nested(a String, b Array(Nullable(Int64))), v UInt64 CODEC(Delta, ZSTD), t Tuple(a String, `b c` UInt8), " +
  "e Enum8('a' = 1, 'b\\'' = -2), f AggregateFunction(quantiles(0.5, 0.9), Float64), j JSON(a.b UInt32, SKIP x.y), " +
  "d Date DEFAULT today(), u UUID DEFAULT generateUUIDv4(), h String MATERIALIZED hostName(), al UInt64 ALIAS k + t.2, " +
  "m Map(String, String) TTL d + toIntervalDay(1), c UInt8 DEFAULT if(mapContains(m, 'a'), 1, arraySum(x -> x + 1, [1, 2])) COMMENT 'c', " +
  "ep String EPHEMERAL, ep2 UInt8 EPHEMERAL 3, ca String DEFAULT CAST(k, 'String'), ne Int64 DEFAULT -1 * (k - 3) % 7, " +
  "nu UInt8 DEFAULT (k IS NULL) OR NOT (k BETWEEN 1 AND 5), " +
  "INDEX i mapKeys(m) TYPE bloom_filter(0.01) GRANULARITY 4, INDEX j2 h TYPE ngrambf_v1(3, 256, 2, 0), INDEX mm (k, v) TYPE minmax) " +
  "ENGINE = SummingMergeTree((v)) PRIMARY KEY k ORDER BY (k, cityHash64(h) % 4) SAMPLE BY k " +
  "SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, min_bytes_for_wide_part = '10M'",
  "(ts DateTime, k UInt8, v UInt64) ENGINE = MergeTree ORDER BY (k, ts) " +
  "TTL ts + INTERVAL 3 DAY GROUP BY k SET v = sum(v), ts = min(ts)",
  "(s Int8, v UInt8, k UInt64) ENGINE = VersionedCollapsingMergeTree(s, v) ORDER BY k",
  "(k UInt64, v UInt8) ENGINE = MergeTree ORDER BY (k DESC, v) SETTINGS allow_experimental_reverse_key = 1",
];

/** What the server prints of a table, dropped and made again from what was taken of that. */
async function again({ site }: OneSite, id: TableId): Promise<readonly [string, string]> {
  const printed = async () =>
    (await site.rows<{ q: string }>(
      `SELECT create_table_query AS q FROM system.tables WHERE database = ${
        literal(id.database)
      } AND name = ${literal(id.name)}`,
    ))[0]!.q;
  const before = await printed();
  await site.query(`DROP TABLE ${qualified(id)} SYNC`);
  await site.query(createStatement(takeDefinition(before, id), id));
  return [before, await printed()];
}

const SUSPICIOUS = [
  "allow_suspicious_low_cardinality_types",
  "allow_suspicious_variant_types",
  "allow_suspicious_types_in_order_by",
  "allow_suspicious_primary_key",
].map((name) => `${name} = 1`).join(", ");

Deno.test("a table made from what was taken of its definition is the same table", async (t) => {
  await using one = await startOneSite({
    config: {
      profiles: {
        default: { allow_suspicious_low_cardinality_types: 1, allow_experimental_nullable_tuple_type: 1 },
      },
    },
  });
  const { site } = one;
  await site.query("CREATE DATABASE d");
  for (const [number, definition] of DEFINITIONS.entries()) {
    await t.step(definition.slice(0, 60), async () => {
      const id = { database: "d", name: `t${number}` };
      await site.query(`CREATE TABLE ${qualified(id)} ${definition}`);
      const [before, after] = await again(one, id);
      assert.equal(after, before);
    });
  }
  await t.step("every type, under every name", async () => {
    for (const [number, { type }] of TYPED_COLUMNS.entries()) {
      const id = { database: "d", name: `${HOSTILE_NAMES[number % HOSTILE_NAMES.length]} ${number}` };
      await site.query(
        `CREATE TABLE ${
          qualified(id)
        } (k UInt8, v ${type}) ENGINE = MergeTree ORDER BY k SETTINGS ${SUSPICIOUS}`,
      )
        .catch(() =>
          site.query(`CREATE TABLE ${qualified(id)} (k UInt8, v ${type}) ENGINE = MergeTree ORDER BY k`)
        );
      const [before, after] = await again(one, id);
      assert.equal(after, before, type);
    }
  });
  await t.step("the tables of the OpenTelemetry exporter", async () => {
    for (const statement of OTEL_SCHEMA) await site.query(statement);
    const tables = await site.rows<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'otel' AND engine LIKE '%MergeTree'",
    );
    assert.ok(tables.length > 5);
    for (const { name } of tables) {
      const [before, after] = await again(one, { database: "otel", name });
      assert.equal(after, before);
    }
  });
  await t.step("generated ones", async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000).chain((number) => generatedTable(number)),
        async ({ name, definition }) => {
          const id = { database: "d", name: `${name} g${++number}` };
          await site.query(`CREATE TABLE ${qualified(id)} ${definition}`);
          const [before, after] = await again(one, id);
          assert.equal(after, before);
        },
      ),
      { numRuns: 40 },
    );
  });
});

Deno.test("nothing but the one plain table is taken", () => {
  const table = "CREATE TABLE d.t (`a` UInt8) ENGINE = MergeTree ORDER BY a";
  takeDefinition(table, T);
  const tails = [
    " AS SELECT * FROM url('http://x', 'CSV', 'a UInt8')",
    " /* ' */ AS SELECT 1 AS a -- '",
    " # ' \n AS SELECT 1 AS a",
    "; DROP TABLE d.u",
    " PARALLEL WITH TRUNCATE TABLE d.u",
    " SETTINGS disk = disk(type = s3, endpoint = 'https://evil.example/')",
    " SETTINGS disk=disk (type = web)",
    " SETTINGS disk = 'other'",
    " SETTINGS index_granularity = (SELECT 1)",
    " TTL toDate(a) + sleep(3)",
    " TTL toDate(a) DELETE WHERE a IN (SELECT a FROM d.u)",
    " TTL toDate(a) DELETE WHERE a IN u",
    " TTL toDate(a) DELETE WHERE a IN (u)",
    " PARTITION BY (SELECT 1 FROM remote('h', d.u))",
    " COMMENT $$x$$",
    "\0",
    ' COMMENT "x"',
    " FORMAT Null",
    " INTO OUTFILE '/tmp/x'",
  ];
  for (const tail of tails) refused(table + tail);
  const columns = [
    "a UInt8 DEFAULT file('x')",
    "a UInt8 DEFAULT dictGet('d', 'a', 1)",
    "a UInt8 DEFAULT in(1, u)",
    "a UInt8 DEFAULT in(1, (u))",
    "a UInt8 DEFAULT joinGet('d.u', 'a', 1)",
    "a UInt8 MATERIALIZED (SELECT count() FROM d.u)",
    "a UInt8 DEFAULT 1) ENGINE = MergeTree ORDER BY a PARALLEL WITH DROP TABLE d.u --",
    "a UInt8, PROJECTION p (SELECT a FROM d.u)",
    "a UInt8, PROJECTION p (SELECT (SELECT 1) GROUP BY a)",
    "a UInt8, INDEX i a TYPE text(tokenizer = 'default', preprocessor = file(a))",
    "a UInt8, CONSTRAINT c CHECK (SELECT 1)",
    "a UInt8 TTL now() + sleep(1)",
    "a String DEFAULT 'x",
    "a String DEFAULT 'x\\x41'",
    "a UInt8 DEFAULT {p:UInt8}",
    "a UInt8 DEFAULT @@version",
  ];
  for (const column of columns) refused(`CREATE TABLE d.t (${column}) ENGINE = MergeTree ORDER BY a`);
  for (
    const statement of [
      "",
      "DROP TABLE d.t",
      "DROP TABLE d.other -- CREATE TABLE d.t (`a` UInt8) ENGINE = MergeTree",
      "CREATE TABLE d.u (`a` UInt8) ENGINE = MergeTree ORDER BY a",
      "CREATE TABLE t (`a` UInt8) ENGINE = MergeTree ORDER BY a",
      "CREATE TABLE d.t ENGINE = MergeTree ORDER BY a EMPTY AS SELECT 1 AS a",
      "CREATE TABLE d.t CLONE AS d.u ENGINE = MergeTree",
      "CREATE TABLE d.t AS d.u ENGINE = MergeTree",
      "CREATE TABLE d.t (`a` UInt8) ENGINE = URL('http://x')",
      "CREATE TABLE d.t (`a` UInt8) ENGINE = MySQL('h', 'd', 't', 'u', 'p')",
      "CREATE TABLE d.t (`a` UInt8) ENGINE = ReplicatedMergeTree('/clickhouse/tables/01/victim', 'r2') ORDER BY a",
      "CREATE OR REPLACE TABLE d.t (`a` UInt8) ENGINE = MergeTree ORDER BY a",
      "CREATE TABLE d.t ON CLUSTER c (`a` UInt8) ENGINE = MergeTree ORDER BY a",
      "CREATE MATERIALIZED VIEW d.t (`a` UInt8) ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a",
      "CREATE TABLE d.t (`a` UInt8 ENGINE = MergeTree",
      `CREATE TABLE d.t (a UInt8 DEFAULT ${"(".repeat(60_000)}1${
        ")".repeat(60_000)
      }) ENGINE = MergeTree ORDER BY a`,
      `CREATE TABLE d.t (a UInt8 DEFAULT ${"NOT ".repeat(30_000)}1) ENGINE = MergeTree ORDER BY a`,
      `CREATE TABLE d.t (a ${"Array(".repeat(20_000)}UInt8${
        ")".repeat(20_000)
      }) ENGINE = MergeTree ORDER BY a`,
      `CREATE TABLE d.t (a UInt8) ENGINE = MergeTree ORDER BY a COMMENT '${"x".repeat(300_000)}'`,
    ]
  ) refused(statement);
});

Deno.test("a replicated table with a path of its UUID gets this server's own", () => {
  const taken = takeDefinition(
    "CREATE TABLE d.t (`a` UInt8, `v` UInt8) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', v) ORDER BY a",
    T,
  );
  assert.match(taken, /ENGINE = ReplicatedReplacingMergeTree\(`v`\) ORDER BY/);
});

Deno.test("a site that gives another statement for a new table gets none run here", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await primary.query("CREATE DATABASE d");
  await primary.query(telemetryTable("d.made"));
  await dr.query("CREATE DATABASE d");
  await dr.query(telemetryTable("d.here"));
  await load(dr, "d.here", "2026-01-01", 10);
  const before = await everything(dr);
  await using relay = startAnswersRelay(
    primary.url,
    (_statement, answer) =>
      answer.replaceAll("CREATE TABLE d.made", "DROP TABLE d.here -- CREATE TABLE d.made"),
  );
  const settings = { remote: { ...primary.endpoint, url: relay.url }, autoCreateTables: true };
  const report = await checkSites(sites, { settings });
  assert.equal(reasonsOf(report)["d.made"], "new");
  assert.match(findingsOf(report)[0]!.detail, /not a plain CREATE TABLE/);
  assert.deepEqual(findingsOf(report)[0]!.sql, []);
  assert.equal(await everything(dr), before);
});

Deno.test("a table of ClickHouse Cloud is created as what it is elsewhere: its parts are this server's own", () => {
  const of = (engine: string) =>
    takeDefinition(`CREATE TABLE d.t (\`a\` UInt8, \`v\` UInt8) ENGINE = ${engine} ORDER BY a`, T);
  assert.match(
    of("SharedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')"),
    /ENGINE = MergeTree\(?\)? ORDER BY/,
  );
  assert.match(
    of("SharedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', v)"),
    /ENGINE = ReplacingMergeTree\(`v`\) ORDER BY/,
  );
  assert.match(of("SharedMergeTree"), /ENGINE = MergeTree ORDER BY/);
});
