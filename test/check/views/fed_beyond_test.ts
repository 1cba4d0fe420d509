/** What views made of rows that are gone here is not made again either where the target is not compared, or need not be the same. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, type CheckSitesOptions, findingsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const RAW = "CREATE TABLE d.raw (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)";
const COPY = [
  "CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
  "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw WHERE v % 2 = 0",
];
const SUMS = [
  "CREATE TABLE d.sums (hour DateTime('UTC'), service String, n UInt64) ENGINE = SummingMergeTree " +
  "PARTITION BY toYYYYMM(hour) ORDER BY (hour, service)",
  "CREATE MATERIALIZED VIEW d.to_sums TO d.sums AS SELECT toStartOfHour(ts) AS hour, service, count() AS n FROM d.raw " +
  "GROUP BY hour, service",
];
const TOTALS = [
  "CREATE TABLE d.totals (service String, n UInt64) ENGINE = SummingMergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_totals TO d.totals AS SELECT service, count() AS n FROM d.raw GROUP BY service",
];
const INNER = [
  "CREATE MATERIALIZED VIEW d.inner ENGINE = SummingMergeTree PARTITION BY toYYYYMM(hour) ORDER BY hour AS " +
  "SELECT toStartOfHour(ts) AS hour, count() AS n FROM d.raw GROUP BY hour",
];
const GATE = [
  "CREATE TABLE d.gate (ts DateTime('UTC'), v UInt32) ENGINE = Null",
  "CREATE MATERIALIZED VIEW d.to_gate TO d.gate AS SELECT ts, v FROM d.raw",
  "CREATE TABLE d.sums (hour DateTime('UTC'), n UInt64) ENGINE = SummingMergeTree ORDER BY hour",
  "CREATE MATERIALIZED VIEW d.to_sums TO d.sums AS SELECT toStartOfHour(ts) AS hour, count() AS n FROM d.gate GROUP BY hour",
];
const OWNERS = [
  "CREATE TABLE d.owners (service String, owner String) ENGINE = MergeTree ORDER BY service",
  "INSERT INTO d.owners VALUES ('s1', 'them')",
];
const JOINED = [
  ...OWNERS,
  "CREATE TABLE d.owned (ts DateTime('UTC'), owner String) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
  "CREATE MATERIALIZED VIEW d.to_owned TO d.owned AS SELECT ts, owner FROM d.raw AS raw " +
  "LEFT JOIN d.owners AS owners ON raw.service = owners.service",
];
const JOINED_SUMS = [
  ...OWNERS,
  "CREATE TABLE d.owned (owner String, n UInt64) ENGINE = SummingMergeTree ORDER BY owner",
  "CREATE MATERIALIZED VIEW d.to_owned TO d.owned AS SELECT owner, count() AS n FROM d.raw AS raw " +
  "LEFT JOIN d.owners AS owners ON raw.service = owners.service GROUP BY owner",
];
/** Each site stamps rows with a time of its own: by a default of the target, or by the view. */
const STAMPED = [
  "CREATE TABLE d.copy (ts DateTime('UTC'), v UInt32, at DateTime64(6) DEFAULT now64(6)) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMM(ts) ORDER BY ts",
  "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, v FROM d.raw",
];
const VIEW_STAMPS = [
  STAMPED[0]!.replace(" DEFAULT now64(6)", ""),
  "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, v, now64(6) AS at FROM d.raw",
];

const insert = (day: string) =>
  `INSERT INTO d.raw SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 120, ` +
  "concat('s', toString(number % 5)), number FROM numbers(600)";
const LOST = {
  "a partition dropped": "ALTER TABLE d.raw DROP PARTITION ID '20260102'",
  "rows of every partition deleted": "ALTER TABLE d.raw DELETE WHERE v % 3 = 0 SETTINGS mutations_sync = 2",
};
const excluding = (...excludePatterns: string[]): CheckSitesOptions => ({ settings: { excludePatterns } });

interface Case {
  readonly made: readonly string[];
  readonly options?: CheckSitesOptions;
  /** What changes the views or their targets at the active site. */
  readonly there?: readonly string[];
  readonly measure: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "targets that are excluded": {
    made: [...COPY, ...SUMS],
    options: excluding("d.copy", "d.sums"),
    measure: "SELECT sum(n) + (SELECT count() FROM d.copy) FROM d.sums",
  },
  "a check of the source alone": {
    made: [...COPY, ...SUMS],
    options: { only: ["d.raw"] },
    measure: "SELECT sum(n) + (SELECT count() FROM d.copy) FROM d.sums",
  },
  "a view with a table of its own that is excluded": {
    made: INNER,
    options: excluding("d.inner"),
    measure: "SELECT sum(n) FROM d.inner",
  },
  "a view that selects something else at the active site": {
    made: SUMS,
    there: [
      "ALTER TABLE d.to_sums MODIFY QUERY SELECT toStartOfHour(ts) AS hour, service, 2 AS n FROM d.raw",
    ],
    measure: "SELECT sum(n) FROM d.sums",
  },
  "a target that the active site lacks": {
    made: SUMS,
    there: ["DROP TABLE d.to_sums", "DROP TABLE d.sums"],
    measure: "SELECT sum(n) FROM d.sums",
  },
  "through a Null table": { made: GATE, measure: "SELECT sum(n) FROM d.sums" },
  "rows of a join": { made: JOINED, measure: "SELECT count() FROM d.owned" },
  "sums of a join": { made: JOINED_SUMS, measure: "SELECT sum(n) FROM d.owned" },
  "rows that a default stamps": { made: STAMPED, measure: "SELECT count() FROM d.copy" },
  "rows that the view stamps": { made: VIEW_STAMPS, measure: "SELECT count() FROM d.copy" },
};

Deno.test("targets that are not compared, or that differ by nature, get the rows of an outage once, and lost ones not again", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const begin = async ({ made, there = [] }: Case) => {
    await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", RAW, ...made);
    await onBoth(sites, insert("2026-01-01"), insert("2026-01-02"));
    for (const statement of there) await primary.query(statement);
  };
  const assertRaw = async () => {
    assert.equal(await content(dr, "d.raw"), await content(primary, "d.raw"));
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
  };
  for (const [name, one] of Object.entries(CASES)) {
    for (const [lost, statement] of Object.entries(LOST)) {
      await t.step(`${name}: ${lost}`, async () => {
        await begin(one);
        const before = await dr.query(one.measure);
        await dr.query(statement);
        await checkSites(sites, one.options);
        await assertRaw();
        assert.equal(await dr.query(one.measure), before);
      });
    }
    await t.step(`${name}: an outage`, async () => {
      await begin(one);
      const before = Number(await dr.query(one.measure));
      await primary.query(insert("2026-01-03"));
      await checkSites(sites, one.options);
      await assertRaw();
      assert.equal(Number(await dr.query(one.measure)), before * 3 / 2);
    });
  }

  await t.step("where nothing tells, nothing is done, and what to do is said", async () => {
    const totals = { made: TOTALS, measure: "SELECT sum(n) FROM d.totals" };
    await begin(totals);
    await dr.query(LOST["rows of every partition deleted"]);
    const report = await checkSites(sites, excluding("d.totals"));
    const found = findingsOf(report).filter(({ table }) => table === "d.raw");
    assert.deepEqual(found.map(({ reason, cause }) => [reason, cause]), [["views", "fed_before"], [
      "views",
      "fed_before",
    ]]);
    assert.match(found[0]!.detail, /d\.totals.*Have it compared/);
    assert.ok(!isClean(report));
    assert.equal(await dr.query(totals.measure), "1200\n");
    await checkSites(sites);
    await assertRaw();
    assert.equal(await dr.query(totals.measure), "1200\n");
  });
});
