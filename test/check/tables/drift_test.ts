/** Definitions that differ between two real sites, what fixes them, and what else the active site has. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { reportLog } from "../../../src/report/report_log.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { eachSays } from "../../support/says.ts";

Deno.test("what differs is named with the statements that fix it, and the rest of the check goes on", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.fine"));
  const check = () => checkSites(sites);
  const fix = async (table: string) => {
    const report = await check();
    const found = findingsOf(report).find((found) => found.table === table)!;
    assert.equal(found.reason, "drifted");
    const line = reportLog(report, null).find(({ text }) => text.startsWith(`${table}: drifted`))!;
    assert.equal(line.level, "warning");
    for (const statement of found.sql) {
      assert.ok(line.text.includes(statement), line.text);
      await dr.query(statement);
    }
    return found.detail;
  };

  for (
    const [name, clauseHere, clauseThere, said] of [
      ["d.key", "ORDER BY (service, ts)", "ORDER BY ts", /the sorting key is service, ts here and ts at/],
      [
        "d.parts",
        "PARTITION BY toYYYYMMDD(ts)",
        "PARTITION BY toYYYYMM(ts)",
        /the partition key is toYYYYMMDD\(ts\) here/,
      ],
      [
        "d.engine",
        "ENGINE = ReplacingMergeTree",
        "ENGINE = MergeTree",
        /the engine is ReplacingMergeTree here and MergeTree/,
      ],
    ] as const
  ) {
    await t.step(`${name}: made anew, with the rows that are here`, async () => {
      const own = telemetryTable(name, clauseHere.startsWith("ENGINE") ? "ReplacingMergeTree" : "MergeTree");
      await dr.query(own);
      await primary.query(own.replace(clauseHere, clauseThere));
      await load(primary, name, "2026-01-01", 300);
      await load(primary, "d.fine", "2026-01-01", 30);
      await load(dr, name, "2026-01-01", 300, "number < 200");
      assert.match(await fix(name), said);
      assert.equal(await dr.query(`SELECT count() FROM ${name}_recreated`), "200\n");
      await dr.query(`DROP TABLE ${name}_recreated SYNC`);
      const settings = { settleSeconds: 1 };
      await new Promise((resolve) => setTimeout(resolve, 2200));
      await checkSites(sites, { settings });
      assert.equal(await content(dr, name), await content(primary, name));
      assert.equal(await content(dr, "d.fine"), await content(primary, "d.fine"));
      assert.ok(isClean(await checkSites(sites, { settings })));
    });
  }

  await t.step("another TTL is a warning, with the statement that fixes it", async () => {
    await onBoth(sites, `${telemetryTable("d.ttl")} TTL toDateTime(ts) + INTERVAL 5000 DAY`);
    await primary.query("ALTER TABLE d.ttl MODIFY TTL toDateTime(ts) + INTERVAL 6000 DAY");
    const warnings = async () => (await check()).tables.find(({ table }) => table === "d.ttl")!.warnings;
    const [warning] = await warnings();
    assert.match(warning!, /^the TTL differs: .*5000.* here, .*6000.* at the active site/);
    await dr.query(warning!.split("To fix it here: ")[1]!);
    assert.deepEqual(await warnings(), []);
    await primary.query("ALTER TABLE d.ttl REMOVE TTL");
    await dr.query((await warnings())[0]!.split("To fix it here: ")[1]!);
    assert.deepEqual(await warnings(), []);
  });

  await t.step("rows that a finished DELETE removed come back, and the report says why", async () => {
    await onBoth(sites, telemetryTable("d.erased"));
    for (const site of [primary, dr]) await load(site, "d.erased", "2026-01-01", 70);
    const erase = "ALTER TABLE d.erased DELETE WHERE service = 'service-1' SETTINGS mutations_sync = 2";
    await dr.query(erase);
    const report = await check();
    assert.equal(reasonsOf(report)["d.erased 20260101"], "partial, repaired");
    assert.match(
      String(report.tables.find(({ table }) => table === "d.erased")!.warnings),
      /ALTER … DELETE of 20\d\d-/,
    );
    await primary.query(erase);
    const after = await check();
    assert.equal(reasonsOf(after)["d.erased 20260101"], "surplus");
    assert.match(
      String(after.tables.find(({ table }) => table === "d.erased")!.warnings),
      /removed rows at the active site/,
    );
    await dr.query(erase);
    assert.deepEqual((await check()).tables.find(({ table }) => table === "d.erased")!.warnings, []);
  });

  await t.step("other objects of the active site that are not here are named, and gate nothing", async () => {
    await primary.query("CREATE VIEW d.reading AS SELECT count() FROM d.fine");
    await primary.query("CREATE VIEW d.tmp_view AS SELECT 1");
    await primary.query("CREATE MATERIALIZED VIEW d.feeding TO d.ttl AS SELECT * FROM d.fine WHERE 0");
    await primary.query(
      "CREATE DICTIONARY d.words (id UInt64, word String) PRIMARY KEY id SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(0)",
    );
    await primary.query("CREATE FUNCTION chsync_test_function AS (x) -> x + 1");
    const { warnings } = await check();
    eachSays(warnings.toSorted(), [
      ["active site only", "dictionary", "d.words"],
      ["active site only", "function", "chsync_test_function"],
      ["active site only", "materialized view", "d.feeding"],
      ["active site only", "view", "d.reading"],
    ]);
    assert.equal((await checkSites(sites, { only: ["d.fine"] })).warnings.length, 0);

    const view = (name: string, where: string) =>
      `CREATE MATERIALIZED VIEW d.${name} ENGINE = MergeTree ORDER BY ts AS SELECT * FROM d.fine WHERE ${where}`;
    await onBoth(sites, view("alike", "status = 1"));
    await primary.query(view("differing", "status = 1"));
    await dr.query(view("differing", "status = 2"));
    const said = (await check()).warnings.filter((text) => !text.startsWith("At the active site only"));
    assert.equal(said.length, 1);
    assert.match(said[0]!, /^View d.differing is defined differently/);
  });
});
