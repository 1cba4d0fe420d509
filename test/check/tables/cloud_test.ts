/** A site that tells its tables to be of ClickHouse Cloud: it is read as the active one, and nothing is written to it. */
import assert from "node:assert/strict";
import { type AnswersRelay, startAnswersRelay } from "../../support/links/answers_relay.ts";
import { content, everything, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { reachedAt, type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const PLACE = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'";

/** Answers of the site as ClickHouse Cloud words them: the name of an engine alone, and the clause with its first arguments. */
function cloud(site: Site): AnswersRelay {
  return startAnswersRelay(site.url, (_statement, answer) =>
    answer.replaceAll(
      /(?<![A-Za-z])((?:Replacing|Collapsing|Summing|Aggregating)?MergeTree)(\(|(?= ))?/g,
      (_, engine, after) =>
        after === undefined ? `Shared${engine}` : `Shared${engine}(${PLACE}${after === "(" ? ", " : ")"}`,
    ));
}

const LAST =
  "(ts DateTime('UTC'), k UInt32, v UInt32) ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMM(ts) ORDER BY k";
const rows = (v: number) =>
  `INSERT INTO d.last SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, number, ${v} FROM numbers(100)`;

Deno.test("ClickHouse Cloud", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    telemetryTable("d.logs"),
    `CREATE TABLE d.last ${LAST}`,
    "CREATE TABLE d.sums (h DateTime('UTC'), n UInt64) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(h) ORDER BY h",
    "CREATE MATERIALIZED VIEW d.summing TO d.sums AS SELECT toStartOfHour(ts) AS h, count() AS n FROM d.logs GROUP BY h",
    rows(1),
  );
  await primary.query(rows(2));
  await primary.query(telemetryTable("d.made"));
  for (const table of ["d.logs", "d.made"]) await load(primary, table, "2026-01-01", 300);
  await load(primary, "d.logs", "2026-01-02", 300);
  await load(dr, "d.logs", "2026-01-01", 300, "number % 3 = 0");

  await t.step("written to: every table is refused with a sentence, and nothing is written", async () => {
    await using relay = cloud(dr);
    const before = await everything(dr);
    const through = { ...sites, dr: reachedAt(dr, relay.url) };
    const report = await checkSites(through, { settings: { autoCreateTables: true } });
    assert.equal(report.error, null);
    const found = findingsOf(report);
    assert.deepEqual(found.map(({ table, cause }) => `${table}: ${cause}`).sort(), [
      "d.last: cloud_engine",
      "d.logs: cloud_engine",
      "d.made: new",
      "d.sums: derived_waiting",
    ]);
    for (const { cause, detail } of found) {
      if (cause !== "derived_waiting") assert.match(detail, /ClickHouse Cloud/);
    }
    assert.equal(isClean(report), false);
    // A rollup whose source is not compared is a table like others.
    const alone = await checkSites(through, { settings: { excludePatterns: ["d.logs"] } });
    assert.equal(findingsOf(alone).find(({ table }) => table === "d.sums")?.cause, "cloud_engine");
    assert.equal(await everything(dr), before);
  });

  await t.step(
    "read: its tables are compared and repaired like any, and created as what they are here",
    async () => {
      await using relay = cloud(primary);
      const through = { ...sites, primary: reachedAt(primary, relay.url) };
      const report = await checkSites(through, { settings: { autoCreateTables: true } });
      assert.equal(report.error, null);
      assert.deepEqual(reasonsOf(report), {
        "d.last 202601": "partial, repaired",
        "d.logs 20260101": "partial, repaired",
        "d.logs 20260102": "missing, repaired",
        "d.made 20260101": "missing, repaired",
        "d.sums": "derived",
      });
      for (const table of ["d.logs", "d.made"]) {
        assert.equal(
          await content(dr, table),
          await content(primary, table),
        );
      }
      for (
        const read of ["k, v FROM d.last FINAL ORDER BY k", "h, sum(n) FROM d.sums GROUP BY h ORDER BY h"]
      ) {
        assert.equal(await dr.query(`SELECT ${read}`), await primary.query(`SELECT ${read}`));
      }
      assert.match(await dr.query("SHOW CREATE TABLE d.made"), /ENGINE = MergeTree/);
      assert.deepEqual(reasonsOf(await checkSites(through)), { "d.sums": "derived" });
    },
  );
});
