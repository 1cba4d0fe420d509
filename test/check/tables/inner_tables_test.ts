/** Objects that keep their rows in tables of their own, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const profile = {
  allow_experimental_time_series_table: 1,
  allow_experimental_window_view: 1,
  // Window views want it so.
  allow_experimental_analyzer: 0,
};
const server = { config: { profiles: { default: profile } } };

/** Samples of ten series, ten minutes apart. */
const samples = (table: string, where = "1") =>
  `INSERT INTO ${table} (metric_name, tags, time_series) SELECT concat('m', toString(number % 5)), ` +
  "map('host', toString(number % 2)), [(toDateTime64('2026-01-01 00:00:00', 3) + number * 600, number)] " +
  `FROM numbers(100) WHERE ${where}`;
/** What a TimeSeries table holds, read through the tables of its own. */
async function series(site: Site, name: string): Promise<string> {
  const uuid = (await site.query(`SELECT uuid FROM system.tables WHERE database = 'd' AND name = '${name}'`))
    .trim();
  return await site.query(
    `SELECT metric_name, tags, timestamp, value FROM d.\`.inner_id.samples.${uuid}\` AS s ` +
      `INNER JOIN (SELECT DISTINCT id, metric_name, tags FROM d.\`.inner_id.tags.${uuid}\`) AS t ON s.id = t.id ORDER BY ALL`,
  );
}
/** The tables of tags have no time that tells how old a row is. */
const quiet = { settings: { settleSeconds: 0 } };
const tables = (site: Site) => site.query("SELECT count() FROM system.tables WHERE database = 'd'");

Deno.test("inner tables belong to their owners", async (t) => {
  await using sites = await startTwoSites({ primary: server, dr: server });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");

  await t.step("those of a table that is not here are not made without it", async () => {
    await primary.query("CREATE TABLE d.metrics ENGINE = TimeSeries");
    await primary.query(samples("d.metrics"));
    for (const autoCreateTables of [false, true]) {
      const report = await checkSites(sites, { settings: { autoCreateTables } });
      const [found, ...more] = findingsOf(report);
      assert.deepEqual([found!.table, found!.reason, more.length], ["d.metrics", "new", 0]);
      assert.match(found!.detail, /TimeSeries table .*create it here/);
      assert.ok(found!.missing >= 100n);
      assert.ok(!isClean(report));
      assert.equal(await tables(dr), "0\n");
    }
    assert.deepEqual(
      findingsOf(await checkSites(sites, { settings: { excludePatterns: ["d.metrics"] } })),
      [],
    );
  });

  await t.step("once it is, they are paired and repaired, and it reads alike", async () => {
    await dr.query("CREATE TABLE d.metrics ENGINE = TimeSeries");
    // What came within this very second may still be coming.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const report = await checkSites(sites, quiet);
    const reasons = Object.values(reasonsOf(report));
    assert.deepEqual([...new Set(reasons)], ["missing, repaired"], JSON.stringify(reasonsOf(report)));
    assert.equal(report.leftOut.length, 0);
    assert.equal((await series(primary, "metrics")).split("\n").length, 101);
    assert.equal(await series(dr, "metrics"), await series(primary, "metrics"));
    assert.ok(isClean(await checkSites(sites, quiet)));
  });

  await t.step("rows that views put into it are not copied besides", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.raw (ts DateTime, name String, v Float64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
      "CREATE TABLE d.fed ENGINE = TimeSeries",
      "CREATE MATERIALIZED VIEW d.view TO d.fed AS SELECT name AS metric_name, map('a', 'b')::Map(String, String) AS tags, " +
        "[(toDateTime64(ts, 3), v)] AS time_series FROM d.raw",
    );
    await primary.query(
      "INSERT INTO d.raw SELECT toDateTime('2026-01-01 00:00:00') + number, 'm', number FROM numbers(50)",
    );
    assert.equal((await series(primary, "fed")).split("\n").length, 51);
    const report = await checkSites(sites, quiet);
    assert.equal(reasonsOf(report)["d.raw 202601"], "missing, repaired");
    assert.equal(await series(dr, "fed"), await series(primary, "fed"));
    const again = await checkSites(sites, quiet);
    assert.ok(isClean(again), JSON.stringify(findingsOf(again).map(({ detail }) => detail)));
    assert.equal(await series(dr, "fed"), await series(primary, "fed"));
  });

  await t.step("dropped at the active site, it is not forgotten", async () => {
    await onBoth(sites, "DROP TABLE d.view SYNC");
    await primary.query("DROP TABLE d.metrics SYNC");
    const warnings = (await checkSites(sites)).warnings.filter((text) => /inner_id\.samples/.test(text));
    assert.match(String(warnings), /is here and not at the active site/);
    await dr.query("DROP TABLE d.metrics SYNC");
  });

  await t.step("one that belongs to nothing is named, and not made", async () => {
    const orphan = ".inner_id.samples.11111111-2222-3333-4444-555555555555";
    await primary.query(`CREATE TABLE d.\`${orphan}\` (k UInt8) ENGINE = MergeTree ORDER BY k`);
    const report = await checkSites(sites, { settings: { autoCreateTables: true } });
    assert.equal(reasonsOf(report)[`d.${orphan}`], "unsupported");
    assert.equal(await dr.query(`EXISTS TABLE d.\`${orphan}\``), "0\n");
    assert.equal(
      reasonsOf(await checkSites(sites, { settings: { excludePatterns: [`d.${orphan}`] } }))[`d.${orphan}`],
      undefined,
    );
    await primary.query(`DROP TABLE d.\`${orphan}\` SYNC`);
    await dr.query(`CREATE TABLE d.\`${orphan}\` (k UInt8) ENGINE = MergeTree ORDER BY k`);
    assert.match(String((await checkSites(sites)).warnings), /named like an inner table, .*drop it/);
    await dr.query(`DROP TABLE d.\`${orphan}\` SYNC`);
  });

  await t.step(
    "of an object whose rows are not compared, it is said so, and it is excluded by name",
    async () => {
      await onBoth(
        sites,
        "CREATE TABLE d.clicks (ts DateTime) ENGINE = MergeTree ORDER BY ts",
        "CREATE WINDOW VIEW d.windows INNER ENGINE AggregatingMergeTree ORDER BY tuple() " +
          "SETTINGS allow_dimensions_outside_sorting_key = 1 ENGINE MergeTree ORDER BY tuple() WATERMARK = STRICTLY_ASCENDING " +
          "AS SELECT count() AS c, tumbleStart(w_id) AS w FROM d.clicks GROUP BY tumble(ts, INTERVAL '5' SECOND) AS w_id",
      );
      for (const autoCreateTables of [false, true]) {
        const found = findingsOf(await checkSites(sites, { settings: { autoCreateTables } }))
          .filter(({ cause }) => cause === "inner_table");
        assert.equal(found.length, 2);
        assert.match(found[0]!.detail, /rows of d\.windows, .*WindowView keeps; exclude d\.windows/);
      }
      const without = await checkSites(sites, { settings: { excludePatterns: ["d.windows"] } });
      assert.ok(isClean(without), JSON.stringify(reasonsOf(without)));
    },
  );
});
