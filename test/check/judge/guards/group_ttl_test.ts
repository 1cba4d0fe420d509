/** Tables whose TTL puts rows together, at each site at another time, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../../../support/sites/check_sites.ts";
import { content, onBoth } from "../../../support/data/telemetry.ts";
import { startTwoSites } from "../../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../../support/temporary_directory.ts";

Deno.test("rows that a TTL has put together at one site only are not taken for missing", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const rows = (day: string, where: string) =>
    `INSERT INTO d.t SELECT ${day} + number * 60, number % 3, number FROM numbers(120) WHERE ${where}`;
  const OLD = "toDateTime('2026-01-01 00:00:00', 'UTC')";
  const OLDER = "toDateTime('2025-12-01 00:00:00', 'UTC')";
  const YOUNG = "toStartOfDay(now('UTC')) - 43200";
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (ts DateTime('UTC'), k UInt8, v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts) " +
      "TTL ts + INTERVAL 3 DAY GROUP BY k SET v = sum(v), ts = min(ts)",
    "SYSTEM STOP MERGES d.t",
    rows(OLD, "1"),
  );
  await primary.query(rows(OLDER, "1"));
  await primary.query(rows(YOUNG, "1"));
  await dr.query(rows(YOUNG, "number % 10"));
  // The active site puts the old rows together, this one does not yet.
  await primary.query("SYSTEM START MERGES d.t");
  await primary.query("OPTIMIZE TABLE d.t FINAL");
  assert.equal(await primary.query("SELECT count() FROM d.t WHERE toDate(ts) = '2026-01-01'"), "3\n");
  const before = await content(dr, "d.t", "toDate(ts) = '2026-01-01'");

  const report = await checkSites(sites);
  const { "d.t 20260101": old, "d.t 20251201": absent, ...young } = reasonsOf(report);
  assert.equal(old, "aggregated");
  assert.match(findingsOf(report).find(({ reason }) => reason === "aggregated")!.detail, /GROUP BY/);
  assert.equal(await content(dr, "d.t", "toDate(ts) = '2026-01-01'"), before);
  // What is absent altogether comes as the active site has it; what is young is repaired like anywhere.
  assert.equal(absent, "missing, repaired");
  assert.ok(Object.values(young).every((reason) => reason === "partial, repaired"), JSON.stringify(young));

  // Once both have put them together they are the same.
  await dr.query("SYSTEM START MERGES d.t");
  await dr.query("OPTIMIZE TABLE d.t FINAL");
  assert.ok(isClean(await checkSites(sites)));
  assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
});

Deno.test("rows that the active site put together since the last check are no loss", async () => {
  await using sites = await startTwoSites();
  await using memory = await temporaryDirectory();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (ts DateTime('UTC'), k UInt8, v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts) " +
      "TTL ts + INTERVAL 3 DAY GROUP BY k SET v = sum(v), ts = min(ts)",
    "SYSTEM STOP MERGES d.t",
  );
  await primary.query(
    "INSERT INTO d.t SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 60, number % 3, number FROM numbers(120)",
  );
  const check = () => checkSites(sites, { memory: memory.path });
  assert.deepEqual(reasonsOf(await check()), { "d.t 20260101": "missing, repaired" });
  await primary.query("SYSTEM START MERGES d.t");
  await primary.query("OPTIMIZE TABLE d.t FINAL");
  const report = await check();
  assert.deepEqual(reasonsOf(report), { "d.t 20260101": "aggregated" });
  assert.ok(!isClean(report));
  await dr.query("SYSTEM START MERGES d.t");
  await dr.query("OPTIMIZE TABLE d.t FINAL");
  assert.ok(isClean(await check()));
  assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
});
