import assert from "node:assert/strict";
import { examineTwins } from "../../src/doctor/examine_twins.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { makeRun } from "../../src/report/make_run.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { checkSites } from "../support/sites/check_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("examineTwins() proposes to leave out the column in which alone a check found twins to differ", async () => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.own"), telemetryTable("d.same"));
  for (const day of ["2026-01-01", "2026-01-02"]) {
    await load(sites.primary, "d.own", day, 100);
    await load(sites.dr, "d.own", day, 100);
    await sites.dr.query(
      `ALTER TABLE d.own UPDATE duration = duration + 1 WHERE toDate(ts) = '${day}' SETTINGS mutations_sync = 2`,
    );
  }
  await load(sites.primary, "d.same", "2026-01-01", 100);
  const run = makeRun(await checkSites(sites), FRESH_STATE, 1);
  const [found, ...more] = examineTwins([{ ...run, run: 7 }]);
  assert.deepEqual(more, []);
  assert.equal(found?.grade, "warning");
  assert.match(`${found?.detail} ${found?.remedy}`, /r7 .*duration.*set IGNORE_COLUMNS=d\.own\.duration;/);
  assert.deepEqual(examineTwins([]), []);
  const clean = makeRun(await checkSites(sites, { only: ["d.same"] }), FRESH_STATE, 1);
  assert.deepEqual(examineTwins([{ ...clean, run: 8 }]), []);
});
