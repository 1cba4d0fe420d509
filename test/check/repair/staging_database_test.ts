/** STAGING_DATABASE: every way of repair with staging in a database of its own, by users who may stage nowhere else. */
import assert from "node:assert/strict";
import { exitCode, isClean } from "../../../src/verdict/clean.ts";
import { STEADY_CHECKS } from "../../../src/verdict/steady_role.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const DAY = "2026-01-01";
const LEAST_PRIVILEGE = {
  databases: ["shop", "yard"],
  staging: "aside",
  with: ["STAGING_DATABASE", "REPAIR_AGGREGATES"],
};
const STEADY = { active: "primary", checks: STEADY_CHECKS } as const;

Deno.test("staging in a database of its own", async (t) => {
  await using directory = await temporaryDirectory();
  const configOf = (site: string) => ({
    storage_configuration: {
      disks: { second: { path: `${directory.path}/${site}/` } },
      policies: { second: { volumes: { only: { disk: "second" } } } },
    },
  });
  await using sites = await startTwoSites({
    leastPrivilege: LEAST_PRIVILEGE,
    primary: { config: configOf("primary") },
    dr: { config: configOf("dr") },
  });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE shop",
    "CREATE DATABASE yard",
    telemetryTable("shop.t"),
    telemetryTable("yard.t"),
    `${telemetryTable("yard.disk")} SETTINGS storage_policy = 'second'`,
    "CREATE TABLE yard.hours (hour DateTime('UTC'), n UInt64) ENGINE = SummingMergeTree ORDER BY hour",
    "CREATE MATERIALIZED VIEW yard.to_hours TO yard.hours AS SELECT toStartOfHour(ts) AS hour, count() AS n FROM yard.t GROUP BY hour",
    "CREATE TABLE shop.states (ts DateTime('UTC'), k UInt32, sign Int8, version UInt8) " +
      "ENGINE = VersionedCollapsingMergeTree(sign, version) PARTITION BY toYYYYMMDD(ts) ORDER BY k",
    "CREATE TABLE shop.sums (ts DateTime('UTC'), v UInt64) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
  );
  const check = (stagingDatabase: string | null = "aside", options: CheckSitesOptions = {}) =>
    checkSites(sites, {
      steady: STEADY,
      ...options,
      settings: { stagingDatabase, replaceAggregates: true, settleSeconds: 1 },
    });
  for (const table of ["shop.t", "yard.t", "yard.disk"]) {
    await load(primary, table, DAY, 1000);
    await load(dr, table, DAY, 1000, "number < 700");
  }
  await primary.query("INSERT INTO shop.states SELECT '2026-01-01', number, 1, 1 FROM numbers(100)");
  await primary.query("INSERT INTO shop.sums SELECT '2026-01-01', 10");
  await dr.query("INSERT INTO shop.sums SELECT '2026-01-01', 7");

  await t.step("it must exist: else the check says how to create it, and copies nothing", async () => {
    const report = await check();
    assert.equal(exitCode(report), 1);
    assert.match(report.error ?? "", /STAGING_DATABASE names aside.*CREATE DATABASE aside ENGINE = Atomic/);
  });

  await t.step("it must be of engine Atomic", async () => {
    await dr.query("CREATE DATABASE aside ENGINE = Memory");
    assert.match((await check()).error ?? "", /aside.*is of engine Memory here/);
    await dr.query("DROP DATABASE aside");
    await dr.query("CREATE DATABASE aside");
  });

  await t.step("a plan names it", async () => {
    const [found] = findingsOf(await check("aside", { dryRun: true, only: ["shop.t"] }));
    assert.match(found?.sql.join() ?? "", /CREATE TABLE `aside`\.`_chsync_dr_/);
  });

  await t.step("every way of repair, and what earlier checks left in either place", async () => {
    await dr.query("CREATE TABLE aside._chsync_dr_0123abcd0_1 AS shop.t");
    // Rows rest for a while before they are replaced.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    assert.deepEqual(reasonsOf(await check()), {
      "shop.states 20260101": "missing, repaired",
      "shop.sums 202601": "aggregated, repaired",
      "shop.t 20260101": "partial, repaired",
      "yard.disk 20260101": "partial, repaired",
      "yard.hours": "derived",
      "yard.t 20260101": "partial, repaired",
    });
    assert.ok(isClean(await check()));
    for (const table of ["shop.t", "yard.t", "yard.disk", "shop.states", "shop.sums"]) {
      assert.equal(await content(dr, table), await content(primary, table), table);
    }
    assert.equal(await dr.query("SELECT sum(n) FROM yard.hours"), "1000\n");
    const left = await dr.rows<{ database: string; name: string }>(
      "SELECT database, name FROM system.tables WHERE name LIKE '\\_chsync%'",
    );
    assert.deepEqual(left.map(({ database, name }) => `${database}.${name.replace(/_202601.*/, "")}`), [
      "aside._chsync_kept_dr_sums",
    ]);
  });

  await t.step("what is kept there comes back by the statement that its comment holds", async () => {
    const [{ comment }] = await dr.rows<{ comment: string }>(
      "SELECT comment FROM system.tables WHERE name LIKE '\\_chsync\\_kept%'",
    ) as [{ comment: string }];
    await dr.query(JSON.parse(comment).restore);
    assert.equal(await dr.query("SELECT sum(v) FROM shop.sums"), "7\n");
  });
});
