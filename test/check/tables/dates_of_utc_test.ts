/** Dates that writers take from UTC, on servers whose day begins earlier. */
import assert from "node:assert/strict";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("rows of today in UTC are not settled where the server's next day has begun", async () => {
  // Fourteen hours ahead: from ten o'clock on, by UTC, it is the next day there.
  const timezone = "Pacific/Kiritimati";
  await using sites = await startTwoSites({ primary: { timezone }, dr: { timezone } });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (day Date, id UInt64) ENGINE = MergeTree ORDER BY (day, id)",
  );
  const rows = (where: string) =>
    `INSERT INTO d.t SELECT toDate(now(), 'UTC'), number FROM numbers(100) WHERE ${where}`;
  await primary.query(rows("1"));
  await dr.query(rows("number < 90"));
  assert.deepEqual(reasonsOf(await checkSites(sites)), { "d.t all": "backfilling" });
  await dr.query(rows("number >= 90"));
  assert.equal(await dr.query("SELECT count() FROM d.t"), "100\n");
});
