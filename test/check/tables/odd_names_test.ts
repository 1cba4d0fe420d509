/** Tables whose names look like others', or like those that ch-sync passes over. */
import assert from "node:assert/strict";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const table = (name: string) =>
  `CREATE TABLE ${name} (ts DateTime('UTC'), id UInt64) ENGINE = MergeTree ORDER BY ts`;
const rows = (name: string) => `INSERT INTO ${name} SELECT '2026-01-01', number FROM numbers(100)`;

Deno.test("tables of odd names", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;

  await t.step("one whose name begins with .tmp is compared like any other", async () => {
    const name = "d.`.tmpevents`";
    await onBoth(sites, "CREATE DATABASE d", table(name));
    await primary.query(rows(name));
    assert.deepEqual(reasonsOf(await checkSites(sites)), { "d..tmpevents all": "missing, repaired" });
    assert.equal(await content(dr, name), await content(primary, name));
    await onBoth(sites, "DROP DATABASE d SYNC");
  });

  await t.step("two that read alike, one at each site, are not taken for one", async () => {
    await primary.query("CREATE DATABASE a");
    await primary.query(table("a.`b.c`"));
    await primary.query(rows("a.`b.c`"));
    await dr.query("CREATE DATABASE `a.b`");
    await dr.query(table("`a.b`.c"));
    assert.deepEqual(reasonsOf(await checkSites(sites)), { "a.b.c": "unsupported" });
    assert.equal(await dr.query("SELECT count() FROM `a.b`.c"), "0\n");
  });
});
