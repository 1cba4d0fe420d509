/** What `--accept` passes, and what it says of the rest before anything is done, on two real sites. */
import assert from "node:assert/strict";
import { UsageProblem } from "../../src/model/usage_problem.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("--accept passes what a guard refuses, and names the way for what it does not pass", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const [deleted, drifted, sound] = ["d.deleted", "d.drifted", "d.sound"];
  await onBoth(
    sites,
    "CREATE DATABASE d",
    ...[deleted, drifted, sound].map((table) => telemetryTable(table)),
  );
  for (const table of [deleted, drifted, sound]) {
    for (const site of [primary, dr]) await load(site, table, "2026-01-01", 40);
  }
  await dr.query(`DELETE FROM ${deleted} WHERE cityHash64(toString(ts)) % 3 = 0`);
  await primary.query(`ALTER TABLE ${drifted} ADD COLUMN more String`);
  await load(primary, sound, "2026-01-02", 10);
  const refused = async (accepted: string, said: RegExp) => {
    const before = await everything(dr);
    await assert.rejects(checkSites(sites, { accepted: [accepted] }), (error) => {
      assert.ok(error instanceof UsageProblem, String(error));
      assert.match(error.message, said);
      return true;
    });
    assert.equal(await everything(dr), before);
  };
  await t.step("a drifted table, and any partition of it", async () => {
    await refused(
      drifted,
      /d\.drifted .*\bdrifted\b.*definitions/,
    );
    await refused(`${drifted}:20260101`, /does not pass drifted/);
  });
  await t.step("what is in sync, and a partition that is not there", async () => {
    await refused(`${sound}:20260101`, /nothing in it is refused/);
    await refused(`${deleted}:19990101`, /nothing in it is refused/);
  });
  await t.step("what is repaired anyway needs no word, and does no harm", async () => {
    const report = await checkSites(sites, { accepted: [`${sound}:20260102`], only: [sound] });
    assert.deepEqual(reasonsOf(report), { "d.sound 20260102": "missing, repaired" });
  });
  await t.step("a refusal is told as such, and passed once", async () => {
    const only = [deleted];
    assert.deepEqual(reasonsOf(await checkSites(sites, { only })), { "d.deleted 20260101": "deleted" });
    const report = await checkSites(sites, { only, accepted: [`${deleted}:20260101`] });
    assert.deepEqual(reasonsOf(report), { "d.deleted 20260101": "partial, repaired" });
    assert.equal(findingsOf(report)[0]!.accepted, true);
  });
});
