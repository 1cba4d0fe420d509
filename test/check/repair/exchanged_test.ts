/** Tables that an operator exchanges at both sites while their rows are being repaired. */
import assert from "node:assert/strict";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const isLook = (sql: string) => sql.includes("_chsync_staged");

Deno.test("rows of a table do not get into the one that has its name since", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await using points = startFaultPoints(() => dr.url);
  const settings = { local: { ...dr.writer, url: points.url } };
  for (const days of [1, 5]) {
    await t.step(`${days} days that are absent here`, async () => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        telemetryTable("d.t"),
        telemetryTable("d.t_fixed"),
      );
      for (let day = 1; day <= days; day++) {
        const date = `2026-01-0${day}`;
        await load(primary, "d.t", date, 100);
        await load(primary, "d.t", date, 100); // doubled by a collector
        await load(primary, "d.t_fixed", date, 100); // the operator's copy, each row once
      }
      let done = false;
      points.before = async ({ sql }) => {
        if (done || !isLook(sql)) return;
        done = true;
        await onBoth(sites, "EXCHANGE TABLES d.t AND d.t_fixed");
      };
      await checkSites(sites, { settings, only: ["d.t"] });
      points.before = () => {};
      await checkSites(sites);
      await checkSites(sites);
      assert.ok(done);
      assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
    });
  }
});
