/** What is missing may be presumed from digests; where that is wrong, nothing comes of it. On two real sites. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import type { WritableSite } from "../../../src/check/ports/writable_site.ts";
import type { Repair, RepairOutcome } from "../../../src/model/repair.ts";
import type { CheckSitesOptions } from "../../support/sites/check_sites.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("presumptions", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  await using directory = await temporaryDirectory();

  /** The report, each repair that was tried, and how often rows were looked for one by one. */
  async function check(table: string, options: CheckSitesOptions = {}) {
    const tried: string[] = [];
    let looks = 0;
    const wrap = (ports: CheckPorts): CheckPorts => {
      const { here } = ports;
      const [repair, absentRows, differences] = [here.repair, here.absentRows, here.differences]
        .map((method) => method.bind(here)) as [
          WritableSite["repair"],
          WritableSite["absentRows"],
          WritableSite["differences"],
        ];
      here.repair = async (planned: Repair, ...more) => {
        const outcome: RepairOutcome = await repair(planned, ...more);
        tried.push(`${planned.presumed ? "presumed" : "exact"} ${planned.missing.rows}: ${outcome.kind}`);
        return outcome;
      };
      here.absentRows = (request) => (looks++, absentRows(request));
      here.differences = (request) => (looks++, differences(request));
      return ports;
    };
    const report = await checkSites(sites, { only: [table], memory: directory.path, wrap, ...options });
    return { report, tried, looks, reasons: reasonsOf(report) };
  }
  const fresh = async (table: string) => {
    await onBoth(sites, telemetryTable(table));
    return table;
  };
  const bothHold = async (table: string, here: string, there = "1") => {
    await load(primary, table, "2026-01-01", 5000, there);
    await load(dr, table, "2026-01-01", 5000, here);
  };

  await t.step("missing rows alone are copied without being looked for", async () => {
    const table = await fresh("d.missing");
    await bothHold(table, "cityHash64(number) % 50 != 0");
    const { tried, looks, reasons, report } = await check(table);
    const [found] = findingsOf(report);
    assert.deepEqual([tried, looks], [[`presumed ${found!.missing}: repaired`], 0]);
    assert.deepEqual(reasons, { "d.missing 20260101": "partial, repaired" });
    assert.equal(await content(dr, table), await content(primary, table));
    assert.deepEqual((await check(table)).reasons, {});
  });

  await t.step("a plan is exact", async () => {
    const table = await fresh("d.plan");
    await bothHold(table, "number % 10 != 0 OR number = 20");
    await dr.query(
      `INSERT INTO ${table} SELECT ts, 'other', status, duration, attributes FROM ${table} LIMIT 5`,
    );
    const { tried, looks, report } = await check(table, { dryRun: true });
    assert.deepEqual(tried, []);
    assert.ok(looks > 0);
    assert.deepEqual(findingsOf(report).map(({ missing, surplus }) => [missing, surplus]), [[499n, 5n]]);
  });

  await t.step("while repairs wait, nothing is presumed", async () => {
    const table = await fresh("d.waiting");
    await bothHold(table, "number % 10 != 0");
    let looks = 0;
    const { report } = await check(table, {
      wrap: (ports) => {
        const absentRows = ports.here.absentRows.bind(ports.here);
        ports.here.absentRows = (request) => (looks++, absentRows(request));
        return { ...ports, repairsWait: () => Promise.resolve("paused") };
      },
    });
    assert.equal(looks, 1);
    assert.equal(findingsOf(report)[0]!.missing, 500n);
  });

  const mixed = async (table: string) => {
    await bothHold(table, "number >= 500");
    // As many rows of the same minutes, but other ones: every bucket that lacks rows has surplus ones, too.
    await dr.query(
      `INSERT INTO ${table} SELECT ts, 'other', status, duration, attributes FROM ${table} ` +
        "WHERE duration % 100 = 0",
    );
    await dr.query(
      `INSERT INTO ${table} SELECT '2026-01-01 00:00:00', 'other', 1, number, map() FROM numbers(100)`,
    );
  };

  await t.step(
    "rows that only this site holds among those that lack: looked for, and repaired exactly",
    async () => {
      const table = await fresh("d.mixed");
      await mixed(table);
      const { tried, looks, reasons, report } = await check(table, { settings: { maxConflictPercent: 50 } });
      assert.equal(tried.length, 2);
      assert.match(tried[0]!, /^presumed \d+: disproved$/);
      assert.equal(tried[1], "exact 500: repaired");
      assert.ok(looks > 0);
      assert.equal(reasons["d.mixed 20260101"], "partial, repaired");
      assert.equal(findingsOf(report)[0]!.missing, 500n);
      const kept = "service != 'other'";
      assert.equal(await content(dr, table, kept), await content(primary, table, kept));
      // What was repaired is remembered as it was looked for, and is no loop.
      assert.equal((await check(table)).reasons["d.mixed 20260101"], "surplus");
    },
  );

  await t.step("identical rows that are here fewer times", async () => {
    const table = await fresh("d.repeated");
    for (let times = 0; times < 3; times++) await load(primary, table, "2026-01-01", 500);
    await load(dr, table, "2026-01-01", 500);
    const { tried } = await check(table);
    assert.deepEqual(tried, ["presumed 1000: disproved", "exact 1000: repaired"]);
    assert.equal(await content(dr, table), await content(primary, table));
  });

  await t.step("where both sites wrote everything differently, little is staged", async () => {
    const table = await fresh("d.independent");
    await load(primary, table, "2026-01-01", 5000);
    await dr.query(
      `INSERT INTO ${table} SELECT ts, service, status, duration + 1, attributes ` +
        `FROM remote('${sites.primary.host}:${sites.primary.tcpPort}', '${table}', '${sites.primary.reader.user}', ` +
        `'${sites.primary.reader.password}') WHERE duration % 100 != 0`,
    );
    const rowsOf = async () => Number(await dr.query(`SELECT count() FROM ${table}`));
    const inserted = async () =>
      Number(await dr.query("SELECT sum(value) FROM system.events WHERE event = 'InsertedRows'"));
    const [before, insertedBefore] = [await rowsOf(), await inserted()];
    const first = await check(table);
    const absent = 5000 - before;
    assert.equal(first.tried.length, 2);
    assert.match(first.tried[0]!, /^presumed \d+: disproved$/);
    assert.equal(first.tried[1], `exact ${absent}: repaired`, "those without a twin");
    assert.equal(first.reasons["d.independent 20260101"], "independent");
    const staged = await inserted() - insertedBefore;
    assert.ok(staged < 200, `${staged} rows were staged`);
    const second = await check(table);
    assert.deepEqual([second.tried, second.reasons], [[], first.reasons]);
    assert.equal(await dr.query(`SELECT count(), uniqExact(ts) FROM ${table}`), "5000\t5000\n");
  });
});
