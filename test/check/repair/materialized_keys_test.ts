/** Rows whose partition, or time, the server makes up as they are inserted: a repair brings them in as they are. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("a repair that feeds views does not make MATERIALIZED columns anew", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (id UInt64, v String, received DateTime('UTC') MATERIALIZED now()) ENGINE = MergeTree " +
      "PARTITION BY toYYYYMMDD(received) ORDER BY id",
    "CREATE TABLE d.n (v String, n UInt64) ENGINE = SummingMergeTree ORDER BY v",
    "CREATE MATERIALIZED VIEW d.mv TO d.n AS SELECT v, count() AS n FROM d.t GROUP BY v",
  );
  const rows = (from: number, to: number) =>
    "INSERT INTO d.t (id, v, received) SETTINGS insert_allow_materialized_columns = 1 " +
    `SELECT number, toString(number), toDateTime('2026-01-01', 'UTC') + number FROM numbers(${from}, ${
      to - from
    })`;
  await onBoth(sites, rows(0, 900));
  await primary.query(rows(900, 1000));
  const report = await checkSites(sites);
  assert.ok(isClean(report));
  assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
  const days = "SELECT DISTINCT toDate(received) FROM d.t";
  assert.equal(await dr.query(days), "2026-01-01\n");
  assert.equal(await dr.query("SELECT sum(n) FROM d.n"), "1000\n");
});
