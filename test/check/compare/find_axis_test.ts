/** Tables whose times are whole numbers: what is old is repaired while rows arrive, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

/** `T` stands for a time in seconds that may have a fraction; the keys are of systems that keep telemetry so. */
const SHAPES: readonly Shape[] = [
  {
    name: "logs_ns",
    columns: "ts_bucket_start UInt64, fingerprint String, timestamp UInt64, body String",
    keys: "PARTITION BY toDate(timestamp / 1000000000) ORDER BY (ts_bucket_start, fingerprint, timestamp)",
    row: "intDiv(toUInt64(T), 1800) * 1800, toString(n % 5), toUInt64(T * 1000000) * 1000 + n, toString(n)",
  },
  {
    name: "samples_ms",
    columns: "fingerprint UInt64, timestamp_ms Int64, value Float64",
    keys: "ORDER BY (fingerprint, timestamp_ms)",
    row: "n % 7 * 1234567890123, toInt64(T * 1000), n",
  },
  {
    name: "by_day",
    columns: "ts Int64, v UInt32",
    keys: "PARTITION BY toYYYYMMDD(fromUnixTimestamp64Nano(ts)) ORDER BY ts",
    row: "toInt64(T * 1000000) * 1000, n",
  },
  {
    name: "dated_us",
    columns: "day Date, us UInt64, v UInt32",
    keys: "PARTITION BY toYYYYMM(day) ORDER BY (day, us)",
    row: "toDate(toDateTime(toUInt32(T), 'UTC')), toUInt64(T * 1000000), n",
  },
  {
    name: "series",
    columns: "fingerprint UInt64, unix_milli Int64, labels String, version UInt32",
    keys: "PARTITION BY toDate(unix_milli / 1000) ORDER BY (fingerprint, unix_milli)",
    engine: "ReplacingMergeTree(version)",
    row: "n % 7 * 1234567890123, toInt64(T * 1000), toString(n), 1",
  },
  {
    name: "seconds",
    columns: "ts UInt32, v UInt32",
    keys: "PARTITION BY intDiv(ts, 86400) ORDER BY (v, ts)",
    row: "toUInt32(T), n",
  },
];

interface Shape {
  readonly name: string;
  readonly columns: string;
  readonly keys: string;
  readonly engine?: string;
  readonly row: string;
}

/** Rows of the last hours that neither site is still to get, of which this one lacks some; then ten that just came. */
async function fill(
  { primary, dr }: TwoSites,
  { name, columns, keys, row, engine = "MergeTree" }: Shape,
): Promise<void> {
  const insert = (now: number, age: string, rows: number, where = "1") =>
    `INSERT INTO d.${name} SELECT ${row.replaceAll(/\bT\b/g, `(${now} + 0.123457 - ${age})`)} ` +
    `FROM (SELECT number AS n FROM numbers(${rows}) WHERE ${where}) SETTINGS max_partitions_per_insert_block = 0`;
  await onBoth({ primary, dr } as TwoSites, `CREATE TABLE d.${name} (${columns}) ENGINE = ${engine} ${keys}`);
  const now = Math.floor(Date.now() / 1000);
  await primary.query(insert(now, "(3700 + n * 7)", 1000));
  await dr.query(insert(now, "(3700 + n * 7)", 1000, "number % 10 != 3"));
  await primary.query(insert(now, "n", 10));
}

const old = (report: CheckReport, table: string) =>
  findingsOf(report).filter((found) => found.table === `d.${table}` && found.missing > 0n);

Deno.test("numbers in keys that are times settle rows: old ones are repaired, ten fresh ones hold nothing up", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  for (const shape of SHAPES) {
    await t.step(shape.name, async () => {
      await fill(sites, shape);
      const only = [`d.${shape.name}`];
      const found = old(await checkSites(sites, { only }), shape.name);
      assert.ok(found.length > 0);
      for (const { reason, repaired, detail } of found) assert.ok(repaired, `${reason}: ${detail}`);
      assert.equal(found.reduce((sum, { missing }) => sum + missing, 0n), 100n);
      const counts = await Promise.all(
        [primary, dr].map((site) => site.query(`SELECT count() FROM ${only[0]}`)),
      );
      assert.deepEqual(counts, ["1010\n", "1000\n"]);
      const after = await checkSites(sites, { only });
      assert.ok(isClean(after), JSON.stringify(findingsOf(after).map(({ detail }) => detail)));
    });
  }
});

Deno.test("numbers that are no times, or not all, excuse and settle nothing, unless the operator says so", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const now = Math.floor(Date.now() / 1000);
  const reasons = (report: CheckReport) =>
    findingsOf(report).map(({ cause, repaired }) => repaired ? `${cause}, repaired` : cause);
  const make = async (name: string, expression: string) => {
    await onBoth(sites, `CREATE TABLE d.${name} (id UInt64, v UInt32) ENGINE = MergeTree ORDER BY id`);
    const insert = (where: string) =>
      `INSERT INTO d.${name} SELECT ${expression}, number FROM numbers(1000) WHERE ${where}`;
    await primary.query(insert("1"));
    await dr.query(insert("number % 10 != 3"));
  };
  const check = (name: string, unit: "nanoseconds" | "none" | null | undefined = undefined) => {
    const timeColumns = unit === undefined ? [] : [{ pattern: `*.${name}.id`, unit }];
    return checkSites(sites, { only: [`d.${name}`], dryRun: true, settings: { timeColumns } });
  };

  await t.step("identifiers", async () => {
    await make("ids", "number");
    await make("hashes", "cityHash64(number)");
    await make("like_times", "1500000000 + number");
    for (const name of ["ids", "hashes", "like_times"]) {
      assert.deepEqual(reasons(await check(name)), ["no_time"], name);
    }
  });

  await t.step("a zero among times", async () => {
    await make("zero", `if(number = 0, 0, (${now} - 3700 - number) * 1000000000 + 7)`);
    const report = await check("zero");
    assert.deepEqual(reasons(report), ["no_time"]);
    assert.match(
      String(report.tables[0]!.warnings),
      /id looks like a time in nanoseconds.*reach down to 0.*TIME_COLUMNS/,
    );
    for (const unit of ["nanoseconds", null] as const) {
      assert.deepEqual(reasons(await check("zero", unit)), ["partial"]);
    }
    assert.deepEqual(reasons(await check("zero", "none")), ["no_time"]);
  });

  await t.step("a bucket of time is older than the rows in it", async () => {
    await onBoth(sites, "CREATE TABLE d.bucket (b UInt64, v UInt32) ENGINE = MergeTree ORDER BY b");
    // So many half hours ago: their length can be told once three of them are there, whatever the time of day.
    const insert = (ago: number, rows: number) =>
      `INSERT INTO d.bucket SELECT (intDiv(${now}, 1800) - ${ago}) * 1800, number FROM numbers(${rows})`;
    await onBoth(sites, insert(5, 1));
    await primary.query(insert(0, 500));
    const report = await checkSites(sites, { only: ["d.bucket"] });
    assert.deepEqual(reasons(report), ["hot"]);
    assert.equal(await dr.query("SELECT count() FROM d.bucket"), "1\n");
    await primary.query(insert(11, 500));
    assert.deepEqual(reasons(await checkSites(sites, { only: ["d.bucket"] })), ["partial, repaired"]);
    assert.equal(await content(dr, "d.bucket"), await content(primary, "d.bucket", `b < ${now} - 5000`));
  });
});

Deno.test("a table that never rests is clean at every check, and what is lost of its past comes back", async () => {
  await using sites = await startTwoSites();
  await using memory = await temporaryDirectory();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.busy (host String, ts UInt64, v UInt32) ENGINE = MergeTree ORDER BY (host, ts)",
  );
  const now = Math.floor(Date.now() / 1000);
  const insert = (from: number, rows: number) =>
    `INSERT INTO d.busy SELECT 'h', (${from} + number) * 1000000 + number * 37, number FROM numbers(${rows})`;
  await onBoth(sites, insert(now - 9000, 8000));
  const check = () => checkSites(sites, { memory: memory.path });
  for (const round of [1, 2, 3]) {
    // Rows of this minute, as many as come, at one site before the other.
    await primary.query(insert(now + round, 5));
    if (round > 1) await dr.query(insert(now + round - 1, 5));
    const report = await check();
    assert.ok(isClean(report), JSON.stringify(findingsOf(report).map(({ detail }) => detail)));
  }
  await dr.query("ALTER TABLE d.busy DELETE WHERE v % 100 = 7 SETTINGS mutations_sync = 2");
  await primary.query(insert(now + 4, 5));
  const [found] = findingsOf(await check());
  assert.equal(found?.reason, "partial", found?.detail ?? "");
  assert.ok(found?.repaired, found?.detail ?? "");
  assert.ok(isClean(await check()));
});
