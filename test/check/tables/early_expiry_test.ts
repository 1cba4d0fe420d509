/** What this site's own TTL takes although the active site keeps it, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const OLD = "toStartOfDay(now('UTC')) - INTERVAL 30 DAY";
const rows = (table: string, where = "1") =>
  `INSERT INTO ${table} SELECT ${OLD} + number, number, toString(number) FROM numbers(1000) WHERE ${where}`;
const table = (name: string, ttl: string, columnTtl = "") =>
  `CREATE TABLE ${name} (ts DateTime('UTC'), k UInt64, s String${
    columnTtl && ` TTL ${columnTtl}`
  }) ENGINE = MergeTree ` +
  `PARTITION BY toYYYYMM(ts) ORDER BY k${ttl && ` TTL ${ttl}`}`;

Deno.test("only the active site's TTL excuses what is not here", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (name: string) => checkSites(sites, { only: [name] });

  await t.step("a shorter TTL here is drift, whether it has taken the rows or not", async () => {
    for (const ttl of ["", "ts + INTERVAL 90 DAY"]) {
      await primary.query(table("d.rows", ttl));
      await dr.query(table("d.rows", "ts + INTERVAL 10 DAY"));
      await primary.query(rows("d.rows"));
      for (const merged of [false, true]) {
        if (merged) await dr.query("OPTIMIZE TABLE d.rows FINAL");
        else await dr.query("SYSTEM STOP MERGES d.rows");
        const report = await check("d.rows");
        assert.deepEqual(reasonsOf(report), { "d.rows": "drifted" });
        const [found] = findingsOf(report);
        assert.equal(found!.cause, "expires_early");
        assert.match(found!.detail, /takes 1,000 rows/);
        assert.ok(!isClean(report));
        await dr.query("SYSTEM START MERGES d.rows");
      }
      // The statement that is printed makes it whole.
      const [statement] = findingsOf(await check("d.rows"))[0]!.sql;
      await dr.query(statement!);
      const repaired = await check("d.rows");
      assert.ok(isClean(repaired), JSON.stringify(reasonsOf(repaired)));
      assert.equal(await content(dr, "d.rows"), await content(primary, "d.rows"));
      await onBoth(sites, "DROP TABLE d.rows SYNC");
    }
  });

  await t.step("so is a shorter TTL of a column", async () => {
    await primary.query(table("d.column", ""));
    await dr.query(table("d.column", "", "ts + INTERVAL 10 DAY"));
    await onBoth(sites, rows("d.column"));
    await dr.query("OPTIMIZE TABLE d.column FINAL");
    const report = await check("d.column");
    assert.deepEqual(reasonsOf(report), { "d.column": "drifted" });
    assert.match(findingsOf(report)[0]!.detail, /TTL of column s/);
  });

  await t.step("a longer TTL here takes nothing that the active site keeps", async () => {
    await primary.query(table("d.longer", "ts + INTERVAL 10 DAY"));
    await dr.query(table("d.longer", "ts + INTERVAL 90 DAY"));
    await primary.query("SYSTEM STOP MERGES d.longer");
    await onBoth(sites, rows("d.longer"));
    await primary.query("SYSTEM START MERGES d.longer");
    await primary.query("OPTIMIZE TABLE d.longer FINAL");
    assert.equal(await primary.query("SELECT count() FROM d.longer"), "0\n");
    const report = await check("d.longer");
    assert.ok(isClean(report), JSON.stringify(reasonsOf(report)));
  });

  await t.step("a shorter one that takes nothing yet is none that blocks", async () => {
    await primary.query(table("d.later", ""));
    await dr.query(table("d.later", "ts + INTERVAL 400 DAY"));
    await primary.query(rows("d.later"));
    await dr.query(rows("d.later", "number % 2"));
    assert.ok(isClean(await check("d.later")));
    assert.equal(await content(dr, "d.later"), await content(primary, "d.later"));
  });
});
