/** Tables as they come: keys, types and names that real servers hold, repaired exactly, on two real sites. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

interface Shape {
  readonly name: string;
  /** Columns and keys of a `CREATE TABLE`. */
  readonly columns: string;
  readonly keys: string;
  /** SELECT of one row for each `number`; `N` rows. */
  readonly rows: string;
  /** Columns of the INSERT, where not all are given. */
  readonly into?: string;
}

const TS = "toDateTime('2026-01-01 00:00:00', 'UTC') + number * 37";

/** A table by day with one more column. */
function typed(name: string, column: string, value: string): Shape {
  return {
    name,
    columns: `ts DateTime('UTC'), ${column}`,
    keys: "PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
    rows: `SELECT ${TS}, ${value} FROM numbers(N)`,
  };
}

const SHAPES: readonly Shape[] = [
  typed("nullable", "v Nullable(Int8)", "if(number % 3 = 0, NULL, number % 100)"),
  typed(
    "low_cardinality",
    "v LowCardinality(Nullable(String))",
    "if(number % 5 = 0, NULL, toString(number % 7))",
  ),
  typed("array", "v Array(Nullable(String))", "[NULL, toString(number % 3)]"),
  typed(
    "deep_map",
    "v Tuple(x Int32, y Map(String, Array(Int32)))",
    "(number, map('k', [number % 4], 'a', [1]))",
  ),
  typed("nan", "v Float64", "if(number % 10 = 0, nan, -0.0 * number)"),
  typed("json", "v JSON", `concat('{"a":', toString(number % 3), ',"b":{"c":"x"}}')`),
  typed("dynamic", "v Dynamic", "number::Dynamic"),
  typed(
    "variant",
    "v Variant(UInt64, String)",
    "if(number % 2 = 0, number::UInt64::Variant(UInt64, String), 's')",
  ),
  typed("nested", "v Nested(p Int32, `q.r` String)", "[number, 1], ['p', 'q']"),
  typed("date32", "v Date32", "'1950-01-01'::Date32 + number"),
  typed(
    "decimal",
    "v Decimal(18, 4), w Int256, x UUID",
    "number / 7, number, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')",
  ),
  typed(
    "network",
    "v IPv6, w IPv4, x FixedString(3)",
    "toIPv6(concat('::', toString(number % 100))), toIPv4(toUInt32(number)), 'abc'",
  ),
  typed(
    "time64",
    "v Time64(3), w BFloat16, x Bool, y Enum8('a' = 1, 'b' = 2)",
    "toTime64(number, 3), number / 3, number % 2, 'b'",
  ),
  typed("geo", "v Point, w Ring", "(1, number)::Point, [(1, 2), (3, number)]::Ring"),
  typed(
    "words",
    "`count` Int32, `select` String, `FROM` Int8, n Int32, h Int32",
    "number, 'sel', 1, number % 2, 3",
  ),
  {
    name: "states",
    columns:
      "ts DateTime('UTC'), k Int32, s AggregateFunction(sum, Int64), u AggregateFunction(uniq, String)",
    keys: "PARTITION BY toYYYYMM(ts) ORDER BY (k, ts)",
    rows: `SELECT ${TS} AS t, number % 9 AS k, sumState(toInt64(number)), uniqState(toString(number)) ` +
      "FROM numbers(N) GROUP BY t, k",
  },
  {
    name: "we ird.t`a'b\\c/é🙂<b>",
    columns: "`t s` DateTime('UTC'), `a.b` Int32, `q'u\\`x` String",
    keys: "PARTITION BY (toDate(`t s`), `a.b` % 3) ORDER BY (`a.b`, `t s`)",
    rows: `SELECT ${TS} + number * 60, number % 5, 'x' FROM numbers(N)`,
  },
  {
    name: "no_key",
    columns: "k String, v Int32",
    keys: "ORDER BY tuple()",
    rows: "SELECT toString(number), 1 FROM numbers(N)",
  },
  {
    name: "by_region",
    columns: "region LowCardinality(String), ts DateTime, v UInt64",
    keys: "PARTITION BY region ORDER BY (region, ts)",
    rows: `SELECT concat('r', toString(number % 4)), ${TS}, number FROM numbers(N)`,
  },
  {
    name: "computed",
    columns:
      "ts DateTime('UTC'), v Int32, d Date MATERIALIZED toDate(ts), al Int32 ALIAS v * 2, e Int32 EPHEMERAL 3, " +
      "w Int32 DEFAULT v + 1, CONSTRAINT positive CHECK v >= 0",
    keys: "PARTITION BY (d) ORDER BY (d, ts)",
    into: "(ts, v)",
    rows: `SELECT ${TS} + number * 600, number FROM numbers(N)`,
  },
  {
    name: "projected",
    columns: "ts DateTime('UTC'), v Int32, w String CODEC(ZSTD(3)), INDEX iv v TYPE minmax, " +
      "PROJECTION p (SELECT v, count() GROUP BY v), PROJECTION o (SELECT * ORDER BY v)",
    keys:
      "PARTITION BY toYYYYMM(ts) ORDER BY ts TTL ts + INTERVAL 3000 DAY, ts + INTERVAL 4000 DAY DELETE WHERE v = 7",
    rows: `SELECT ${TS}, number, 'x' FROM numbers(N)`,
  },
  {
    name: "many_partitions",
    columns: "ts DateTime('UTC'), v Int32",
    keys: "PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
    rows:
      `SELECT ${TS} + intDiv(number, 6) * 86400, number FROM numbers(N) SETTINGS max_partitions_per_insert_block = 0`,
  },
];

/** A name in backticks. */
function quoted(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}

Deno.test("tables of every shape become the union of both sites", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const database = "d.b 'x";
  await onBoth(sites, `CREATE DATABASE ${quoted(database)}`);
  const table = ({ name }: Shape) => `${quoted(database)}.${quoted(name)}`;
  for (const shape of SHAPES) {
    const { columns, keys, rows, into = "" } = shape;
    await onBoth(sites, `CREATE TABLE ${table(shape)} (${columns}) ENGINE = MergeTree ${keys}`);
    const insert = (site: Site, n: number) =>
      site.query(`INSERT INTO ${table(shape)} ${into} ${rows.replace("numbers(N)", `numbers(${n})`)}`);
    // Some rows twice there, some only once here, most absent.
    await insert(primary, 120);
    await insert(primary, 40);
    await insert(dr, 50);
  }
  const read = async (site: Site, shape: Shape) => {
    const lines = await site.rows<{ row: string; times: string }>(
      `SELECT toString(tuple(*)) AS row, count() AS times FROM ${table(shape)} GROUP BY row`,
    );
    return new Map(lines.map(({ row, times }) => [row, Number(times)]));
  };
  const expected = new Map<Shape, Map<string, number>>();
  for (const shape of SHAPES) {
    const [there, here] = [await read(primary, shape), await read(dr, shape)];
    expected.set(
      shape,
      new Map([...there].map(([row, times]) => [row, Math.max(times, here.get(row) ?? 0)])),
    );
  }
  // A table without a time settles once neither side has changed for a while.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const settings = { settleSeconds: 1 };
  const report = await checkSites(sites, { settings });
  assert.deepEqual(findingsOf(report).filter(({ repaired }) => !repaired), []);
  for (const [shape, rows] of expected) {
    assert.deepEqual([...await read(dr, shape)].sort(), [...rows].sort(), shape.name);
  }
  assert.deepEqual(reasonsOf(await checkSites(sites, { settings, dryRun: true })), {});
});

Deno.test("a column with a name of ch-sync's own, or of the server's, is refused, not guessed at", async () => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d");
  const names = ["_chsync_h", "_part", "_partition_id", "_part_offset"];
  for (const name of names) {
    await onBoth(
      sites,
      `CREATE TABLE d.of${name} (ts DateTime, ${name} UInt64) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts`,
    );
    await sites.primary.query(`INSERT INTO d.of${name} VALUES ('2026-01-01 00:00:00', 1)`);
  }
  const findings = findingsOf(await checkSites(sites));
  assert.deepEqual(
    findings.map(({ table, reason, cause }) => [table, reason, cause]).sort(),
    names.map((name) => [`d.of${name}`, "unsupported", "reserved_column"]).sort(),
  );
});
