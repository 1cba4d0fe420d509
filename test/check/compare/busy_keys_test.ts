/** Keys of a ReplacingMergeTree that are written all the time, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("what a key came to before it was written last is missing like any other row", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const cases = { "keys that are not here": "numbers(0)", "keys that are old here": "numbers(100)" };
  for (const [name, here] of Object.entries(cases)) {
    await t.step(name, async () => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        "CREATE TABLE d.t (id UInt64, at DateTime('UTC'), v UInt64) ENGINE = ReplacingMergeTree(v) " +
          "PARTITION BY at < '2000-01-01' ORDER BY id",
        "SYSTEM STOP MERGES d.t",
        "INSERT INTO d.t SELECT number + 5000, now() - 40000, 1 FROM numbers(10)",
      );
      await dr.query(`INSERT INTO d.t SELECT number, now() - 30000, 1 FROM ${here}`);
      await primary.query(
        "INSERT INTO d.t SETTINGS optimize_on_insert = 0 SELECT number % 100, now() - 60 * intDiv(number, 100), " +
          "1000 - intDiv(number, 100) FROM numbers(30000)",
      );
      await checkSites(sites);
      const settled = "SELECT id, max(v) > 980 FROM d.t GROUP BY id ORDER BY id";
      assert.equal(await dr.query(settled), await primary.query(settled));
    });
  }
});

Deno.test("a row that is on its way here is no conflict with the one before it", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const now = (await primary.query("SELECT toUnixTimestamp(now())")).trim();
  const rows = (age: number) => `INSERT INTO d.t SELECT number, ${now} - ${age}, 1 FROM numbers(100)`;
  for (const engine of ["ReplacingMergeTree", "ReplacingMergeTree(v)"]) {
    const begin = [
      "DROP DATABASE IF EXISTS d SYNC",
      "CREATE DATABASE d",
      `CREATE TABLE d.t (id UInt64, at DateTime('UTC'), v UInt64) ENGINE = ${engine} ` +
      "PARTITION BY at < '2000-01-01' ORDER BY id",
      "SYSTEM STOP MERGES d.t",
      rows(2400),
    ];
    await t.step(engine, async () => {
      await onBoth(sites, ...begin, rows(1500), rows(700));
      await primary.query(rows(5));
      assert.ok(isClean(await checkSites(sites)));
    });
    await t.step(`${engine}, merged with that one at the active site`, async () => {
      await onBoth(sites, ...begin);
      await dr.query(rows(700));
      await primary.query(
        `INSERT INTO d.t SELECT number % 100, ${now} - if(number < 100, 700, 5), 1 FROM numbers(200)`,
      );
      assert.ok(isClean(await checkSites(sites)));
    });
  }
});
