/** Rows are fed to views right after the last look at the partition: those that came before it are not fed once more. */
import assert from "node:assert/strict";
import { startFaultPoints } from "../../support/links/fault_points.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("rows that arrive late while the catalog is read for their views are not doubled", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.raw (ts DateTime('UTC'), id UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id",
    "CREATE TABLE d.ids (id UInt64, rows UInt64) ENGINE = SummingMergeTree ORDER BY id",
    "CREATE MATERIALIZED VIEW d.feed TO d.ids AS SELECT id, count() AS rows FROM d.raw GROUP BY id",
  );
  const rows = (where: string) =>
    `INSERT INTO d.raw SELECT '2026-01-01', number FROM numbers(100) WHERE ${where}`;
  await primary.query(rows("1"));
  await dr.query(rows("number % 10 != 7"));
  await using points = startFaultPoints(() => dr.url);
  let late = false;
  points.before = async ({ sql }) => {
    // The blocks of all tables that the views reach: what is read last of the catalog.
    if (late || !sql.includes("AS blocks")) return;
    late = true;
    await dr.query(rows("number % 10 = 7"));
  };
  const options = { settings: { local: { ...dr.writer, url: points.url }, settleSeconds: 0 } };
  const found = reasonsOf(await checkSites(sites, options));
  assert.ok(late);
  const held = "SELECT (SELECT count() FROM d.raw), (SELECT sum(rows) FROM d.ids)";
  assert.equal(await dr.query(held), await primary.query(held));
  assert.equal(found["d.raw 202601"], "failed");
  assert.deepEqual(reasonsOf(await checkSites(sites, options))["d.raw 202601"], undefined);
});
