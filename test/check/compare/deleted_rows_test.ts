/** Rows that a `DELETE FROM` hid, at a server that cannot count them: before 23.10, which does not know `apply_deleted_mask`. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { reachedAt, startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";
import { startAsOlder, UNKNOWN_TO_23_8 } from "../../support/versions/as_older.ts";

const DAY = "2026-01-01";

Deno.test("a table with rows that a DELETE hid is not compared where the server cannot count them, and is once they are merged away", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const tables = ["d.hidden", "d.whole"];
  await onBoth(sites, "CREATE DATABASE d", ...tables.map((table) => telemetryTable(table)));
  for (const table of tables) {
    await load(primary, table, DAY, 1000);
    await load(dr, table, DAY, 1000, "number < 900");
  }
  for (const site of ["primary", "dr"] as const) {
    await t.step(`the ${site} site is older`, async () => {
      await sites[site].query("DELETE FROM d.hidden WHERE service = 'service-1'");
      await using older = startAsOlder(sites[site].url, "23.8.16.1", UNKNOWN_TO_23_8);
      const asOlder: TwoSites = { ...sites, [site]: reachedAt(sites[site], older.url) };
      const before = await dr.query("SELECT count() FROM d.hidden");
      const report = await checkSites(asOlder, { only: ["d.hidden"] });
      assert.deepEqual(reasonsOf(report), { "d.hidden 20260101": "filtered" });
      const { detail } = findingsOf(report)[0]!;
      assert.match(detail, new RegExp(`user of the ${site === "dr" ? "local" : "remote"} site sees \\d+ of`));
      const [remedy] = /OPTIMIZE TABLE … PARTITION ID '20260101' FINAL/.exec(detail) ?? [];
      assert.ok(remedy, detail);
      assert.equal(await dr.query("SELECT count() FROM d.hidden"), before);
      // One that can count them says which they are.
      const today = await checkSites(sites, { only: ["d.hidden"], dryRun: true });
      assert.deepEqual(reasonsOf(today), {
        "d.hidden 20260101": site === "dr" ? "deleted" : "partial",
      });

      await sites[site].query(remedy.replace("…", "d.hidden"));
      const merged = await checkSites(asOlder, { only: ["d.hidden"], dryRun: true });
      assert.deepEqual(reasonsOf(merged), { "d.hidden 20260101": "partial" });
      assert.deepEqual([report.error, merged.error], [null, null]);
      assert.ok(older.passed.every(({ settings }) => !settings.has("apply_deleted_mask")));
    });
  }

  await t.step("what has no such rows is repaired", async () => {
    await using older = startAsOlder(dr.url, "23.8.16.1", UNKNOWN_TO_23_8);
    const asOlder: TwoSites = { ...sites, dr: reachedAt(dr, older.url) };
    const report = await checkSites(asOlder, { only: ["d.whole"] });
    assert.deepEqual(reasonsOf(report), { "d.whole 20260101": "partial, repaired" });
  });
});
