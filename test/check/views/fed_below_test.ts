/** Rows leave a source here that a view had counted, and an outage takes others of the same keys. On two real sites. */
import assert from "node:assert/strict";
import type { CheckReport } from "../../../src/model/report.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const RAW = "CREATE TABLE d.raw (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)";
const TOTALS = [
  "CREATE TABLE d.totals (service String, n UInt64, v UInt64) ENGINE = SummingMergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_totals TO d.totals AS SELECT service, count() AS n, sum(v) AS v FROM d.raw GROUP BY service",
];
const MONTHS = [
  "CREATE TABLE d.months (month Date, service String, n UInt64) ENGINE = SummingMergeTree PARTITION BY toYYYYMM(month) " +
  "ORDER BY (month, service)",
  "CREATE MATERIALIZED VIEW d.to_months TO d.months AS SELECT toStartOfMonth(ts) AS month, service, count() AS n FROM d.raw " +
  "GROUP BY month, service",
];
const CHAINED = [
  "CREATE TABLE d.grand (v UInt8, n UInt64) ENGINE = SummingMergeTree ORDER BY v",
  "CREATE MATERIALIZED VIEW d.to_grand TO d.grand AS SELECT 1 AS v, sum(n) AS n FROM d.months GROUP BY v",
];
const STATES = [
  "CREATE TABLE d.states (service String, n AggregateFunction(count), who AggregateFunction(uniq, UInt32)) " +
  "ENGINE = AggregatingMergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_states TO d.states AS SELECT service, countState() AS n, uniqState(v) AS who FROM d.raw " +
  "GROUP BY service",
];
const NAMES = [
  "CREATE TABLE d.names (service String) ENGINE = MergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_names TO d.names AS SELECT service FROM d.raw",
];
const GATE = [
  "CREATE TABLE d.gate (service String, v UInt32) ENGINE = Null",
  "CREATE MATERIALIZED VIEW d.to_gate TO d.gate AS SELECT service, v FROM d.raw",
  "CREATE TABLE d.totals (service String, n UInt64) ENGINE = SummingMergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_totals TO d.totals AS SELECT service, count() AS n FROM d.gate GROUP BY service",
];
const DISTINCT = [
  "CREATE TABLE d.seen (service String, day Date) ENGINE = MergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_seen TO d.seen AS SELECT DISTINCT service, toDate(ts) AS day FROM d.raw",
];
/** Filled from two sources. */
const SHARED = [
  ...TOTALS,
  "CREATE TABLE d.spans (ts DateTime('UTC'), service String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
  "CREATE MATERIALIZED VIEW d.from_spans TO d.totals AS SELECT service, count() AS n, toUInt64(0) AS v FROM d.spans GROUP BY service",
  "INSERT INTO d.spans SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number, concat('s', toString(number % 5)) FROM numbers(77)",
];

/** What a row more changes does not show. */
const SKETCHES = [
  "CREATE TABLE d.sketches (service String, highest SimpleAggregateFunction(max, UInt32), " +
  "q AggregateFunction(quantileTDigest, UInt32)) ENGINE = AggregatingMergeTree ORDER BY service",
  "CREATE MATERIALIZED VIEW d.to_sketches TO d.sketches AS SELECT service, max(v) AS highest, quantileTDigestState(v) AS q " +
  "FROM d.raw GROUP BY service",
];

interface Case {
  readonly made: readonly string[];
  /** Of each target. */
  readonly measures: readonly string[];
  /** Of a target that is not compared. */
  readonly excluded?: string;
}
const sum = (table: string) => `SELECT sum(n) FROM d.${table}`;
const CASES: Readonly<Record<string, Case>> = {
  "sums without partitions": { made: TOTALS, measures: [sum("totals")] },
  "sums of sums that are not compared": {
    made: [...MONTHS, ...CHAINED],
    measures: [sum("months"), sum("grand")],
    excluded: "d.grand",
  },
  "states": { made: STATES, measures: ["SELECT countMerge(n), uniqMerge(who) FROM d.states"] },
  "rows, many of them equal": { made: NAMES, measures: ["SELECT count() FROM d.names"] },
  "rows that are distinct in each insert": {
    made: DISTINCT,
    measures: ["SELECT count() FROM d.seen"],
  },
  "sums behind a Null table that are not compared": {
    made: GATE,
    measures: [sum("totals")],
    excluded: "d.totals",
  },
  "sums of two sources": { made: SHARED, measures: [sum("totals")] },
};
/** Every case in a database of its own, so that one check sees them all. */
const DATABASES = Object.entries(CASES).map(([name, one], at) => ({ name, ...one, database: `fed${at}` }));
type Database = typeof DATABASES[number];
/** One of each way in which it can be told. */
const SOME = DATABASES.filter(({ made }) => [TOTALS, NAMES, GATE].some((one) => one === made));
const within = ({ database }: Database, sql: string) => sql.replaceAll("d.", `${database}.`);

const insert = (day: number, rows: number, from = 0) =>
  `INSERT INTO d.raw SELECT toDateTime('2026-01-0${day} 00:00:00', 'UTC') + number * 60, ` +
  `concat('s', toString(number % 5)), number * ${day} FROM numbers(${from}, ${rows})`;

Deno.test("rows that a view had counted before they were lost are not counted again beside an outage in the same keys", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const excludePatterns = DATABASES.flatMap((one) => one.excluded ? [within(one, one.excluded)] : []);
  const check = () => checkSites(sites, { settings: { excludePatterns } });
  const run = async (all: readonly Database[], site: Site, ...statements: readonly string[]) => {
    for (const one of all) {
      for (const statement of statements) await site.query(within(one, statement));
    }
  };
  const begin = async (all: readonly Database[]) => {
    for (const one of all) {
      await onBoth(
        sites,
        `DROP DATABASE IF EXISTS ${one.database} SYNC`,
        `CREATE DATABASE ${one.database}`,
        ...[RAW, ...one.made, insert(1, 200), insert(2, 300)].map((sql) => within(one, sql)),
      );
    }
  };
  const measured = async (site: Site, one: Database) =>
    await Promise.all(one.measures.map((measure) => site.query(within(one, measure))));
  const assertWhole = async (all: readonly Database[], report: CheckReport) => {
    for (const one of all) {
      const raw = within(one, "d.raw");
      const said = findingsOf(report).filter(({ table }) => table.startsWith(one.database));
      const say = `${one.name}: ${said.map(({ detail }) => detail).join("; ")}`;
      assert.equal(await content(dr, raw), await content(primary, raw), say);
      assert.deepEqual(await measured(dr, one), await measured(primary, one), say);
    }
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
  };

  await t.step("a partition lost here, and an outage in another one, which brings more", async () => {
    await begin(DATABASES);
    await run(DATABASES, dr, "ALTER TABLE d.raw DROP PARTITION ID '20260101'");
    await run(DATABASES, primary, insert(3, 900));
    await assertWhole(DATABASES, await check());
  });

  await t.step("an outage past midnight alone is fed", async () => {
    await begin(SOME);
    await run(SOME, primary, insert(3, 900), insert(4, 200));
    const report = await check();
    await assertWhole(SOME, report);
    assert.ok(isClean(report));
  });

  await t.step(
    "what cannot be seen in a target is not taken for absent, and comes once it is empty",
    async () => {
      const one = { name: "sketches", database: "fed", made: SKETCHES, measures: [] };
      const sql = (statement: string) => within(one, statement);
      const q = sql("SELECT count() FROM d.sketches");
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS fed SYNC",
        "CREATE DATABASE fed",
        ...[RAW, ...SKETCHES].map(sql),
      );
      await onBoth(sites, sql(insert(1, 200)), sql(insert(2, 300)), sql("OPTIMIZE TABLE d.sketches FINAL"));
      await dr.query(sql("ALTER TABLE d.raw DROP PARTITION ID '20260101'"));
      const check = () => checkSites(sites, { only: ["fed.raw", "fed.sketches"] });
      const fedBefore = findingsOf(await check()).filter(({ cause }) => cause === "fed_before");
      assert.deepEqual(fedBefore.map(({ table }) => table), ["fed.raw"]);
      assert.equal(await dr.query(q), "5\n");
      // As it advises.
      await dr.query(sql("TRUNCATE TABLE d.sketches"));
      await check();
      assert.equal(await content(dr, "fed.raw"), await content(primary, "fed.raw"));
      assert.equal(await dr.query(q), "5\n");
    },
  );

  await t.step(
    "a target with rows of its own is kept: the table is repaired while its view is off",
    async () => {
      const one = { name: "own", database: "fed", made: GATE, measures: [sum("totals")] };
      const sql = (statement: string) => within(one, statement);
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS fed SYNC",
        "CREATE DATABASE fed",
        ...[RAW, ...GATE].map(sql),
      );
      await onBoth(sites, sql(insert(1, 200)), sql(insert(2, 300)));
      for (const [site, rows] of [[primary, 70], [dr, 30]] as const) {
        await site.query(
          sql(`INSERT INTO d.gate SELECT concat('s', toString(number % 5)), 0 FROM numbers(${rows})`),
        );
      }
      await dr.query(sql("ALTER TABLE d.raw DROP PARTITION ID '20260101'"));
      const only = ["fed.raw", "fed.totals"];
      const [refused] = findingsOf(await checkSites(sites, { only })).filter(({ table }) =>
        table === "fed.raw"
      );
      assert.deepEqual([refused!.cause, refused!.repaired], ["fed_before", false]);
      await dr.query(sql("DETACH TABLE d.to_gate"));
      await checkSites(sites, { only: ["fed.raw"] });
      await dr.query(sql("ATTACH TABLE d.to_gate"));
      assert.equal(await content(dr, "fed.raw"), await content(primary, "fed.raw"));
      assert.deepEqual(await measured(dr, one), ["530\n"]);
      const after = findingsOf(await checkSites(sites, { only }));
      assert.deepEqual(after.filter(({ table }) => table === "fed.raw"), []);
    },
  );

  await t.step("an outage past midnight is fed to sums whose keys get rows all the time", async () => {
    const one = { name: "hot", database: "fed", made: TOTALS, measures: [sum("totals")] };
    const sql = (statement: string) => within(one, statement);
    await onBoth(
      sites,
      "DROP DATABASE IF EXISTS fed SYNC",
      "CREATE DATABASE fed",
      ...[RAW, ...TOTALS].map(sql),
    );
    await onBoth(sites, sql(insert(1, 200)), sql(insert(2, 300)));
    await primary.query(sql(insert(3, 900)));
    await primary.query(sql(insert(4, 400)));
    let writes = true;
    const writer = (async () => {
      while (writes) {
        await onBoth(
          sites,
          sql("INSERT INTO d.raw SELECT now(), concat('s', toString(number)), 1 FROM numbers(5)"),
        );
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    })();
    const old = sql("SELECT count() FROM d.raw WHERE ts < '2026-02-01'");
    let checks = 0;
    try {
      while (await dr.query(old) !== "1800\n") {
        assert.ok(checks++ < 30);
        await checkSites(sites, { only: ["fed.raw", "fed.totals"] });
      }
    } finally {
      writes = false;
      await writer;
    }
    assert.deepEqual(await measured(dr, one), await measured(primary, one));
  });

  await t.step("what cannot be asked follows what can, and is not fed alone", async () => {
    const memory = [
      "CREATE TABLE d.recent (service String, v UInt32) ENGINE = Memory",
      "CREATE MATERIALIZED VIEW d.to_recent TO d.recent AS SELECT service, v FROM d.raw",
    ];
    const once = async (...made: readonly string[]) => {
      const one = { name: "memory", database: "fed", made, measures: ["SELECT count() FROM d.recent"] };
      const sql = (statement: string) => within(one, statement);
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS fed SYNC",
        "CREATE DATABASE fed",
        ...[RAW, ...made].map(sql),
      );
      await onBoth(sites, sql(insert(1, 200)));
      await primary.query(sql(insert(2, 300)));
      const report = await checkSites(sites, { only: ["fed.raw", ...made.length > 2 ? ["fed.totals"] : []] });
      const causes = findingsOf(report).filter(({ table }) => table === "fed.raw").map(({ cause }) => cause);
      return { causes, recent: await measured(dr, one) };
    };
    assert.deepEqual(await once(...memory), { causes: ["fed_before"], recent: ["200\n"] });
    assert.deepEqual(await once(...memory, ...TOTALS), { causes: ["missing"], recent: ["500\n"] });
  });

  await t.step("in one partition what was counted and what was not: nothing is fed", async () => {
    await begin(SOME);
    await run(
      SOME,
      dr,
      "ALTER TABLE d.raw DELETE WHERE ts < '2026-01-01 00:30:00' SETTINGS mutations_sync = 2",
    );
    await run(SOME, primary, insert(1, 500, 200), insert(3, 1200));
    await check();
    const report = await check();
    for (const one of SOME) {
      const refused = findingsOf(report).filter(({ table, partitionId }) =>
        table === within(one, "d.raw") && partitionId === "20260101"
      );
      assert.deepEqual(refused.map(({ cause }) => cause), ["fed_before"], one.name);
    }
    assert.ok(!isClean(report));
  });
});
