/** Rows that arrive late, where the count of the last check does not tell so: on two real sites. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../../../support/sites/check_sites.ts";
import { content, onBoth } from "../../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../../support/temporary_directory.ts";
import { startTwoSites } from "../../../support/sites/two_sites.ts";

Deno.test("old rows that keep arriving here are waited for while as many rows of the partition expire", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await using directory = await temporaryDirectory();
  const settings = { settleSeconds: 3600 };
  const check = async () => reasonsOf(await checkSites(sites, { memory: directory.path, settings }));
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE d.t (ts DateTime('UTC'), id UInt64, gone DateTime('UTC')) ENGINE = MergeTree ORDER BY ts ` +
      "TTL gone",
    "SYSTEM STOP TTL MERGES d.t", // they come every four hours (merge_with_ttl_timeout)
  );
  const now = Number(await primary.query("SELECT toUnixTimestamp(now())"));
  const rows = (from: number, rows: number, gone: string) =>
    `INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, number, ${gone} FROM numbers(${from}, ${rows})`;
  await onBoth(sites, rows(0, 300, `toDateTime(${now + 12}, 'UTC')`));
  await onBoth(sites, rows(1000, 300, "toDateTime('2100-01-01', 'UTC')"));
  assert.deepEqual(await check(), {});
  await primary.query(rows(2000, 300, "toDateTime('2100-01-01', 'UTC')"));
  await dr.query(rows(2000, 100, "toDateTime('2100-01-01', 'UTC')"));
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, (now + 14) * 1000 - Date.now())));
  const found = await check();
  await dr.query(rows(2100, 200, "toDateTime('2100-01-01', 'UTC')"));
  const left = `gone > '2099-01-01'`;
  assert.equal(await content(dr, "d.t", left), await content(primary, "d.t", left));
  assert.deepEqual(found, { "d.t all": "backfilling" });
});
