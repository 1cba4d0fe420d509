/** Keys that are written all the time, of engines that put rows together: on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const ENGINES: Readonly<Record<string, { columns: string; old: string; lost: string; young: string }>> = {
  CoalescingMergeTree: {
    columns: "a Nullable(UInt64), b Nullable(UInt64), c Array(UInt8)",
    old: "1, NULL, [1]",
    lost: "NULL, 5, [1]",
    young: "2, NULL, [1]",
  },
  AggregatingMergeTree: {
    columns: "a SimpleAggregateFunction(max, UInt64), b SimpleAggregateFunction(sum, UInt64)",
    old: "1, 0",
    lost: "0, 5",
    young: "2, 0",
  },
  SummingMergeTree: { columns: "a UInt64, b UInt64", old: "1, 0", lost: "0, 5", young: "2, 0" },
  "CollapsingMergeTree(s)": { columns: "b UInt64, s Int8", old: "0, 1", lost: "0, -1", young: "5, 1" },
  "VersionedCollapsingMergeTree(s, b)": {
    columns: "b UInt64, s Int8",
    old: "0, 1",
    lost: "0, -1",
    young: "5, 1",
  },
  "ReplacingMergeTree(b)": { columns: "b UInt64", old: "1", lost: "5", young: "2" },
  "ReplacingMergeTree": { columns: "b UInt64", old: "1", lost: "5", young: "2" },
};

Deno.test("what a busy key lacks is not called clean", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [engine, { columns, old, lost, young }] of Object.entries(ENGINES)) {
    const [both, active] = ["both sites", "the active site"] as const;
    for (const goesOn of [both, active]) {
      await t.step(`${engine}, written at ${goesOn}`, async () => {
        await onBoth(
          sites,
          "DROP DATABASE IF EXISTS d SYNC",
          "CREATE DATABASE d",
          `CREATE TABLE d.t (id UInt64, at DateTime('UTC'), ${columns}) ENGINE = ${engine} ` +
            "PARTITION BY at < '2000-01-01' ORDER BY id",
          "SYSTEM STOP MERGES d.t",
          `INSERT INTO d.t SELECT 1, now() - 40000, ${old}`,
        );
        await primary.query(`INSERT INTO d.t SELECT 1, now() - 30000, ${lost}`);
        const now = (await primary.query("SELECT toUnixTimestamp(now())")).trim();
        const write = `INSERT INTO d.t SELECT 1, toDateTime(${now} - 5, 'UTC'), ${young}`;
        await primary.query(write);
        if (goesOn === both) await dr.query(write);
        await checkSites(sites);
        const report = await checkSites(sites);
        const final = "SELECT * EXCEPT at FROM d.t FINAL ORDER BY ALL";
        const same = goesOn === both && await dr.query(final) === await primary.query(final);
        const came = await dr.query("SELECT count() FROM d.t WHERE at > now() - 35000 AND at < now() - 600");
        assert.ok(!Object.values(reasonsOf(report)).includes("failed"), JSON.stringify(reasonsOf(report)));
        assert.ok(
          same || came === "1\n" || !isClean(report),
          `clean, with ${JSON.stringify(reasonsOf(report))}`,
        );
      });
    }
  }
});
