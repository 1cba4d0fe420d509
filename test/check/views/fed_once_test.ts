/** Rows leave a source here, and what views made of them stays: a repair does not feed it again. On two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const RAW = "CREATE TABLE d.raw (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)";
const TARGETS = [
  "CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
  "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw WHERE v % 2 = 0",
  "CREATE TABLE d.sums (hour DateTime('UTC'), service String, n UInt64, total UInt64) " +
  "ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) ORDER BY (hour, service)",
  "CREATE MATERIALIZED VIEW d.to_sums TO d.sums AS SELECT toStartOfHour(ts) AS hour, service, count() AS n, sum(v) AS total " +
  "FROM d.raw GROUP BY hour, service",
  "CREATE TABLE d.daily (day Date, n SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY day",
  "CREATE MATERIALIZED VIEW d.to_daily TO d.daily AS SELECT toDate(hour) AS day, sum(n) AS n " +
  "FROM d.sums GROUP BY day",
  "CREATE TABLE d.totals (service String, n SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_totals TO d.totals AS SELECT service, count() AS n FROM d.raw GROUP BY service",
  "CREATE TABLE d.counts (service String, n UInt64, since DateTime('UTC')) ENGINE = MergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_counts TO d.counts AS SELECT service, count() AS n, min(ts) AS since FROM d.raw GROUP BY service",
];
const SUMMED = [
  "SELECT hour, service, sum(n), sum(total) FROM d.sums GROUP BY ALL ORDER BY hour, service",
  "SELECT service, sum(n) FROM d.totals GROUP BY ALL ORDER BY service",
  "SELECT service, sum(n), min(since) FROM d.counts GROUP BY ALL ORDER BY service",
  "SELECT sum(n) FROM d.daily",
];
const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"];

function insert(day: string, where = "1"): string {
  return `INSERT INTO d.raw SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 120, ` +
    `concat('s', toString(number % 5)), number FROM numbers(600) WHERE ${where}`;
}

/** What takes rows out of the source here, or keeps them from it. */
const LOSSES = {
  "TRUNCATE": { partition: "20260101", run: ["TRUNCATE TABLE d.raw"], past: true },
  "DROP PARTITION of another grain than the targets'": {
    partition: "20260102",
    run: ["ALTER TABLE d.raw DROP PARTITION ID '20260102'"],
    past: true,
  },
  "ALTER DELETE of half": {
    partition: "20260102",
    run: ["ALTER TABLE d.raw DELETE WHERE v % 3 = 0 SETTINGS mutations_sync = 2"],
    past: true,
  },
} as const;

Deno.test("what views made of rows that are gone here is not made again", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const begin = async (...statements: readonly string[]) => {
    await onBoth(
      sites,
      "DROP DATABASE IF EXISTS d SYNC",
      "CREATE DATABASE d",
      RAW,
      ...TARGETS,
      ...statements,
    );
  };
  const assertWhole = async () => {
    for (const table of ["d.raw", "d.copy"]) {
      assert.equal(await content(dr, table), await content(primary, table), table);
    }
    for (const sums of SUMMED) assert.equal(await dr.query(sums), await primary.query(sums), sums);
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
  };

  for (const [name, { partition, run }] of Object.entries(LOSSES)) {
    await t.step(name, async () => {
      await begin(...DAYS.map((day) => insert(day)));
      for (const statement of run) await dr.query(statement);
      const report = await checkSites(sites);
      assert.match(reasonsOf(report)[`d.raw ${partition}`]!, /repaired/);
      const found = findingsOf(report).find(({ partitionId }) => partitionId === partition)!;
      assert.match(found.detail, /past the views/);
      await assertWhole();
      assert.ok(
        isClean(report),
        JSON.stringify(findingsOf(report).map(({ table, detail }) => [table, detail])),
      );
    });
  }

  await t.step("an outage is fed through the views", async () => {
    await begin(insert(DAYS[0]!));
    await primary.query(insert(DAYS[1]!));
    await primary.query(insert(DAYS[2]!));
    await dr.query(insert(DAYS[2]!, "number < 100 OR number > 300"));
    const report = await checkSites(sites);
    assert.ok(findingsOf(report).every(({ detail }) => !detail.includes("past the views")));
    await assertWhole();
    assert.ok(isClean(report));
  });

  await t.step("an outage, and before it a loss in another partition", async () => {
    await begin(insert(DAYS[0]!), insert(DAYS[1]!));
    await primary.query(insert(DAYS[2]!));
    await dr.query("ALTER TABLE d.raw DROP PARTITION ID '20260101'");
    await checkSites(sites);
    await assertWhole();
  });

  await t.step(
    "a target that is compared row by row is repaired by itself where the others hold it",
    async () => {
      await begin(insert(DAYS[0]!), insert(DAYS[1]!));
      await dr.query("ALTER TABLE d.raw DROP PARTITION ID '20260101'");
      await dr.query("TRUNCATE TABLE d.copy");
      await checkSites(sites);
      await assertWhole();
      // Also where it lacks some of them only.
      await dr.query("ALTER TABLE d.raw DROP PARTITION ID '20260102'");
      await dr.query("ALTER TABLE d.copy DELETE WHERE v % 4 = 0 SETTINGS mutations_sync = 2");
      await checkSites(sites);
      await assertWhole();
    },
  );

  await t.step("rows lost here, and an outage in the same hours: sums are not counted twice", async () => {
    await begin(insert(DAYS[0]!));
    await dr.query("ALTER TABLE d.raw DELETE WHERE v % 2 = 0 SETTINGS mutations_sync = 2");
    await primary.query(insert(DAYS[0]!, "number % 7 = 3"));
    const report = await checkSites(sites);
    const found = findingsOf(report).find(({ table }) => table === "d.raw")!;
    assert.equal(found.cause, "fed_before");
    assert.equal(await dr.query("SELECT sum(n) FROM d.sums"), "600\n");
    assert.ok(!isClean(report));
  });

  for (const lost of ["number % 3 = 0", "number % 3 > 0"]) {
    const most = lost.includes("=") ? "fewer" : "more";
    await t.step(
      `rows of a partition that was dropped here, ${most} than an outage brings, are not counted twice`,
      async () => {
        await begin(insert(DAYS[0]!, lost));
        await primary.query(insert(DAYS[0]!, `NOT (${lost})`));
        await dr.query("TRUNCATE TABLE d.copy");
        await dr.query("ALTER TABLE d.raw DROP PARTITION ID '20260101'");
        const before = await Promise.all(SUMMED.map((sums) => dr.query(sums)));
        await checkSites(sites);
        const report = await checkSites(sites);
        assert.ok(!isClean(report));
        for (const [at, sums] of SUMMED.entries()) assert.equal(await dr.query(sums), before[at], sums);
      },
    );
  }

  await t.step("where some hold sums and others lack them, nothing is done, and it is said", async () => {
    await begin(insert(DAYS[0]!));
    await dr.query("TRUNCATE TABLE d.raw");
    await dr.query("TRUNCATE TABLE d.totals");
    const report = await checkSites(sites);
    const found = findingsOf(report).find(({ table }) => table === "d.raw")!;
    assert.deepEqual([found.reason, found.cause], ["views", "fed_before"]);
    assert.match(found.detail, /d\.sums.* already, and d\.totals lacks it/);
    assert.equal(await dr.query("SELECT count() FROM d.raw"), "0\n");
    assert.ok(!isClean(report));
    // As it advises.
    for (const table of ["copy", "sums", "daily", "counts"]) await dr.query(`TRUNCATE TABLE d.${table}`);
    await checkSites(sites);
    await assertWhole();
  });
});
