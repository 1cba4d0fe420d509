/** Tables that views read and fill, on two real sites. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const ROLLUP = "SELECT toStartOfHour(ts) AS hour, service, count() AS requests, sum(duration) AS total";

Deno.test("a repaired row passes through the views of its table once", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", "CREATE DATABASE raw");
  const check = (settings = {}, only?: string[]) =>
    checkSites(sites, { settings, ...(only ? { only } : {}) });
  const rollup = (table: string) =>
    `CREATE TABLE ${table} (hour DateTime('UTC'), service LowCardinality(String), requests UInt64, total UInt64) ` +
    `ENGINE = SummingMergeTree PARTITION BY toYYYYMMDD(hour) ORDER BY (hour, service)`;
  const sums = (table: string) =>
    `SELECT hour, service, sum(requests), sum(total) FROM ${table} GROUP BY ALL ORDER BY hour, service`;
  const recomputed = (table: string) => `${ROLLUP} FROM ${table} GROUP BY ALL ORDER BY hour, service`;

  await t.step("into a SummingMergeTree, a chain of views and an inner table", async () => {
    await onBoth(
      sites,
      telemetryTable("d.http"),
      rollup("d.hourly"),
      `CREATE MATERIALIZED VIEW d.to_hourly TO d.hourly AS ${ROLLUP} FROM d.http GROUP BY hour, service`,
      "CREATE TABLE d.daily (day Date, requests UInt64) ENGINE = SummingMergeTree ORDER BY day",
      "CREATE MATERIALIZED VIEW d.to_daily TO d.daily AS SELECT toDate(hour) AS day, sum(requests) AS requests " +
        "FROM d.hourly GROUP BY day",
      "CREATE MATERIALIZED VIEW d.inner ENGINE = SummingMergeTree ORDER BY service AS " +
        "SELECT service, count() AS requests FROM d.http GROUP BY service",
    );
    await load(primary, "d.http", "2026-01-01", 2000);
    await load(primary, "d.http", "2026-01-02", 2000);
    await load(dr, "d.http", "2026-01-01", 2000, "toHour(ts) != 5 AND number % 17 != 0");
    const report = await check();
    const reasons = reasonsOf(report);
    assert.equal(reasons["d.http 20260101"], "partial, repaired");
    assert.equal(reasons["d.http 20260102"], "missing, repaired");
    assert.equal(reasons["d.hourly"], "derived");
    assert.equal(reasons["d.daily"], "derived");
    assert.equal(await content(dr, "d.http"), await content(primary, "d.http"));
    assert.equal(await dr.query(sums("d.hourly")), await dr.query(recomputed("d.http")));
    assert.equal(await dr.query("SELECT sum(requests) FROM d.daily"), "4000\n");
    assert.equal(await dr.query("SELECT sum(requests) FROM d.inner"), "4000\n");
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
    assert.deepEqual(Object.values(reasonsOf(await check())), ["derived", "derived", "derived"]);
    assert.equal(await dr.query("SELECT sum(requests) FROM d.daily"), "4000\n");
  });

  await t.step("a target whose source stores no rows is an ordinary table", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.gate (ts DateTime('UTC'), v UInt32) ENGINE = Null",
      "CREATE TABLE d.kept (ts DateTime('UTC'), v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
      "CREATE MATERIALIZED VIEW d.through TO d.kept AS SELECT ts, v FROM d.gate",
    );
    await primary.query("INSERT INTO d.gate SELECT '2026-01-01 00:00:00', number FROM numbers(50)");
    assert.equal(reasonsOf(await check({}, ["d.kept"]))["d.kept 202601"], "missing, repaired");
    assert.equal(await dr.query("SELECT count() FROM d.kept"), "50\n");
  });

  await t.step("a target whose source is excluded is an ordinary table", async () => {
    await onBoth(
      sites,
      telemetryTable("raw.http"),
      telemetryTable("d.errors"),
      "CREATE MATERIALIZED VIEW d.to_errors TO d.errors AS SELECT * FROM raw.http WHERE status = 202",
    );
    await load(primary, "raw.http", "2026-01-01", 300);
    const report = await check({ excludePatterns: ["raw.*"] }, ["d.errors"]);
    assert.deepEqual(reasonsOf(report), { "d.errors 20260101": "missing, repaired" });
    assert.equal(await content(dr, "d.errors"), await content(primary, "d.errors"));
    await onBoth(
      sites,
      "DROP TABLE d.to_errors SYNC",
      "DROP TABLE d.errors SYNC",
      "DROP TABLE raw.http SYNC",
    );
  });

  await t.step("a rollup that outlived its raw rows is copied when it is absent", async () => {
    await primary.query("INSERT INTO d.hourly VALUES ('2025-06-01 00:00:00', 's', 77, 1)");
    const settings = { settleSeconds: 1 };
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.equal(reasonsOf(await check(settings))["d.hourly 20250601"], "missing, repaired");
    assert.equal(await dr.query("SELECT sum(requests) FROM d.hourly WHERE hour < '2026-01-01'"), "77\n");
    assert.equal(reasonsOf(await check(settings))["d.hourly 20250601"], undefined);
  });

  await t.step("rows that may have missed a view are kept aside and said, not repaired again", async () => {
    await onBoth(
      sites,
      telemetryTable("d.fragile"),
      "CREATE TABLE d.numbers (v UInt8) ENGINE = MergeTree ORDER BY v",
      "CREATE MATERIALIZED VIEW d.to_numbers TO d.numbers AS SELECT " +
        "toUInt8(throwIf(service = 'service-3' AND duration = 23757, 'the view throws')) AS v FROM d.fragile",
    );
    await primary.query("DROP TABLE d.to_numbers SYNC");
    await load(primary, "d.fragile", "2026-01-01", 100);
    const settings = { excludePatterns: ["d.numbers", "d.http", "d.hourly"] };
    const only = ["d.fragile"];
    const first = await checkSites(sites, { settings, only });
    assert.deepEqual(reasonsOf(first), { "d.fragile 20260101": "views" });
    const [{ staging }] = await dr.rows<{ staging: string }>(
      "SELECT concat(database, '.', name) AS staging FROM system.tables WHERE name LIKE '%chsync%'",
    ) as [{ staging: string }];
    assert.equal(await dr.query(`SELECT count() FROM ${staging}`), "100\n");
    const rows = await dr.query("SELECT count() FROM d.fragile");

    for (const installation of ["0123abcd", "another1"]) {
      const again = await checkSites(sites, { settings, only, installation });
      assert.deepEqual(reasonsOf(again), { "d.fragile 20260101": "views" });
      assert.equal(await dr.query("SELECT count() FROM d.fragile"), rows);
      assert.equal(await dr.query(`SELECT count() FROM ${staging}`), "100\n");
    }

    // The operator settles it, and drops the staging table: that ends the feed.
    await dr.query("DROP TABLE d.to_numbers SYNC");
    await dr.query(`DROP TABLE ${staging} SYNC`);
    const third = await checkSites(sites, { settings, only });
    assert.equal(await content(dr, "d.fragile"), await content(primary, "d.fragile"));
    assert.ok(!Object.values(reasonsOf(third)).includes("views"));
  });
});
