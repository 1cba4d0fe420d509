/** Rules of expiry that the other site wrote: taken where they are plain, never run as they are. On two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { startAnswersRelay } from "../../support/links/answers_relay.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

const TTL = "ts + toIntervalDay(4000)";
const ROWS = "INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, number, 'x' FROM numbers(100)";

async function fill(sites: TwoSites): Promise<void> {
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.victim (k UInt64) ENGINE = MergeTree ORDER BY k",
    "INSERT INTO d.victim SELECT number FROM numbers(1000)",
    "CREATE TABLE d.t (ts DateTime('UTC'), k UInt64, s String TTL ts + INTERVAL 4000 DAY) ENGINE = MergeTree " +
      `PARTITION BY toYYYYMM(ts) ORDER BY k TTL ${TTL} SETTINGS index_granularity = 8192`,
  );
  await sites.primary.query(ROWS);
  await sites.dr.query(`${ROWS} WHERE number < 60`);
}

const DEEDS = [
  "PARALLEL WITH ALTER TABLE d.victim DELETE WHERE 1 SETTINGS mutations_sync = 2",
  "PARALLEL WITH TRUNCATE TABLE d.victim",
  "PARALLEL WITH DROP TABLE d.victim",
];
const HOSTILE = [
  ...DEEDS.map((deed) => `now() - 1, 0)) <= 0) AND 1 ${deed} -- `),
  ...DEEDS.map((deed) => `ts + toIntervalDay(1)) /* ${deed} */ ${deed} #`),
  "ts + toIntervalDay((SELECT count() FROM d.victim))",
  "ts + sleep(1)",
  "ts + toIntervalDay(1) DELETE WHERE k IN (SELECT k FROM d.victim)",
  "ts + toIntervalDay(1) DELETE WHERE k IN victim",
  "ts + toIntervalDay(1) GROUP BY k SET s = any(s), ts = min(ts) + (SELECT max(k) FROM d.victim)",
  "ts + sleepEachRow(1) GROUP BY k SET s = any(s)",
];

Deno.test("a TTL of the other site that is more than a plain one is run nowhere, in no form of a check", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await fill(sites);
  const victims = async () => {
    const counts = ["d.victim", "d.t"].map((table) => primary.query(`SELECT count() FROM ${table}`));
    return [await dr.query("SELECT count() FROM d.victim"), ...await Promise.all(counts)];
  };
  const before = await victims();
  for (const ttl of HOSTILE) {
    for (const carrier of ["rows", "column"] as const) {
      await t.step(`${carrier}: ${ttl}`, async () => {
        await using relay = startAnswersRelay(
          primary.url,
          (_statement, answer) =>
            carrier === "rows"
              ? answer.replaceAll(`TTL ${TTL} SETTINGS`, `TTL ${ttl} SETTINGS`)
              : answer.replaceAll(`String TTL ${TTL}`, `String TTL ${ttl}`),
        );
        const settings = { remote: { ...primary.endpoint, url: relay.url } };
        const reports = [true, false].map((dryRun) => () => checkSites(sites, { settings, dryRun }));
        for (const report of [await reports[0]!(), await reports[1]!()]) {
          assert.equal(report.error, null);
          // Of what closes a bracket that it did not open, only what stands before it is the rule; of one that puts rows
          // together, its first expression.
          if (!/^ts \+ toIntervalDay\(1\)\)|^ts \+ toIntervalDay\(1\) GROUP/.test(ttl)) {
            assert.deepEqual(reasonsOf(report), { "d.t": "drifted" });
            assert.match(findingsOf(report)[0]!.detail, /TTL .*holds /);
          }
          const printed = findingsOf(report).flatMap(({ sql }) => sql);
          assert.ok(printed.every((sql) => !/PARALLEL|victim/.test(sql)), printed.join("\n"));
        }
        assert.deepEqual(await victims(), before);
      });
    }
  }
});

Deno.test("plain rules that differ are applied at both sites, and any rule that is the same at both", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await fill(sites);
  await dr.query(
    "ALTER TABLE d.t MODIFY TTL ts + INTERVAL 9000 DAY DELETE WHERE k % 2 = 0 AND s NOT IN ('a', 'it''s')",
  );
  await dr.query("ALTER TABLE d.t MODIFY COLUMN s String TTL toDateTime(ts, 'UTC') + INTERVAL 5000 DAY");
  assert.deepEqual(reasonsOf(await checkSites(sites)), { "d.t 202601": "partial, repaired" });
  assert.ok(isClean(await checkSites(sites)));
  assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));

  // Not on the list of functions, and yet the same at both sites.
  const odd = "ALTER TABLE d.t MODIFY TTL ts + INTERVAL 4000 DAY DELETE WHERE visibleWidth(s) > 3";
  await onBoth(sites, odd, "ALTER TABLE d.t MODIFY COLUMN s String TTL ts + INTERVAL 4000 DAY");
  assert.ok(isClean(await checkSites(sites)));
  await dr.query("ALTER TABLE d.t REMOVE TTL");
  assert.deepEqual(reasonsOf(await checkSites(sites)), { "d.t": "drifted" });
});
