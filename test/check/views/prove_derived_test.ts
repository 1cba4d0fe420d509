/** Targets of views are held against the active site's, by what they come down to: on two real sites. */
import assert from "node:assert/strict";
import { exitCode, isClean } from "../../../src/verdict/clean.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const RAW = "CREATE TABLE d.raw (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)";
const ROWS = "ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)";
const SUMS = "CREATE TABLE d.sums (hour DateTime('UTC'), service String, n UInt64, total UInt64) " +
  "ENGINE = SummingMergeTree PARTITION BY toYYYYMMDD(hour) ORDER BY (hour, service)";
const TO_SUMS =
  "CREATE MATERIALIZED VIEW d.to_sums TO d.sums AS SELECT toStartOfHour(ts) AS hour, service, " +
  "count() AS n, sum(v) AS total FROM d.raw GROUP BY hour, service";
const SPANS = "CREATE TABLE d.spans (service String, since DateTime('UTC'), until DateTime('UTC')) " +
  "ENGINE = MergeTree PARTITION BY toDate(since) ORDER BY (service, since)";
const TO_SPANS = "CREATE MATERIALIZED VIEW d.to_spans TO d.spans AS SELECT service, min(ts) AS since, " +
  "max(ts) AS until FROM d.raw GROUP BY service";
const COUNTED = SPANS.replace("until DateTime('UTC')", "until DateTime('UTC'), n UInt64");
const TO_COUNTED = TO_SPANS.replace("max(ts) AS until", "max(ts) AS until, count() AS n");

/** Rows of one day, from `from` on. */
function insert(day: string, from: number, to: number, table = "d.raw"): string {
  return `INSERT INTO ${table} SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 60, ` +
    `concat('s', toString(number % 5)), number FROM numbers(${from}, ${to - from})`;
}

function causesOf(report: CheckReport): Record<string, string> {
  return Object.fromEntries(
    findingsOf(report).map(({ table, partitionId, cause }) => [
      [table, partitionId].filter(Boolean).join(" "),
      cause,
    ]),
  );
}

Deno.test("targets of views are compared with the active site's once their sources are whole", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const check = (settings = {}) => checkSites(sites, { settings });
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 2500));
  const rested = { settleSeconds: 1 };
  const step = (name: string, run: () => Promise<void>) =>
    t.step(name, async () => {
      await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", RAW);
      await run();
    });

  await step("what is whole is proven: row by row, by sums, by the view's own functions", async () => {
    await onBoth(
      sites,
      `CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`,
      "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw WHERE v % 2 = 0",
      SUMS,
      TO_SUMS,
      SPANS,
      TO_SPANS,
    );
    await primary.query(insert("2026-01-01", 0, 1000));
    await primary.query(insert("2026-01-02", 0, 700));
    for (const [from, to] of [[0, 10], [10, 300], [600, 1000]] as const) {
      await dr.query(insert("2026-01-01", from, to));
    }
    const first = await check();
    assert.equal(reasonsOf(first)["d.raw 20260101"], "partial, repaired");
    const report = await check();
    assert.deepEqual(causesOf(report), {
      "d.copy": "derived_proven",
      "d.sums": "derived_proven",
      "d.spans": "derived_proven",
    });
    assert.ok(isClean(report));
    assert.equal(await content(dr, "d.copy"), await content(primary, "d.copy"));
  });

  await step("rows that were written to the target alone at the active site", async () => {
    await onBoth(
      sites,
      `CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`,
      "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw",
      SUMS,
      TO_SUMS,
      COUNTED,
      TO_COUNTED,
      insert("2026-01-01", 0, 500),
    );
    await primary.query(insert("2026-01-01", 5000, 5050, "d.copy"));
    await primary.query("INSERT INTO d.sums VALUES ('2026-01-01 03:00:00', 's1', 1, 1)");
    await primary.query(
      "INSERT INTO d.spans VALUES ('new', '2026-01-01 03:00:00', '2026-01-01 03:00:00', 1)",
    );
    const report = await check();
    assert.equal(reasonsOf(report)["d.copy 20260104"], "missing, repaired");
    assert.equal(causesOf(report)["d.sums 20260101"], "added_up");
    assert.match(
      findingsOf(report).find(({ table }) => table === "d.sums")!.detail,
      /1 holds? less.*drop the partition here/,
    );
    assert.ok(!isClean(report));
    assert.equal(exitCode(report), 3);
    assert.equal(await content(dr, "d.copy"), await content(primary, "d.copy"));
    await quiet();
    const later = await check(rested);
    assert.equal(causesOf(later)["d.spans"], "derived_less");
    assert.equal(causesOf(later)["d.copy"], "derived_proven");
    // What the report advises.
    await dr.query("ALTER TABLE d.spans DROP PARTITION '2026-01-01'");
    await dr.query("ALTER TABLE d.sums DROP PARTITION '20260101'");
    await check(rested);
    await quiet();
    const last = await check(rested);
    assert.ok(isClean(last), JSON.stringify(causesOf(last)));
  });

  await step(
    "a view that was made later here, or was gone for a while, and rows that were deleted",
    async () => {
      await onBoth(
        sites,
        `CREATE TABLE d.late (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`,
        `CREATE TABLE d.gone (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`,
        `CREATE TABLE d.cut (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`,
        SUMS,
      );
      const view = (name: string) =>
        `CREATE MATERIALIZED VIEW d.to_${name} TO d.${name} AS SELECT ts, service, v FROM d.raw WHERE v % 3 = 1`;
      await onBoth(sites, view("gone"), view("cut"));
      await primary.query(view("late"));
      await primary.query(TO_SUMS);
      await onBoth(sites, insert("2026-01-01", 0, 600));
      await dr.query(view("late"));
      await dr.query(TO_SUMS);
      await dr.query("DROP TABLE d.to_gone SYNC");
      await onBoth(sites, insert("2026-01-01", 600, 900));
      await dr.query(view("gone"));
      await onBoth(sites, insert("2026-01-01", 900, 1000));
      await dr.query("ALTER TABLE d.cut DELETE WHERE v < 100 SETTINGS mutations_sync = 2");
      const report = await check();
      for (const name of ["late", "gone", "cut"]) {
        assert.equal(reasonsOf(report)[`d.${name} 20260101`], "partial, repaired", name);
        assert.equal(await content(dr, `d.${name}`), await content(primary, `d.${name}`), name);
      }
      assert.equal(causesOf(report)["d.sums 20260101"], "added_up");
      assert.ok(!isClean(report));
    },
  );

  await step("a view that selects something else on each site is drift", async () => {
    await onBoth(sites, `CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`);
    await primary.query("CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw");
    await dr.query(
      "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v + 1 AS v FROM d.raw",
    );
    await onBoth(sites, insert("2026-01-01", 0, 10));
    assert.equal(causesOf(await check())["d.copy"], "drifted");
  });

  await step(
    "what a view made in other blocks is not copied while the view is gone here, and proven once it is back",
    async () => {
      await onBoth(sites, SPANS, TO_SPANS, insert("2026-01-01", 0, 500));
      await primary.query(insert("2026-01-02", 0, 250));
      await primary.query(insert("2026-01-02", 250, 500));
      await dr.query(insert("2026-01-02", 0, 500));
      await dr.query("DROP VIEW d.to_spans");
      const before = await content(dr, "d.spans");
      assert.equal(causesOf(await check())["d.spans 20260102"], "fed_there");
      assert.equal(await content(dr, "d.spans"), before);
      await dr.query(TO_SPANS);
      assert.deepEqual(causesOf(await check()), { "d.spans": "derived_proven" });
    },
  );

  await step("a table that Null tables and compared ones fill is compared like any other", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.gate (ts DateTime('UTC'), service String, v UInt32) ENGINE = Null",
      `CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ${ROWS}`,
      "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw",
      "CREATE MATERIALIZED VIEW d.through TO d.copy AS SELECT ts, service, v FROM d.gate",
      insert("2026-01-01", 0, 100),
      insert("2026-01-02", 0, 100, "d.gate"),
    );
    const equal = await check();
    assert.equal(causesOf(equal)["d.copy"], "derived_proven");
    assert.ok(isClean(equal));
    await primary.query(insert("2026-01-03", 0, 100, "d.gate"));
    assert.equal(reasonsOf(await check())["d.copy 20260103"], "missing, repaired");
    assert.equal(await content(dr, "d.copy"), await content(primary, "d.copy"));
  });

  await step(
    "the ends of spans that are less here are brought in, however often they are there",
    async () => {
      await onBoth(sites, SPANS, TO_SPANS, insert("2026-01-01", 0, 500), insert("2026-01-02", 0, 500));
      await dr.query(
        "ALTER TABLE d.spans DELETE WHERE service = 's1' AND since > '2026-01-02' SETTINGS mutations_sync = 2",
      );
      await dr.query(
        "ALTER TABLE d.spans UPDATE until = since WHERE service = 's2' SETTINGS mutations_sync = 2",
      );
      const first = await check();
      assert.equal(reasonsOf(first)["d.spans 20260102"], "partial, repaired");
      assert.match(findingsOf(first).find(({ partitionId }) => partitionId === null)!.detail, /2 hold less/);
      const ends = "SELECT service, min(since), max(until) FROM d.spans GROUP BY service ORDER BY service";
      assert.equal(await dr.query(ends), await primary.query(ends));
      assert.deepEqual(causesOf(await check()), { "d.spans": "derived_proven" });
    },
  );

  await step(
    "sums without a time that still change are shown with both sites' rows until they rest",
    async () => {
      await onBoth(
        sites,
        "CREATE TABLE d.totals (service String, n UInt64) ENGINE = SummingMergeTree ORDER BY service",
        "CREATE MATERIALIZED VIEW d.to_totals TO d.totals AS SELECT service, count() AS n FROM d.raw GROUP BY service",
        insert("2026-01-01", 0, 500),
      );
      await primary.query("INSERT INTO d.totals VALUES ('s1', 7), ('s9', 1)");
      const found = findingsOf(await check()).find(({ table }) => table === "d.totals")!;
      assert.equal(found.cause, "derived_waiting");
      assert.ok(found.rowsActive > found.rowsHere && found.rowsHere > 0n);
      assert.match(found.detail, /\(all\) the active site holds/);
      await quiet();
      const rested_ = await check(rested);
      assert.equal(causesOf(rested_)["d.totals all"], "added_up");
      assert.ok(!isClean(rested_));
    },
  );

  await step("values that each site makes up prove nothing, and block nothing", async () => {
    await onBoth(
      sites,
      `CREATE TABLE d.copy (ts DateTime('UTC'), service String, at DateTime64(6) DEFAULT now64(6)) ${ROWS}`,
      "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service FROM d.raw",
      insert("2026-01-01", 0, 100),
    );
    const report = await check();
    const found = findingsOf(report).find(({ table }) => table === "d.copy")!;
    assert.deepEqual([found.cause, found.rowsActive, found.rowsHere], ["derived_unproven", 100n, 100n]);
    assert.match(found.detail, /20260101.*makes up values of at/);
    assert.ok(isClean(report));
  });

  await step(
    "what a join makes is not proven where it differs, which is said and blocks nothing",
    async () => {
      await onBoth(
        sites,
        "CREATE TABLE d.owners (service String, owner String) ENGINE = MergeTree ORDER BY service",
        `CREATE TABLE d.owned (ts DateTime('UTC'), service String, owner String) ${ROWS}`,
        "CREATE MATERIALIZED VIEW d.to_owned TO d.owned AS SELECT ts, raw.service AS service, owner FROM d.raw AS raw " +
          "LEFT JOIN d.owners AS owners ON raw.service = owners.service",
      );
      await dr.query("INSERT INTO d.owners VALUES ('s1', 'them')");
      await onBoth(sites, insert("2026-01-01", 0, 100));
      await primary.query("INSERT INTO d.owners VALUES ('s1', 'them')");
      await quiet();
      const report = await check(rested);
      assert.equal(causesOf(report)["d.owned"], "derived_unproven");
      assert.match(
        findingsOf(report).find(({ table }) => table === "d.owned")!.detail,
        /100 rows, this one 100/,
      );
      assert.ok(isClean(report));
    },
  );
});
