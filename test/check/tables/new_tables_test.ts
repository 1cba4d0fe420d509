/** Tables that the active site alone has, between two real sites. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";

Deno.test("while repairs wait, no table is created: it may be about to be renamed", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  await primary.query(telemetryTable("d.t"));
  await load(primary, "d.t", "2026-01-01", 100);
  const settings = { autoCreateTables: true };
  const waiting = await checkSites(sites, {
    settings,
    wrap: (ports) => ({ ...ports, repairsWait: () => Promise.resolve("repairs are paused") }),
  });
  assert.deepEqual(reasonsOf(waiting), { "d.t": "new" });
  assert.equal(await dr.query("EXISTS d.t"), "0\n");
  assert.deepEqual(reasonsOf(await checkSites(sites, { settings })), { "d.t 20260101": "missing, repaired" });
});

Deno.test("no table is created here once this site is the active one", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.other"));
  await primary.query(telemetryTable("d.t"));
  let asked = 0;
  await checkSites(sites, {
    settings: { autoCreateTables: true },
    active: () => ++asked > 1 ? "dr" : "primary",
  });
  assert.equal(await dr.query("EXISTS d.t"), "0\n");
});
