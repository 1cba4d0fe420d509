/** What an engine sorts by without saying so: repaired parts collapse as inserted ones do. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("states and cancel rows that were repaired collapse, though the version is not in ORDER BY", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.visits (ts DateTime('UTC'), `user id` UInt32, version UInt32, `si gn` Int8) " +
      "ENGINE = VersionedCollapsingMergeTree(`si gn`, version) PARTITION BY toYYYYMM(ts) ORDER BY `user id`",
    "SYSTEM STOP MERGES d.visits",
  );
  const visit = (
    month: number,
    where: string,
    ...states: readonly (readonly [version: number, sign: number])[]
  ) =>
    states.map(([version, sign]) =>
      `INSERT INTO d.visits SELECT '2026-0${month}-01', number, ${version}, ${sign} FROM numbers(100) WHERE ${where}`
    );
  const all = [[1, 1], [2, 1], [1, -1], [3, 1], [2, -1]] as const;
  for (const month of [1, 2]) {
    for (const statement of visit(month, "1", ...all)) await primary.query(statement);
  }
  for (const statement of visit(2, "number < 30", ...all)) await dr.query(statement);
  const report = await checkSites(sites);
  assert.deepEqual(reasonsOf(report), {
    "d.visits 202601": "missing, repaired",
    "d.visits 202602": "partial, repaired",
  });
  const left = "SELECT toMonth(ts), `user id`, version FROM d.visits FINAL ORDER BY ALL";
  assert.equal(await dr.query(left), await primary.query(left));
  await dr.query("SYSTEM START MERGES d.visits");
  await dr.query("OPTIMIZE TABLE d.visits FINAL");
  assert.equal(await dr.query("SELECT count(), sum(version) FROM d.visits"), "200\t600\n");
});
