/** Tables that a refreshable view fills by its own schedule, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

async function refresh(site: Site, view: string): Promise<void> {
  await site.query(`SYSTEM REFRESH VIEW ${view}`);
  await site.query(`SYSTEM WAIT VIEW ${view}`);
}

Deno.test("what a refreshable view makes is neither compared nor copied", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.raw"));
  await load(primary, "d.raw", "2026-01-01", 200);

  await t.step("its own table, another one's, and one that it adds to", async () => {
    await onBoth(
      sites,
      "CREATE MATERIALIZED VIEW d.own REFRESH EVERY 1 YEAR ENGINE = MergeTree ORDER BY n AS SELECT count() AS n FROM d.raw",
      "CREATE TABLE d.target (n UInt64) ENGINE = MergeTree ORDER BY n",
      "CREATE MATERIALIZED VIEW d.to_target REFRESH EVERY 1 YEAR TO d.target AS SELECT count() AS n FROM d.raw",
      "CREATE TABLE d.history (at DateTime, n UInt64) ENGINE = MergeTree ORDER BY at",
      "CREATE MATERIALIZED VIEW d.to_history REFRESH EVERY 1 YEAR APPEND TO d.history AS SELECT now() AS at, count() AS n FROM d.raw",
    );
    for (const view of ["d.own", "d.to_target", "d.to_history"]) {
      await refresh(primary, view);
      await refresh(dr, view);
    }
    await refresh(primary, "d.to_history");
    const before = await content(dr, "d.history");
    const report = await checkSites(sites);
    const reasons = reasonsOf(report);
    assert.equal(reasons["d.raw 20260101"], "missing, repaired");
    assert.equal(reasons["d.target"], "derived");
    assert.equal(reasons["d.history"], "derived");
    assert.equal(Object.values(reasons).filter((reason) => reason === "derived").length, 3);
    assert.match(
      findingsOf(report).find(({ table }) => table === "d.target")!.detail,
      /refreshable view d.to_target/,
    );
    assert.equal(await content(dr, "d.history"), before);
    assert.ok(isClean(await checkSites(sites)));
    // The schedule brings it up to date.
    await refresh(dr, "d.to_target");
    assert.equal(await dr.query("SELECT max(n) FROM d.target"), "200\n");
  });

  await t.step("at one site only it is drift", async () => {
    await dr.query("DROP TABLE d.to_target SYNC");
    const found = findingsOf(await checkSites(sites)).find(({ table }) => table === "d.target")!;
    assert.equal(found.reason, "drifted");
    assert.match(found.detail, /d.to_target fills it at the active site only/);
    await dr.query(
      "CREATE MATERIALIZED VIEW d.to_target REFRESH EVERY 1 YEAR TO d.target AS SELECT count() AS n FROM d.raw",
    );
    await primary.query("DROP TABLE d.to_target SYNC");
    assert.match(
      findingsOf(await checkSites(sites)).find(({ table }) => table === "d.target")!.detail,
      /d.to_target fills it here only/,
    );
  });
});
