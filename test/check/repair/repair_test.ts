/** What a check does to rows, on two real sites. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, everything, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { assertStopped } from "../../support/sites/stopped_checks.ts";

Deno.test("a check makes the passive site whole", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const fresh = async (table: string) => {
    await onBoth(sites, `DROP TABLE IF EXISTS ${table} SYNC`, telemetryTable(table));
    return table;
  };
  const check = (table: string, settings = {}) => checkSites(sites, { only: [table], settings });

  await t.step("an absent day is copied", async () => {
    const table = await fresh("d.day");
    await load(primary, table, "2026-01-01", 5000);
    await load(primary, table, "2026-01-02", 5000);
    await load(dr, table, "2026-01-01", 5000);
    assert.deepEqual(reasonsOf(await check(table)), { "d.day 20260102": "missing, repaired" });
    assert.equal(await content(dr, table), await content(primary, table));
  });

  await t.step("missing hours are copied and the rest is left alone", async () => {
    const table = await fresh("d.hours");
    await load(primary, table, "2026-01-01", 20_000);
    await load(dr, table, "2026-01-01", 20_000, "toHour(ts) NOT IN (3, 4)");
    const before = await dr.query("SELECT name FROM system.parts WHERE active AND table = 'hours'");
    const report = await check(table);
    assert.deepEqual(reasonsOf(report), { "d.hours 20260101": "partial, repaired" });
    assert.equal(findingsOf(report)[0]!.missing, 1667n);
    assert.equal(await content(dr, table), await content(primary, table));
    const kept = await dr.query("SELECT name FROM system.parts WHERE table = 'hours'");
    assert.ok(kept.includes(before.trim()), "the part that was here is still here");
  });

  await t.step(
    "nothing is added once the role has changed, or repairs wait, while it was copied",
    async () => {
      const table = await fresh("d.late");
      await load(primary, table, "2026-01-01", 500);
      await using points = startFaultPoints(() => dr.url);
      const settings = { local: { ...dr.writer, url: points.url } };
      await assertStopped(points, (sql) => sql.startsWith("INSERT INTO `d`.`_chsync_"), async (options) => {
        const report = await checkSites(sites, { only: [table], settings, ...options });
        assert.equal(await dr.query(`SELECT count() FROM ${table}`), "0\n");
        return report;
      });
      assert.deepEqual(reasonsOf(await check(table)), { "d.late 20260101": "missing, repaired" });
    },
  );

  await t.step("rows that are missing at random are copied", async () => {
    const table = await fresh("d.scattered");
    await load(primary, table, "2026-01-01", 20_000);
    await load(dr, table, "2026-01-01", 20_000, "cityHash64(number) % 100 != 0");
    assert.deepEqual(reasonsOf(await check(table)), { "d.scattered 20260101": "partial, repaired" });
    assert.equal(await content(dr, table), await content(primary, table));
  });

  await t.step("identical rows are counted", async () => {
    const table = await fresh("d.identical");
    for (let times = 0; times < 3; times++) await load(primary, table, "2026-01-01", 500);
    await load(dr, table, "2026-01-01", 500);
    await load(dr, table, "2026-01-01", 500, "number % 2 = 0");
    const report = await check(table);
    assert.equal(findingsOf(report)[0]!.missing, 750n);
    assert.equal(await content(dr, table), await content(primary, table));
  });

  await t.step("row counts that agree prove nothing", async () => {
    const table = await fresh("d.counts");
    await load(primary, table, "2026-01-01", 1000);
    await load(dr, table, "2026-01-01", 1000, "number < 900");
    await load(dr, table, "2026-01-01", 1000, "number < 100");
    assert.equal(
      await primary.query(`SELECT count() FROM ${table}`),
      await dr.query(`SELECT count() FROM ${table}`),
    );
    await check(table);
    assert.equal(await dr.query(`SELECT count() FROM ${table}`), "1100\n");
    assert.equal(await dr.query(`SELECT uniqExact(tuple(*)) FROM ${table}`), "1000\n");
  });

  await t.step("rows that only this site holds stay, and nothing goes the other way", async () => {
    const table = await fresh("d.surplus");
    await load(primary, table, "2026-01-01", 1000);
    await load(dr, table, "2026-01-01", 1000, "number < 800");
    await load(dr, table, "2026-01-02", 100);
    await dr.query(
      `INSERT INTO ${table} SELECT '2026-01-01 12:00:00', 'only-here', 1, number, map() FROM numbers(50)`,
    );
    const before = await content(primary, table);
    const report = await check(table);
    assert.deepEqual(reasonsOf(report), {
      "d.surplus 20260101": "partial, repaired",
      "d.surplus 20260102": "surplus",
    });
    assert.equal(await dr.query(`SELECT count() FROM ${table}`), "1150\n");
    assert.equal(await content(dr, table, "service != 'only-here' AND ts < '2026-01-02'"), before);
    assert.equal(await content(primary, table), before);
  });

  await t.step("maps with their keys in another order are the same", async () => {
    const table = await fresh("d.maps");
    await primary.query(
      `INSERT INTO ${table} VALUES ('2026-01-01 00:00:00', 's', 1, 1, {'a': '1', 'b': '2'})`,
    );
    await dr.query(`INSERT INTO ${table} VALUES ('2026-01-01 00:00:00', 's', 1, 1, {'b': '2', 'a': '1'})`);
    assert.deepEqual(reasonsOf(await check(table)), {});
    await dr.query(`INSERT INTO ${table} VALUES ('2026-01-01 00:00:01', 's', 1, 1, {'b': '1', 'a': '2'})`);
    await primary.query(
      `INSERT INTO ${table} VALUES ('2026-01-01 00:00:01', 's', 1, 1, {'a': '1', 'b': '2'})`,
    );
    assert.deepEqual(reasonsOf(await check(table)), { "d.maps 20260101": "independent" });
  });

  await t.step("a second check finds nothing to do and writes nothing", async () => {
    const before = await everything(dr);
    const report = await checkSites(sites, { settings: { excludePatterns: ["d.maps"] } });
    assert.deepEqual(findingsOf(report).filter(({ reason }) => reason !== "surplus"), []);
    assert.equal(await everything(dr), before);
  });

  await t.step("no staging table is left", async () => {
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
  });
});

Deno.test("a dry run changes nothing at either site", async () => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 1000);
  await load(sites.primary, "d.t", "2026-01-02", 1000);
  await load(sites.dr, "d.t", "2026-01-02", 1000, "number % 10 != 3");
  await sites.primary.query(telemetryTable("d.fresh"));
  const before = [await everything(sites.primary), await everything(sites.dr)];
  const report = await checkSites(sites, { dryRun: true, settings: { autoCreateTables: true } });
  assert.deepEqual(reasonsOf(report), {
    "d.t 20260101": "missing",
    "d.t 20260102": "partial",
    "d.fresh": "new",
  });
  assert.deepEqual(findingsOf(report).map(({ missing }) => missing), [1000n, 100n, 0n]);
  assert.ok(findingsOf(report)[0]!.sql.some((sql) => sql.includes("FROM remote(")));
  assert.ok(
    !JSON.stringify(findingsOf(report).map(({ sql }) => sql)).includes(sites.primary.endpoint.password),
  );
  assert.deepEqual([await everything(sites.primary), await everything(sites.dr)], before);
});
