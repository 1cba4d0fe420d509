/** Settings that change between two checks: what is left out, and by what rows settle, makes nothing forgotten. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("what was proven stays proven, and late rows stay known, whatever is left out from now on", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await using chSync = await installChSync({ ...environmentOf("dr", dr, primary), SETTLE_SECONDS: "3600" });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.proven"), telemetryTable("d.late"));
  for (const site of [primary, dr]) await load(site, "d.proven", "2026-01-01", 300);
  await load(primary, "d.late", "2026-01-01", 300, "number < 100");
  await load(dr, "d.late", "2026-01-01", 300, "number < 100");
  const state = async () => {
    const { partitions_proven: proven, reasons, consecutive_clean: clean } = (await chSync.state())!;
    return { proven, reasons, clean };
  };
  assert.equal((await chSync.run(["--once"])).code, 0);
  assert.deepEqual(await state(), { proven: 0, reasons: {}, clean: 1 });
  // An outage, and a collector that empties its queue since.
  await load(primary, "d.late", "2026-01-01", 300, "number >= 100");
  await load(dr, "d.late", "2026-01-01", 300, "number >= 100 AND number < 150");

  const changes = {
    CH_EXCLUDE_PATTERNS: "x.*",
    RESULTS_TABLE: "d.results",
    SETTLE_SECONDS: "3000",
    TIME_COLUMNS: "d.other.ts:ns",
  };
  for (const [name, value] of Object.entries(changes)) {
    await t.step(name, async () => {
      assert.equal((await chSync.run(["--once"], { [name]: value })).code, 3);
      assert.deepEqual(await state(), { proven: 1, reasons: { "d.late": { backfilling: 1 } }, clean: 0 });
      assert.equal(await dr.query("SELECT count() FROM d.late"), "150\n");
    });
  }
});
