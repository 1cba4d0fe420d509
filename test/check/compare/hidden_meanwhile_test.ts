/** Rows that are hidden from ch-sync once it has looked whether it sees all of them. */
import assert from "node:assert/strict";
import type { CheckPorts } from "../../../src/check/ports/check_ports.ts";
import { dailyTable, eachDay, idOf, loadDays } from "../../support/data/many_days.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const TABLE = "b.days";

Deno.test("a row policy that comes once all rows were seen hides none in silence", async (t) => {
  // Servers of tests take policies at their start alone: this one hides nothing until a table says so.
  const sync = { rowPolicies: { [TABLE]: "toHour(ts) NOT IN (SELECT hour FROM h.hidden)" } };
  await using sites = await startTwoSites({ primary: { sync }, dr: { sync } });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE h", "CREATE TABLE h.hidden (hour UInt8) ENGINE = Memory");

  for (const [site, here, why] of [["there", primary, "missed"], ["here", dr, "doubled"]] as const) {
    await t.step(`${site}: nothing is ${why}`, async () => {
      await onBoth(sites, "DROP DATABASE IF EXISTS b SYNC", "CREATE DATABASE b", dailyTable(TABLE));
      await loadDays(primary, TABLE, 4, 300);
      await loadDays(dr, TABLE, 4, 300, "NOT (day = 2 AND n % 100 = 7)");
      await using memory = await temporaryDirectory();
      let hides = false;
      const wrap = (ports: CheckPorts): CheckPorts => {
        const digests = ports[site].digests.bind(ports[site]);
        ports[site].digests = async (request) => {
          if (!hides) await here.query("INSERT INTO h.hidden VALUES (0), (8), (16)");
          hides = true;
          return await digests(request);
        };
        return ports;
      };
      const found = reasonsOf(await checkSites(sites, { memory: memory.path, wrap }));
      await here.query("TRUNCATE TABLE h.hidden");
      assert.deepEqual(found, { [`${TABLE} ${idOf(0)}`]: "filtered" });
      const repaired = reasonsOf(await checkSites(sites, { memory: memory.path }));
      assert.deepEqual(repaired, { [`${TABLE} ${idOf(2)}`]: "partial, repaired" });
      assert.equal(await eachDay(dr, TABLE), await eachDay(primary, TABLE));
    });
  }
});

Deno.test("nor does one that comes before keys of a derived table are read", async () => {
  const sync = { rowPolicies: { "b.firsts": "id NOT IN (SELECT id FROM h.hidden)" } };
  await using sites = await startTwoSites({ primary: { sync }, dr: { sync } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE h",
    "CREATE TABLE h.hidden (id UInt64) ENGINE = Memory",
    "CREATE DATABASE b",
    "CREATE TABLE b.raw (ts DateTime('UTC'), id UInt64) ENGINE = MergeTree ORDER BY ts",
    "CREATE TABLE b.firsts (id UInt64, first DateTime('UTC')) ENGINE = MergeTree ORDER BY id",
    "CREATE MATERIALIZED VIEW b.feed TO b.firsts AS SELECT id, min(ts) AS first FROM b.raw GROUP BY id",
    "INSERT INTO b.raw SELECT '2026-01-01', number FROM numbers(100)",
  );
  await dr.query("ALTER TABLE b.firsts DELETE WHERE id = 7 SETTINGS mutations_sync = 2");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await using memory = await temporaryDirectory();
  const options = { memory: memory.path, settings: { settleSeconds: 0 } };
  const wrap = (ports: CheckPorts): CheckPorts => {
    const digests = ports.there.keyedDigests.bind(ports.there);
    ports.there.keyedDigests = async (request) => {
      await primary.query("INSERT INTO h.hidden VALUES (7)");
      return await digests(request);
    };
    return ports;
  };
  assert.deepEqual(reasonsOf(await checkSites(sites, { ...options, wrap })), { "b.firsts all": "filtered" });
  await primary.query("TRUNCATE TABLE h.hidden");
  assert.equal(reasonsOf(await checkSites(sites, options))["b.firsts all"], "partial, repaired");
  assert.equal(await dr.query("SELECT count() FROM b.firsts"), "100\n");
});
