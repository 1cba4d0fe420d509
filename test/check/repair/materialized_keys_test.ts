/** Rows whose partition, or time, the server makes up as they are inserted: a repair brings them in as they are. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
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

Deno.test("rows that the sites put into neighbouring partitions are not copied into both", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  const days = {
    numbered: ["toYYYYMMDD(received)"],
    hashed: ["(toString(toDate(received)), id % 1)"],
    chained: ["day", ", day Date MATERIALIZED toDate(received)"],
  };
  /** A minute apart, from 23:00 on; the site receives each so many seconds after it was made. */
  const rows = (later: number) =>
    "(id, ts, received) SETTINGS insert_allow_materialized_columns = 1 SELECT number, " +
    `toDateTime('2026-01-01 23:00:00', 'UTC') + number * 60, toDateTime('2026-01-01 23:00:00', 'UTC') + number * 60 + ${later} ` +
    "FROM numbers(120)";
  await onBoth(sites, "CREATE DATABASE d");
  for (const [name, [partitions, column = ""]] of Object.entries(days)) {
    for (const made of ["MATERIALIZED", "DEFAULT"]) {
      for (const [later, held] of [[300, "partly here"], [3600, "absent"]] as const) {
        await t.step(`${name}, ${made}, ${held}`, async () => {
          await onBoth(
            sites,
            "DROP TABLE IF EXISTS d.t SYNC",
            `CREATE TABLE d.t (id UInt64, ts DateTime('UTC'), received DateTime('UTC') ${made} now()${column}) ` +
              `ENGINE = MergeTree PARTITION BY ${partitions} ORDER BY id`,
          );
          await primary.query(`INSERT INTO d.t ${rows(0)}`);
          await dr.query(`INSERT INTO d.t ${rows(later)}`);
          const report = await checkSites(sites);
          assert.equal(await dr.query("SELECT count(), uniqExact(id) FROM d.t"), "120\t120\n");
          assert.ok(Object.values(reasonsOf(report)).includes("independent"));
        });
      }
    }
  }
});

Deno.test("nor where an outage ends at the boundary, so that more is missing in one of them than is surplus", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (id UInt64, received DateTime('UTC') MATERIALIZED now()) ENGINE = MergeTree " +
      "PARTITION BY toYYYYMMDD(received) ORDER BY id",
  );
  const insert = (from: number, to: number, at: string) =>
    "INSERT INTO d.t (id, received) SETTINGS insert_allow_materialized_columns = 1 SELECT number, " +
    `toDateTime('2026-01-${at}', 'UTC') FROM numbers(${from}, ${to - from})`;
  await onBoth(sites, insert(0, 100, "01 12:00:00"), insert(200, 300, "02 12:00:00"));
  // Of the first day this site lacks a hundred rows; what the active one received a moment after midnight it has before.
  await primary.query(insert(1000, 1100, "01 23:59:59"));
  await primary.query(insert(500, 520, "02 00:00:01"));
  await dr.query(insert(500, 520, "01 23:59:59"));
  await checkSites(sites);
  assert.equal(await dr.query("SELECT countIf(id BETWEEN 500 AND 519) FROM d.t"), "20\n");
});

Deno.test("what only one site has received is copied where nothing is beside it", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (id UInt64, received DateTime('UTC') DEFAULT now()) ENGINE = MergeTree " +
      "PARTITION BY toYYYYMMDD(received) ORDER BY id",
  );
  const day = (day: number, from: number) =>
    `INSERT INTO d.t SELECT number, toDateTime('2026-01-0${day} 00:00:00', 'UTC') FROM numbers(${from}, 100)`;
  await onBoth(sites, day(1, 0), day(2, 0), day(5, 0));
  await dr.query(day(1, 100));
  await primary.query(day(3, 0));
  const surplus = { "d.t 20260101": "surplus" };
  assert.deepEqual(reasonsOf(await checkSites(sites)), { ...surplus, "d.t 20260103": "missing, repaired" });
  await primary.query(day(2, 100));
  assert.deepEqual(reasonsOf(await checkSites(sites)), { ...surplus, "d.t 20260102": "independent" });
});
