/** Lists and sets that views keep, which may be fed any number of times, never keep rows from their source. On two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const LOGS =
  "CREATE TABLE d.logs (ts DateTime('UTC'), service String, attributes Map(String, String)) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMMDD(ts) ORDER BY (service, ts)";
const list = (name: string, columns: string, select: string, tail = "ReplacingMergeTree ORDER BY name") => [
  `CREATE TABLE d.${name} (${columns}) ENGINE = ${tail}`,
  `CREATE MATERIALIZED VIEW d.to_${name} TO d.${name} AS ${select}`,
];
const LISTS: Readonly<Record<string, readonly string[]>> = {
  keys: list("keys", "name String", "SELECT DISTINCT arrayJoin(mapKeys(attributes)) AS name FROM d.logs"),
  services: list("services", "name String", "SELECT DISTINCT service AS name FROM d.logs"),
  seen: list(
    "seen",
    "name String, last DateTime('UTC')",
    "SELECT service AS name, max(ts) AS last FROM d.logs GROUP BY name",
    "ReplacingMergeTree(last) ORDER BY name",
  ),
  newest: list(
    "newest",
    "name String",
    "SELECT service AS name FROM d.logs ORDER BY ts DESC LIMIT 3 BY name",
  ),
  coalesced: list(
    "coalesced",
    "name String, day Nullable(Date)",
    "SELECT DISTINCT service AS name, toDate(ts) AS day FROM d.logs",
    "CoalescingMergeTree ORDER BY name",
  ),
  sets: list(
    "sets",
    "name String, keys SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
    "SELECT service AS name, groupUniqArray(arrayJoin(mapKeys(attributes))) AS keys FROM d.logs GROUP BY name",
    "AggregatingMergeTree ORDER BY name",
  ),
  joined: list(
    "joined",
    "name String, first SimpleAggregateFunction(min, DateTime('UTC'))",
    "SELECT l.service AS name, min(l.ts) AS first FROM d.logs AS l LEFT JOIN d.owners AS o ON l.service = o.service GROUP BY name",
    "AggregatingMergeTree ORDER BY name",
  ),
};
const OWNERS = "CREATE TABLE d.owners (service String) ENGINE = MergeTree ORDER BY service";
const SUMS = [
  "CREATE TABLE d.sums (day Date, n UInt64) ENGINE = SummingMergeTree ORDER BY day",
  "CREATE MATERIALIZED VIEW d.to_sums TO d.sums AS SELECT toDate(ts) AS day, count() AS n FROM d.logs GROUP BY day",
];
/** Every day has the same services, and a key of its own. */
const insert = (day: string) =>
  `INSERT INTO d.logs SELECT toDateTime('${day} 00:00:00', 'UTC') + number * 120, concat('s', toString(number % 5)), ` +
  `map('day', '${day}', concat('key of ${day}, ', toString(number % 3)), 'x') FROM numbers(300)`;
const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"] as const;

Deno.test("lists and sets never keep rows from the table that feeds them", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const begin = async (...statements: readonly string[]) => {
    await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", ...statements);
  };
  const assertSame = async (table: string) =>
    assert.equal(await content(dr, table), await content(primary, table));
  const names = async (table: string) => {
    const [there, here] = await Promise.all(
      [primary, dr].map((site) => site.query(`SELECT DISTINCT name FROM d.${table} ORDER BY name`)),
    );
    assert.equal(here, there, table);
  };
  const keys = async () => {
    const [there, here] = await Promise.all(
      [primary, dr].map((site) =>
        site.query(
          "SELECT name, arraySort(groupUniqArrayArray(keys)) FROM d.sets GROUP BY name ORDER BY name",
        )
      ),
    );
    assert.equal(here, there);
  };
  const all = [LOGS, OWNERS, ...Object.values(LISTS).flat()];
  const assertWhole = async () => {
    await assertSame("d.logs");
    for (const table of Object.keys(LISTS)) await names(table);
    await keys();
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
  };
  const fedBefore = (report: Awaited<ReturnType<typeof checkSites>>) =>
    findingsOf(report).filter(({ cause }) => cause === "fed_before");

  for (const [name, statements] of Object.entries({ "with sums": [...all, ...SUMS], "alone": all })) {
    await t.step(`an outage in which known services send new keys, ${name}`, async () => {
      await begin(...statements);
      await onBoth(sites, insert(DAYS[0]), insert(DAYS[2]));
      await primary.query(insert(DAYS[1]));
      await primary.query(
        "INSERT INTO d.logs SELECT toDateTime('2026-01-03 20:00:00', 'UTC'), 's1', map('late', 'x')",
      );
      const report = await checkSites(sites);
      assert.deepEqual(fedBefore(report), []);
      await assertWhole();
      if (name === "with sums") await assertSame("d.sums");
      assert.ok(isClean(await checkSites(sites)));
    });
  }

  for (const partition of ["20260102", "20260103"]) {
    await t.step(
      `rows that are gone here do not come to sums twice, nor are lists in the way (${partition})`,
      async () => {
        await begin(...all, ...SUMS);
        await onBoth(sites, ...DAYS.map(insert));
        await dr.query(`ALTER TABLE d.logs DROP PARTITION ID '${partition}'`);
        assert.deepEqual(fedBefore(await checkSites(sites)), []);
        await assertWhole();
        assert.equal(await dr.query("SELECT sum(n) FROM d.sums"), "900\n");
      },
    );
  }

  await t.step("lists that are excluded are fed all the same", async () => {
    await begin(...all, ...SUMS);
    await onBoth(sites, insert(DAYS[0]));
    await primary.query(insert(DAYS[1]));
    const excludePatterns = Object.keys(LISTS).map((name) => `d.${name}`);
    assert.deepEqual(fedBefore(await checkSites(sites, { settings: { excludePatterns } })), []);
    await assertWhole();
    assert.equal(await dr.query("SELECT sum(n) FROM d.sums"), "600\n");
  });

  await t.step("a list that lacks what sums hold is not left without it in silence", async () => {
    await begin(LOGS, ...LISTS.keys!, ...SUMS);
    await onBoth(sites, insert(DAYS[0]), insert(DAYS[1]));
    await dr.query("ALTER TABLE d.logs DROP PARTITION ID '20260102'");
    await dr.query("TRUNCATE TABLE d.keys");
    const excluded = await checkSites(sites, { settings: { excludePatterns: ["d.keys"] } });
    assert.equal(fedBefore(excluded).length, 1);
    assert.ok(!isClean(excluded));
    assert.equal(await dr.query("SELECT sum(n) FROM d.sums"), "600\n");
    // As it advises.
    await dr.query("TRUNCATE TABLE d.sums");
    await dr.query("INSERT INTO d.sums SELECT toDate(ts), count() FROM d.logs GROUP BY ALL");
    await checkSites(sites, { settings: { excludePatterns: ["d.keys"] } });
    await assertSame("d.logs");
    assert.equal(await dr.query("SELECT sum(n) FROM d.sums"), "600\n");
  });

  await t.step("of which value any may stay is not proven, and keeps nothing from coming", async () => {
    await begin(
      LOGS,
      ...list(
        "spoken",
        "name String, day SimpleAggregateFunction(any, String)",
        "SELECT service AS name, attributes['day'] AS day FROM d.logs",
        "AggregatingMergeTree ORDER BY name",
      ),
    );
    await primary.query(insert(DAYS[0]));
    await onBoth(sites, insert(DAYS[1]));
    await dr.query(insert(DAYS[0]));
    await onBoth(sites, "OPTIMIZE TABLE d.spoken FINAL");
    await primary.query("INSERT INTO d.logs SELECT '2026-01-01 12:00:00', 'new', map('day', '2026-01-01')");
    await checkSites(sites);
    await assertSame("d.logs");
    await names("spoken");
    const report = await checkSites(sites);
    assert.ok(isClean(report));
    assert.deepEqual(findingsOf(report).map(({ table, cause }) => [table, cause]), [[
      "d.spoken",
      "derived_unproven",
    ]]);
  });

  const ENVIRONMENTS = [
    "CREATE TABLE d.traces (id UInt64, environment String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY id",
    ...list(
      "environments",
      "name UInt8, all SimpleAggregateFunction(groupUniqArrayArray, Array(String))",
      "SELECT 1 AS name, groupUniqArray(environment) AS all FROM d.traces GROUP BY name",
      "AggregatingMergeTree ORDER BY name",
    ),
  ];
  const environments = (from: number, to: number) =>
    `INSERT INTO d.traces SELECT number, concat('e', toString(number % 18)), 1 FROM numbers(${from}, ${
      to - from
    })`;
  /** A table without a time column is compared once it has been left alone for as long as this. */
  const settings = { settleSeconds: 1 };
  const settled = async () => {
    await new Promise((resolve) => setTimeout(resolve, 2500));
    return await checkSites(sites, { settings });
  };
  const inSet = "SELECT arraySort(groupUniqArrayArray(all)) FROM d.environments";

  await t.step("a set over a table that replaces rows gets the values that are missing here", async () => {
    await begin(...ENVIRONMENTS);
    await onBoth(sites, environments(0, 10));
    await primary.query(environments(10, 60));
    assert.deepEqual(fedBefore(await settled()), []);
    assert.equal(await dr.query(inSet), await primary.query(inSet));
    await assertSame("d.traces");
  });

  await t.step(
    "values that only the set of the active site has seen are brought, or it is not clean",
    async () => {
      await begin(...ENVIRONMENTS);
      await onBoth(sites, environments(0, 10));
      await primary.query("INSERT INTO d.traces VALUES (1, 'replaced', 0)");
      await primary.query("OPTIMIZE TABLE d.traces FINAL");
      await dr.query("TRUNCATE TABLE d.environments");
      await dr.query("INSERT INTO d.environments VALUES (1, ['e1', 'own'])");
      await settled();
      assert.equal(
        await dr.query(
          "SELECT hasAll(groupUniqArrayArray(all), ['replaced', 'own', 'e1', 'e9']) FROM d.environments",
        ),
        "1\n",
      );
      assert.ok(isClean(await settled()));
    },
  );

  for (
    const [name, select] of Object.entries({
      "by the view": "SELECT service AS name, ts, now64(6) AS at FROM d.logs",
      "in a subquery":
        "SELECT DISTINCT name, ts, at FROM (SELECT service AS name, ts, now64(6) AS at FROM d.logs)",
      "in a subquery that is DISTINCT":
        "SELECT name, ts, at FROM (SELECT DISTINCT service AS name, ts, now64(6) AS at FROM d.logs)",
    })
  ) {
    await t.step(
      `a key that is drawn anew ${name} is another row: what is gone here is not made again`,
      async () => {
        await begin(
          LOGS,
          ...list(
            "stamped",
            "name String, ts DateTime('UTC'), at DateTime64(6)",
            select,
            "ReplacingMergeTree ORDER BY (name, ts, at)",
          ),
        );
        await onBoth(sites, insert(DAYS[0]), insert(DAYS[1]));
        await dr.query("ALTER TABLE d.logs DROP PARTITION ID '20260102'");
        await checkSites(sites);
        assert.equal(await dr.query("SELECT count() FROM d.stamped FINAL"), "600\n");
        if (name === "by the view") await assertSame("d.logs");
      },
    );
  }
});
