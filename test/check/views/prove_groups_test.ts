/** Targets of views that group, where a key gets rows all the time. On two real sites. */
import assert from "node:assert/strict";
import type { TimeColumn } from "../../../src/model/settings.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

const rows = (seconds: string) =>
  `INSERT INTO d.raw SELECT ${seconds} + number, concat('s', toString(number % 3)) FROM numbers(30)`;

async function causeOf(sites: TwoSites): Promise<string | undefined> {
  const report = await checkSites(sites);
  return findingsOf(report).find(({ table }) => table === "d.spans")?.cause;
}

Deno.test("a key that still gets rows is not proven by the others", async (t) => {
  await using sites = await startTwoSites();
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.raw (ts DateTime('UTC'), service String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
    "CREATE TABLE d.spans (service String, since DateTime('UTC'), n UInt64) ENGINE = MergeTree ORDER BY (service, since)",
    "CREATE MATERIALIZED VIEW d.to_spans TO d.spans AS SELECT service, min(ts) AS since, count() AS n FROM d.raw GROUP BY service",
    rows("toDateTime('2026-01-01 00:00:00', 'UTC')"),
  );
  const fresh = Math.floor(Date.now() / 1000) - 7200;
  await onBoth(sites, rows(`toDateTime(${fresh}, 'UTC')`));
  assert.equal(await causeOf(sites), "derived_proven");
  await sites.dr.query(
    "ALTER TABLE d.spans DELETE WHERE service = 's0' AND since < '2026-02-01' SETTINGS mutations_sync = 2",
  );
  assert.equal(await causeOf(sites), "derived_waiting");

  await t.step(
    "a time in numbers that the operator names tells which sums of a target are settled",
    async () => {
      await onBoth(
        sites,
        "DROP DATABASE d SYNC",
        "CREATE DATABASE d",
        "CREATE TABLE d.raw (ts DateTime('UTC'), service String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
        "CREATE TABLE d.spans (service String, at UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY (service, at)",
        "CREATE MATERIALIZED VIEW d.to_spans TO d.spans AS SELECT service, toUInt64(toUnixTimestamp(ts)) * 1000 AS at, count() AS n " +
          "FROM d.raw GROUP BY service, at",
        rows("toDateTime('2026-01-01 00:00:00', 'UTC')"),
        rows(`toDateTime(${fresh}, 'UTC')`),
      );
      await sites.dr.query(
        "ALTER TABLE d.spans DELETE WHERE service = 's0' AND at < 1769904000000 SETTINGS mutations_sync = 2",
      );
      const found = async (...timeColumns: readonly TimeColumn[]) =>
        findingsOf(await checkSites(sites, { settings: { timeColumns } })).filter(({ table }) =>
          table === "d.spans"
        )
          .map(({ cause }) => cause);
      assert.deepEqual(await found(), ["derived_waiting"]);
      assert.deepEqual(await found({ pattern: "d.spans.at", unit: "milliseconds" }), ["added_up"]);
    },
  );
});
