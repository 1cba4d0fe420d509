/** A check that is limited within its tables looks at those partitions and at no others, and leaves the memory alone. */
import assert from "node:assert/strict";
import type { Within } from "../../../src/model/check_scope.ts";
import { UsageProblem } from "../../../src/model/usage_problem.ts";
import {
  checkSites,
  type CheckSitesOptions,
  findingsOf,
  reasonsOf,
} from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const NO_LIMIT: Within = { from: null, to: null, partitions: [], open: false };
const at = (text: string) => Date.parse(text) / 1000;

Deno.test("a check that is limited within its tables", async (t) => {
  await using sites = await startTwoSites();
  await using memory = await temporaryDirectory();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await onBoth(
    sites,
    "CREATE TABLE d.untimed (id UInt64) ENGINE = MergeTree ORDER BY id",
    "CREATE TABLE d.days (day Date, id UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY id",
    "CREATE TABLE d.numbers (at UInt64, id UInt64) ENGINE = MergeTree PARTITION BY intDiv(at, 86400000) ORDER BY id",
    "CREATE TABLE d.source (ts DateTime, n UInt64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY n",
    "CREATE TABLE d.target (ts DateTime, n UInt64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY n",
    "CREATE MATERIALIZED VIEW d.feed TO d.target AS SELECT ts, n FROM d.source",
  );
  for (const day of ["2026-01-01", "2026-01-02", "2026-01-03"]) await load(primary, "d.t", day, 100);
  await load(dr, "d.t", "2026-01-01", 100, "number < 40");
  await primary.query("INSERT INTO d.untimed VALUES (1)");
  await primary.query("INSERT INTO d.days VALUES ('2026-01-31', 1), ('2026-02-01', 2)");
  await primary.query(
    "INSERT INTO d.numbers SELECT toUnixTimestamp64Milli(toDateTime64('2026-01-01', 3, 'UTC')) + number * 43200000, number " +
      "FROM numbers(6)",
  );
  await primary.query("INSERT INTO d.source VALUES ('2026-01-01 00:00:00', 1), ('2026-01-02 00:00:00', 2)");
  const look = (within: Partial<Within>, options: CheckSitesOptions = {}) =>
    checkSites(sites, { dryRun: true, memory: memory.path, within: { ...NO_LIMIT, ...within }, ...options });
  const found = async (within: Partial<Within>, ...only: string[]) => reasonsOf(await look(within, { only }));

  await t.step("by time looks at partitions with a row in it, whole", async () => {
    const report = await look({ from: at("2026-01-02T23:00Z"), to: at("2026-01-03T01:00Z") }, {
      only: ["d.t"],
    });
    assert.deepEqual(reasonsOf(report), { "d.t 20260102": "missing", "d.t 20260103": "missing" });
    assert.deepEqual(findingsOf(report).map(({ missing }) => missing), [100n, 100n]);
    const [table] = report.tables;
    assert.deepEqual([table!.partitions, table!.outside, report.limited], [2, 1, true]);
    // The last row of the first day is of 23:45:36.
    assert.deepEqual(await found({ to: at("2026-01-01T00:00:01Z") }, "d.t"), { "d.t 20260101": "partial" });
    assert.deepEqual(await found({ from: at("2026-01-03T23:45:36Z") }, "d.t"), { "d.t 20260103": "missing" });
    assert.deepEqual(await found({ from: at("2026-01-03T23:45:37Z") }, "d.t"), {});
  });

  await t.step("by time takes a day as a whole, and leaves out what has no time", async () => {
    const report = await look({ from: at("2026-01-31T12:00Z"), to: at("2026-01-31T13:00Z") }, {
      only: ["d.days", "d.untimed"],
    });
    assert.deepEqual(reasonsOf(report), { "d.days 202601": "missing" });
    assert.match(report.warnings.join(), /d\.untimed was not looked at/);
  });

  await t.step("by time says which tables differ in the column of their time, and goes on", async () => {
    await primary.query("CREATE TABLE d.drifted (seen DateTime, n UInt64) ENGINE = MergeTree ORDER BY seen");
    await dr.query("CREATE TABLE d.drifted (ts DateTime, n UInt64) ENGINE = MergeTree ORDER BY ts");
    assert.deepEqual(await found({ from: at("2026-01-03") }, "d.drifted", "d.t"), {
      "d.drifted": "drifted",
      "d.t 20260103": "missing",
    });
    const broken = await look({ from: at("2026-01-03") }, {
      only: ["d.t", "d.days"],
      wrap: (ports) => {
        const { there } = ports;
        const ask = there.partitionsBetween.bind(there);
        const partitionsBetween: typeof ask = (table, ...rest) =>
          table.id.name === "t" ? Promise.reject(new Error("it took too long")) : ask(table, ...rest);
        return { ...ports, there: Object.assign(there, { partitionsBetween }) };
      },
    });
    assert.deepEqual(reasonsOf(broken), {
      "d.days 202601": "missing",
      "d.days 202602": "missing",
      "d.t": "failed",
    });
    await onBoth(sites, "DROP TABLE d.drifted SYNC");
  });

  await t.step("by time compares numbers in the unit that TIME_COLUMNS says", async () => {
    const numbers = (from: string, to: string, unit: "milliseconds" | null) =>
      look({ from: at(from), to: at(to) }, {
        only: ["d.numbers"],
        settings: { timeColumns: unit === null ? [] : [{ pattern: "d.numbers.at", unit }] },
      });
    const days = reasonsOf(await numbers("2026-01-02T12:00Z", "2026-01-03T00:00Z", "milliseconds"));
    assert.deepEqual(days, { "d.numbers 20455": "missing" });
    const untold = await numbers("2026-01-02T12:00Z", "2026-01-03T00:00Z", null);
    assert.match(untold.error ?? "", /no column tells the time of its rows by its type or by a unit/);
  });

  await t.step("by partition, and refuses one that is nowhere", async () => {
    assert.deepEqual(await found({ partitions: ["20260103"] }, "d.t", "d.days"), {
      "d.t 20260103": "missing",
    });
    assert.deepEqual(await found({ partitions: ["20260103"], to: at("2026-01-03") }, "d.t"), {});
    await assert.rejects(
      look({ partitions: ["20260104"] }, { only: ["d.t"] }),
      (error) =>
        error instanceof UsageProblem &&
        /has a partition 20260104; the nearest are 2026010/.test(error.message),
    );
  });

  await t.step("does not touch what a view fills, as its source may lack rows elsewhere", async () => {
    const report = await look({ partitions: ["20260101"] }, {
      only: ["d.source", "d.target"],
      dryRun: false,
    });
    assert.deepEqual(reasonsOf(report), { "d.source 20260101": "missing, repaired", "d.target": "derived" });
    assert.equal(await dr.query("SELECT count() FROM d.source"), "1\n");
    await checkSites(sites, { only: ["d.source", "d.target", "d.days", "d.untimed"] });
    assert.equal(await dr.query("SELECT count() FROM d.target"), "2\n");
  });

  await t.step("to what was left open compares what a view fills, with its source", async () => {
    await dr.query("TRUNCATE TABLE d.target");
    const recheck = (within: Partial<Within>) =>
      look({ open: true, ...within }, { only: ["d.target"], dryRun: false });
    const inPart = await recheck({ to: at("2026-01-02") });
    assert.deepEqual(reasonsOf(inPart), { "d.target": "derived" });
    assert.deepEqual((await recheck({})).tables.map(({ table }) => table), ["d.target"]);
    const report = await recheck({ sourcesToo: true });
    assert.deepEqual(report.tables.map(({ table }) => table), ["d.source", "d.target"]);
    assert.equal(report.limited, true);
    assert.equal(reasonsOf(report)["d.target 20260101"], "missing, repaired");
    assert.equal(await dr.query("SELECT count() FROM d.target"), "2\n");
  });

  await t.step("repairs there only, and remembers nothing", async () => {
    await checkSites(sites, { only: ["d.t"], memory: memory.path, dryRun: true });
    const report = await look({ partitions: ["20260102"] }, { only: ["d.t"], dryRun: false });
    assert.deepEqual(reasonsOf(report), { "d.t 20260102": "missing, repaired" });
    assert.ok(
      report.tables.every(({ remember, rememberPartitions }) =>
        remember === null && rememberPartitions.size === 1
      ),
    );
    assert.equal(await dr.query("SELECT count() FROM d.t"), "140\n");
  });

  await t.step("to what was left open looks at what is not proven", async () => {
    await dr.query("INSERT INTO d.t SELECT * REPLACE (ts + INTERVAL 1 YEAR AS ts) FROM d.t");
    const held = await checkSites(sites, {
      only: ["d.t"],
      memory: memory.path,
      wrap: (ports) => ({ ...ports, repairsWait: () => Promise.resolve("it is paused") }),
    });
    assert.deepEqual(reasonsOf(held), {
      "d.t 20260101": "partial",
      "d.t 20260103": "missing",
      "d.t 20270101": "surplus",
      "d.t 20270102": "surplus",
    });
    const whole = await look({ open: true, openAsWhole: new Set(["d.t"]) }, { only: ["d.t"] });
    assert.deepEqual(reasonsOf(whole), reasonsOf(held));
    assert.equal(whole.tables[0]!.outside, undefined);
    const report = await look({ open: true }, { only: ["d.t"], dryRun: false });
    const repaired = Object.entries(reasonsOf(report)).filter(([, reason]) => reason !== "surplus");
    assert.deepEqual(repaired, [["d.t 20260101", "partial, repaired"], [
      "d.t 20260103",
      "missing, repaired",
    ]]);
    assert.equal(report.tables[0]!.outside, 1);
  });
});

Deno.test("a check that verifies digests what is proven, and remembers that", async () => {
  await using sites = await startTwoSites();
  await using memory = await temporaryDirectory();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [sites.primary, sites.dr]) await load(site, "d.t", "2026-01-01", 100);
  const readings: string[] = [];
  const check = async (verify: boolean) => {
    readings.length = 0;
    const observer = { judged: ({ reading }: { reading: string }) => void readings.push(reading) };
    const report = await checkSites(sites, { memory: memory.path, observer, verify, deep: verify });
    assert.deepEqual(reasonsOf(report), {});
    return report;
  };
  await check(false);
  assert.deepEqual([(await check(false)).tables[0]!.proven, readings], [1, ["unchanged"]]);
  const verified = await check(true);
  assert.deepEqual([verified.tables[0]!.proven, readings, verified.limited], [0, ["digest"], false]);
  assert.deepEqual([(await check(false)).tables[0]!.proven, readings], [1, ["unchanged"]]);
});
