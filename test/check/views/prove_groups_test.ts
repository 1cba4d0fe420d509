/** Targets of views that group, where a key gets rows all the time. On two real sites. */
import assert from "node:assert/strict";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

const rows = (seconds: string) =>
  `INSERT INTO d.raw SELECT ${seconds} + number, concat('s', toString(number % 3)) FROM numbers(30)`;

async function causeOf(sites: TwoSites): Promise<string | undefined> {
  const report = await checkSites(sites);
  return findingsOf(report).find(({ table }) => table === "d.spans")?.cause;
}

Deno.test("a key that still gets rows is not proven by the others", async () => {
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
});
