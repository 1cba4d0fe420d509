/** What targets hold is asked in slices where the server has not the memory for all of it. */
import assert from "node:assert/strict";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

/** Bytes that a statement may take. */
const LIMIT = 120_000_000;
const TABLES = [
  "CREATE DATABASE d",
  "CREATE TABLE d.raw (ts DateTime('UTC'), k UInt64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY k",
  "CREATE TABLE d.copy (ts DateTime('UTC'), k UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY k",
  "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, k FROM d.raw",
];
const insert = (day: string) =>
  `INSERT INTO d.raw SELECT toDateTime('${day} 00:00:00', 'UTC') + number % 80000, number FROM numbers(800000) ` +
  "SETTINGS max_memory_usage = 0";

Deno.test("the rows of an outage are fed, and those that were lost are not, in little memory", async () => {
  const limited = { config: { profiles: { default: { max_memory_usage: LIMIT } } } };
  await using sites = await startTwoSites({ primary: limited, dr: limited });
  const { primary, dr } = sites;
  await onBoth(sites, ...TABLES, insert("2026-01-01"));
  await primary.query(insert("2026-01-02"));
  await dr.query("ALTER TABLE d.raw DROP PARTITION ID '20260101'");
  const report = await checkSites(sites);
  const past = findingsOf(report).filter(({ table }) => table === "d.raw")
    .map(({ partitionId, repaired, detail }) => [partitionId, repaired, /past the views/.test(detail)]);
  assert.deepEqual(past, [["20260101", true, true], ["20260102", true, false]]);
  for (const table of ["d.raw", "d.copy"]) {
    const rows = `SELECT count(), sum(sipHash64(ts, k)), sum(cityHash64(ts, k)) FROM ${table}`;
    assert.equal(await dr.query(rows), await primary.query(rows), table);
  }
  const refused = await dr.query("SELECT count() FROM system.errors WHERE code = 241 AND value > 0");
  assert.equal(refused, "1\n", "the limit did not bite: the test shows nothing");
});
