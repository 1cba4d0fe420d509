import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import {
  bucketExpression,
  decodeBucket,
  eventKey,
  inBuckets,
  inScope,
} from "../../../src/clickhouse/sql/rows_in_scope.ts";
import { deleteTtls, parseEngineClause } from "../../../src/clickhouse/sql/engine_clause.ts";
import { settledBefore as boundaryOf } from "../../../src/model/time_units.ts";
import type { Bucket, Bucketing, RowScope, TimeAxis, TimeUnit } from "../../../src/model/scope.ts";
import type { Column } from "../../../src/model/table.ts";
import { timeUnit } from "../../../src/check/tables/time_axis.ts";
import { type OneSite, startOneSite } from "../../support/sites/one_site.ts";
import type { Site } from "../../support/sites/two_sites.ts";
import { column } from "../../support/data/tables.ts";

const DAY = 86_400n;
/** Every kind of axis with the instants, in its unit, that it can hold; null where it can be NULL. */
const AXES: Readonly<Record<string, readonly (number | null)[]>> = {
  "DateTime('UTC')": [
    0,
    1,
    59,
    60,
    1_767_225_600,
    1_767_225_601,
    4_102_444_799,
    4_102_444_800,
    4_294_967_295,
  ],
  "Nullable(DateTime('Asia/Tokyo'))": [null, 0, 1_767_225_600, 1_767_229_200, 4_294_967_295, null],
  "LowCardinality(DateTime('UTC'))": [0, 61, 1_767_225_600, 4_294_967_295],
  "DateTime64(3, 'UTC')": [
    -2_208_988_800,
    -1,
    0,
    1,
    1_767_225_600,
    4_102_444_800,
    4_294_967_296,
    10_413_791_999,
  ],
  "Nullable(DateTime64(9, 'UTC'))": [
    -2_208_988_800,
    -86_401,
    -1,
    0,
    1_767_225_600,
    4_294_967_300,
    9_223_372_035,
    null,
  ],
  "Date": [0, 1, 20_454, 47_481, 47_482, 47_483, 65_535],
  "Nullable(Date32)": [-25_567, -1, 0, 1, 20_454, 49_711, 120_529, null],
  "Date32": [-25_567, -1, 0, 20_454, 65_536, 120_529],
};

/** The same of numbers, with those that are no times, in the unit; two at the ends of what the type holds. */
const NUMBERS: Readonly<Record<string, readonly [TimeUnit, bigint, ...(bigint | null)[]]>> = {
  "UInt64": [
    "nanoseconds",
    1n,
    0n,
    1_767_225_600_000_000_000n,
    1_767_225_601_000_000_007n,
    2n ** 63n + 5n,
    2n ** 64n - 1n,
  ],
  "Int64": [
    "milliseconds",
    1800n,
    0n,
    -(2n ** 63n),
    -1n,
    1_767_225_600_000n,
    1_767_229_200_000n,
    2n ** 63n - 1n,
  ],
  "Nullable(UInt64)": ["microseconds", 0n, null, 0n, 1_767_225_600_000_000n, 2n ** 62n, null],
  "UInt32": ["seconds", 300n, 0n, 1_767_225_300n, 1_767_225_600n, 4_294_967_295n],
};

interface AxisTable {
  readonly axis: TimeAxis;
  readonly columns: readonly Column[];
  readonly table: string;
  readonly times: readonly (bigint | null)[];
}

/** A table of the axis, with three rows a time: exactly at it, and, where it can have them, with fractions. */
async function createAxes(site: Site): Promise<AxisTable[]> {
  await site.query("CREATE DATABASE d");
  const tables: AxisTable[] = [];
  for (const [type, instants] of Object.entries(AXES)) {
    const table = `d.t${tables.length}`;
    const unit = timeUnit(type)!;
    await site.query(
      `CREATE TABLE ${table} (id UInt32, \`t s\` ${type}) ENGINE = MergeTree ORDER BY (\`t s\`, id) ` +
        `SETTINGS index_granularity = 2, allow_nullable_key = 1, allow_suspicious_low_cardinality_types = 1`,
    ).catch(async () => {
      await site.query(
        `CREATE TABLE ${table} (id UInt32, \`t s\` ${type}) ENGINE = MergeTree ORDER BY (\`t s\`, id) ` +
          `SETTINGS index_granularity = 2, allow_nullable_key = 1`,
      );
    });
    const fractions = type.includes("DateTime64") ? ["", ".001", ".999"] : [""];
    const values: string[] = [];
    for (const instant of instants) {
      for (const fraction of instant === null ? [""] : fractions) {
        values.push(`(${values.length}, ${instant === null ? "NULL" : time(type, instant, fraction)})`);
      }
    }
    await site.query(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
    const rows = await site.rows<{ t: string | null }>(
      `SELECT toString(toInt64(\`t s\`)) AS t FROM ${table} ORDER BY id`,
    );
    tables.push({
      axis: { column: "t s", unit },
      columns: [column("id", "UInt32"), column("t s", type, { inSortingKey: true })],
      table,
      times: rows.map(({ t }) => t === null ? null : BigInt(t)),
    });
  }
  for (const [type, [unit, grain, ...values]] of Object.entries(NUMBERS)) {
    const table = `d.t${tables.length}`;
    await site.query(
      `CREATE TABLE ${table} (id UInt32, \`t s\` ${type}) ENGINE = MergeTree ORDER BY (\`t s\`, id) ` +
        "SETTINGS index_granularity = 2, allow_nullable_key = 1",
    );
    await site.query(
      `INSERT INTO ${table} VALUES ${values.map((value, id) => `(${id}, ${value})`).join(", ")}`,
    );
    tables.push({
      axis: { column: "t s", unit, numbers: { grain } },
      columns: [column("id", "UInt32"), column("t s", type, { inSortingKey: true })],
      table,
      times: values.map((value) => value === null ? null : asTime(value)),
    });
  }
  return tables;
}

/** Negative numbers count as 0, and those that no time reaches as the last one. */
function asTime(value: bigint): bigint {
  const last = 2n ** 62n - 1n;
  return value < 0n ? 0n : value > last ? last : value;
}

function time(type: string, instant: number, fraction: string): string {
  if (type.includes("DateTime64")) {
    const scale = type.includes("64(9") ? 9 : 3;
    return `toDateTime64('${iso(instant)}${fraction}', ${scale}, 'UTC')`;
  }
  if (type.includes("DateTime")) return `toDateTime(${instant}, 'UTC')`;
  return type.includes("Date32")
    ? `toDate32('${iso(instant * Number(DAY)).slice(0, 10)}')`
    : `toDate(${instant})`;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19);
}

const bucketings = (times: readonly (bigint | null)[]): fc.Arbitrary<Bucketing> => {
  const known = times.filter((time) => time !== null);
  const nearby = fc.tuple(fc.constantFrom(...known), fc.bigInt({ min: -100n, max: 100n })).map(([a, b]) =>
    a + b
  );
  return fc.oneof(
    fc.record({
      kind: fc.constant("time" as const),
      origin: fc.oneof(nearby, fc.constant(known.reduce((a, b) => b < a ? b : a))),
      width: fc.oneof(fc.bigInt({ min: 1n, max: 200n }), fc.bigInt({ min: 1n, max: 10_000_000_000n })),
    }),
    fc.record({ kind: fc.constant("hash" as const), count: fc.integer({ min: 1, max: 20 }) }),
  );
};

Deno.test("every row is in exactly one bucket, and inBuckets() finds the rows of its buckets and no other", async (t) => {
  await using one = await startOneSite();
  const { site } = one;
  for (const { axis, columns, table, times } of await createAxes(site)) {
    await t.step(columns[1]!.type, async () => {
      await fc.assert(
        fc.asyncProperty(bucketings(times), fc.infiniteStream(fc.boolean()), async (bucketing, coin) => {
          const expression = bucketExpression(bucketing, axis, columns);
          const rows = await site.rows<{ id: number; b: string }>(
            `SELECT id, toString(${expression}) AS b, toTypeName(${expression}) AS type FROM ${table} ORDER BY id`,
          );
          if (axis.numbers && columns[1]!.type.includes("UInt")) {
            assert.doesNotMatch(
              inBuckets(rows.map(({ b }) => decodeBucket(b)), bucketing, axis, columns),
              /`t s` >?=? -/,
            );
          }
          const buckets = rows.map(({ b }) => decodeBucket(b));
          if (bucketing.kind === "time") {
            const { origin, width } = bucketing;
            assert.deepEqual(buckets, times.map((time) => time === null ? null : (time - origin) / width));
          } else assert.ok(buckets.every((b) => b !== null && b >= 0n && b < BigInt(bucketing.count)));

          const all = new Set<Bucket>(buckets);
          const some = [...all].filter(() => coin.next().value);
          if (some.length === 0) some.push(buckets[0]!);
          for (const wanted of [[...all], some]) {
            const found = await site.rows<{ id: number }>(
              `SELECT id FROM ${table} WHERE ${inBuckets(wanted, bucketing, axis, columns)} ORDER BY id`,
            );
            assert.deepEqual(
              found.map(({ id }) => id),
              rows.filter((_, index) => wanted.includes(buckets[index]!)).map(({ id }) => id),
            );
          }
        }),
        { numRuns: 25 },
      );
    });
  }
});

Deno.test("inScope() takes settled rows and rows without a time, and all of them where all is quiet", async (t) => {
  await using one = await startOneSite();
  const { site } = one;
  for (const { axis, columns, table, times } of await createAxes(site)) {
    await t.step(columns[1]!.type, async () => {
      const now = fc.constantFrom(1_767_225_601, 1_767_229_200, 90_000, 4_102_444_800);
      await fc.assert(
        fc.asyncProperty(
          now,
          fc.boolean(),
          fc.constantFrom(0, 1, 600),
          async (now, quiet, settleSeconds) => {
            const settledBefore = now - settleSeconds;
            const moment = { now, settledBefore, settledBeforeDay: Math.floor(settledBefore / 86_400) };
            const scope: RowScope = { axis, moment, quiet, settleSeconds, ttls: [] };
            const found = await site.rows<{ id: number }>(
              `SELECT id FROM ${table} WHERE ${inScope(["all"], scope)} ORDER BY id`,
            );
            const before = boundaryOf(axis, moment);
            const expected = times.flatMap((time, id) => time === null || time < before || quiet ? [id] : []);
            assert.deepEqual(found.map(({ id }) => id), expected);
          },
        ),
        { numRuns: 20 },
      );
    });
  }
});

Deno.test("inScope() reads the partitions that are named, whatever they are called, and no other", async () => {
  await using one = await startOneSite();
  const { site } = one;
  await site.query("CREATE DATABASE d");
  await site.query("CREATE TABLE d.t (a UInt32) ENGINE = MergeTree PARTITION BY a ORDER BY a");
  await site.query("INSERT INTO d.t VALUES (1), (2), (11)");
  const moment = { now: 0, settledBefore: 0, settledBeforeDay: 0 };
  const scope = { axis: null, moment, quiet: false, settleSeconds: 0, ttls: [] };
  const read = async (ids: string[]) =>
    await site.query(`SELECT a FROM d.t WHERE ${inScope(ids, scope)} ORDER BY a`);
  assert.equal(await read(["1"]), "1\n");
  assert.equal(await read(["2", "11"]), "2\n11\n");
  assert.equal(await read(["' OR '1' = '1"]), "");
});

/** TTLs of a table with rows an hour and more before and after they pass, and whether a merge deletes by them. */
const TTLS = [
  "ts + INTERVAL 5 DAY",
  "toDate(ts) + INTERVAL 5 DAY",
  "day + INTERVAL 5 DAY",
  "toDateTime64(ts, 3) + INTERVAL 5 DAY",
  "ts + INTERVAL 5 DAY DELETE WHERE id % 3 = 0",
  "ts + INTERVAL 5 DAY WHERE note = ' TTL , x' , day + INTERVAL 30 DAY",
  "ts + INTERVAL 5 DAY DELETE WHERE maybe > 1",
  "ts + INTERVAL keep DAY",
  "if(id % 2 = 0, toDateTime(0), ts) + INTERVAL 0 DAY",
  "ts + INTERVAL 5 DAY TO DISK 'default', ts + INTERVAL 9 DAY",
];

Deno.test("inScope() leaves out exactly the rows that a merge would delete by the table's TTL", async (t) => {
  await using one: OneSite = await startOneSite({ timezone: "Europe/Berlin" });
  const { site } = one;
  assert.equal(await site.query("SELECT timezone()"), "Europe/Berlin\n");
  await site.query("CREATE DATABASE d");
  for (const [number, ttl] of TTLS.entries()) {
    await t.step(ttl, async () => {
      const table = `d.t${number}`;
      await site.query(
        `CREATE TABLE ${table} (id UInt32, ts DateTime('UTC'), day Date, keep UInt8, note String, ` +
          `maybe Nullable(UInt8)) ENGINE = MergeTree ORDER BY id TTL ${ttl} SETTINGS merge_with_ttl_timeout = 0`,
      );
      await site.query(`SYSTEM STOP MERGES ${table}`);
      // Half an hour off any border that now, the start of a day or the interval makes.
      await site.query(
        `INSERT INTO ${table} SELECT number, now() - INTERVAL 60 DAY + INTERVAL number * 7 HOUR - INTERVAL 30 MINUTE ` +
          `AS t, toDate(t), number % 9, if(number % 2 = 0, ' TTL , x', ''), if(number % 5 = 0, NULL, number % 4) ` +
          `FROM numbers(300) SETTINGS optimize_on_insert = 0`,
      );
      const [{ engine_full: engineFull, now } = { engine_full: "", now: 0 }] = await site.rows<
        { engine_full: string; now: number }
      >(`SELECT engine_full, toUnixTimestamp(now()) AS now FROM system.tables WHERE name = 't${number}'`);
      const ttls = deleteTtls(parseEngineClause(engineFull).ttl);
      const moment = { now, settledBefore: 0, settledBeforeDay: 0 };
      const scope: RowScope = { axis: null, moment, quiet: true, settleSeconds: 0, ttls };
      const kept = await site.query(`SELECT id FROM ${table} WHERE ${inScope(["all"], scope)} ORDER BY id`);
      await site.query(`SYSTEM START MERGES ${table}`);
      await site.query(`OPTIMIZE TABLE ${table} FINAL SETTINGS mutations_sync = 2`);
      const left = await site.query(`SELECT id FROM ${table} ORDER BY id`);
      assert.notEqual(left.split("\n").length, 301, "no row expired");
      assert.equal(kept, left);
    });
  }
});

Deno.test("eventKey() is the same for rows of one event with other content", async () => {
  await using one = await startOneSite();
  const columns = [
    column("k", "Map(String, UInt8)", { inSortingKey: true }),
    column("ts", "UInt32"),
    column("v", "String"),
  ];
  const rows = await one.site.rows<{ h: string }>(
    `SELECT toString(${eventKey(columns, { column: "ts", unit: "seconds" })}) AS h FROM values(` +
      `'k Map(String, UInt8), ts UInt32, v String', (map('a', 1, 'b', 2), 5, 'x'), (map('b', 2, 'a', 1), 5, 'y'), ` +
      `(map('a', 1, 'b', 2), 6, 'x'), (map('a', 1, 'b', 3), 5, 'x'))`,
  );
  const [a, b, c, d] = rows.map(({ h }) => h);
  assert.equal(a, b);
  assert.equal(new Set([a, c, d]).size, 3);
});
