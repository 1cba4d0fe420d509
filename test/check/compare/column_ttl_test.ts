/** Columns whose values expire before their rows do, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const TABLE = (name: string, engine: string, more = "") =>
  `CREATE TABLE ${name} (ts DateTime('UTC'), k UInt32, plain String, ` +
  `body String DEFAULT 'gone' TTL ts + INTERVAL 1 DAY, ` +
  `tags Map(String, String) TTL ts + INTERVAL 1 DAY${more}) ` +
  `ENGINE = ${engine} PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts)`;
const rows = (table: string, start: string, where: string) =>
  `INSERT INTO ${table} (ts, k, plain, body, tags) SELECT ${start} + number * 60, number % 5, toString(number), ` +
  `concat('body ', toString(number)), map('a', toString(number)) FROM numbers(300) WHERE ${where}`;
const OLD = "toDateTime('2026-01-01 00:00:00', 'UTC')";
const YOUNG = "toStartOfHour(now('UTC')) - 36000";

Deno.test("values that expired at one site only are no difference, and come by a repair once", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const check = (table: string) => checkSites(sites, { only: [table] });
  const keys = async (table: string) => {
    const sql = `SELECT ts, k, plain, count() FROM ${table} GROUP BY ALL ORDER BY ts, k, plain`;
    assert.equal(await dr.query(sql), await primary.query(sql));
  };
  for (const engine of ["MergeTree", "ReplacingMergeTree", "SummingMergeTree"]) {
    await t.step(engine, async () => {
      const table = `d.${engine}`;
      await onBoth(sites, TABLE(table, engine));
      await onBoth(sites, `SYSTEM STOP MERGES ${table}`);
      for (const start of [OLD, YOUNG]) {
        await primary.query(rows(table, start, "1"));
        await dr.query(rows(table, start, "number % 10 != 0"));
      }
      // The values of one site expire.
      await dr.query(`SYSTEM START MERGES ${table}`);
      await dr.query(`OPTIMIZE TABLE ${table} FINAL`);
      assert.equal(await dr.query(`SELECT uniqExact(body) FROM ${table} WHERE ts < '2026-02-01'`), "1\n");
      const first = await checkSites(sites, { only: [table] });
      const reasons = Object.entries(reasonsOf(first));
      if (engine === "SummingMergeTree") {
        assert.ok(reasons.every(([, reason]) => reason === "aggregated"), JSON.stringify(reasons));
        return;
      }
      assert.ok(
        reasons.every(([, reason]) =>
          reason === "partial, repaired" || (engine !== "MergeTree" && reason === "backfilling")
        ),
        JSON.stringify(findingsOf(first).map(({ detail }) => detail)),
      );
      if (engine !== "MergeTree") return;
      await keys(table);
      assert.ok(isClean(await check(table)));
      await onBoth(sites, `SYSTEM START MERGES ${table}`, `OPTIMIZE TABLE ${table} FINAL`);
      assert.ok(isClean(await check(table)));
      await keys(table);
      // What has not expired came with its values.
      const fresh =
        `SELECT k, ts, body, tags FROM ${table} WHERE ts > now() - 72000 ORDER BY k, ts, body, tags`;
      assert.equal(await dr.query(fresh), await primary.query(fresh));
    });
  }

  await t.step("an absent partition comes whole, also as its values expire on the way", async () => {
    await onBoth(sites, TABLE("d.absent", "MergeTree"));
    await primary.query("SYSTEM STOP MERGES d.absent");
    await primary.query(rows("d.absent", OLD, "1"));
    assert.deepEqual(reasonsOf(await check("d.absent")), { "d.absent 20260101": "missing, repaired" });
    await dr.query("OPTIMIZE TABLE d.absent FINAL");
    await keys("d.absent");
    assert.ok(isClean(await check("d.absent")));
  });

  await t.step("a difference in a value that has not expired is one", async () => {
    await onBoth(sites, TABLE("d.twins", "MergeTree"));
    await primary.query(rows("d.twins", YOUNG, "1"));
    await dr.query(rows("d.twins", YOUNG, "1").replace("'body '", "'other '"));
    const reasons = Object.values(reasonsOf(await check("d.twins")));
    assert.ok(reasons.length > 0 && reasons.every((reason) => reason === "independent"), String(reasons));
  });
});
