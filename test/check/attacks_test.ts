/** Ways in which rows were lost, doubled or passed over in silence, until the program knew of them. */
import assert from "node:assert/strict";
import type { WritableSite } from "../../src/check/ports/writable_site.ts";
import type { CheckReport } from "../../src/model/report.ts";
import { exitCode, isClean } from "../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { onBoth } from "../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";

const DAY = "toDateTime('2026-01-01 00:00:00', 'UTC')";
const RAW =
  "CREATE TABLE d.t (ts DateTime('UTC'), k UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts)";
const ROLLUP = "CREATE TABLE d.agg (h DateTime('UTC'), k UInt32, c UInt64) ENGINE = SummingMergeTree " +
  "PARTITION BY toYYYYMMDD(h) ORDER BY (h, k)";
const VIEW =
  "CREATE MATERIALIZED VIEW d.mv TO d.agg AS SELECT toStartOfHour(ts) AS h, k, count() AS c FROM d.t GROUP BY h, k";
const rows = (count: number, offset = 0) =>
  `INSERT INTO d.t SELECT ${DAY} + ${offset} + number * 60, number % 3 FROM numbers(${count})`;
/** Longer than the settle window of these checks. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 2200));
const settings = { settleSeconds: 1 };

Deno.test("attacks", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const check = (options: Parameters<typeof checkSites>[1] = {}) =>
    checkSites(sites, { settings, ...options });
  const sum = async (site: Site) => Number(await site.query("SELECT sum(c) FROM d.agg"));
  const attack = (name: string, run: () => Promise<void>) =>
    t.step(name, async () => {
      await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d");
      await run();
    });
  const reason = (report: CheckReport, name: string) => reasonsOf(report)[name];

  await attack("a rollup that outlived its rows is copied, though the source is never at rest", async () => {
    await onBoth(sites, RAW, ROLLUP, VIEW);
    await primary.query(rows(100));
    await primary.query("TRUNCATE TABLE d.t");
    await quiet();
    await onBoth(sites, "INSERT INTO d.t SELECT now(), 1");
    await primary.query("INSERT INTO d.t SELECT now() + 1, 1");
    const report = await check();
    assert.equal(reason(report, "d.agg 20260101"), "missing, repaired");
    assert.equal(await dr.query("SELECT sum(c) FROM d.agg WHERE h < '2026-01-02'"), "100\n");
  });

  await attack("a rollup waits for a source that drifted, and is fed once when that is fixed", async () => {
    await onBoth(sites, RAW, ROLLUP, VIEW);
    await primary.query(rows(100));
    await primary.query("ALTER TABLE d.t ADD COLUMN x UInt8 DEFAULT 0");
    await quiet();
    const drifted = await check();
    assert.equal(exitCode(drifted), 3);
    assert.equal(await sum(dr), 0);
    for (const { sql } of findingsOf(drifted).filter(({ reason }) => reason === "drifted")) {
      for (const statement of sql) await dr.query(statement);
    }
    await check();
    assert.equal(await sum(dr), 100);
    assert.ok(isClean(await check()));
  });

  await attack("a check of the rollup alone copies nothing that its source will feed", async () => {
    await onBoth(sites, RAW, ROLLUP, VIEW);
    await primary.query(rows(100));
    await quiet();
    assert.equal(exitCode(await check({ only: ["d.agg"] })), 3);
    await check();
    assert.equal(await sum(dr), 100);
    assert.ok(isClean(await check()));
  });

  await attack("a rollup of a rollup waits for the source of both", async () => {
    await onBoth(
      sites,
      RAW,
      ROLLUP,
      VIEW,
      "CREATE TABLE d.agg2 (d Date, c UInt64) ENGINE = SummingMergeTree PARTITION BY d ORDER BY d",
      "CREATE MATERIALIZED VIEW d.mv2 TO d.agg2 AS SELECT toDate(h) AS d, sum(c) AS c FROM d.agg GROUP BY d",
    );
    await primary.query(rows(100));
    await primary.query("SYSTEM STOP MERGES d.t");
    await primary.query("ALTER TABLE d.t DELETE WHERE k = 200 SETTINGS mutations_sync = 0");
    await quiet();
    assert.equal(reason(await check(), "d.t"), "mutating");
    await primary.query("SYSTEM START MERGES d.t");
    await primary.query("ALTER TABLE d.t DELETE WHERE k = 201 SETTINGS mutations_sync = 2");
    await quiet();
    await check();
    await check();
    assert.deepEqual([await sum(dr), await dr.query("SELECT sum(c) FROM d.agg2")], [100, "100\n"]);
  });

  await attack("rows that pass a Null or a Buffer table are derived all the same", async () => {
    await onBoth(
      sites,
      RAW,
      "CREATE TABLE d.nothing (ts DateTime('UTC'), k UInt32) ENGINE = Null",
      "CREATE TABLE d.agg (h DateTime('UTC'), k UInt32, c UInt64) ENGINE = MergeTree PARTITION BY toYYYYMMDD(h) ORDER BY (k, h)",
      "CREATE MATERIALIZED VIEW d.m1 TO d.nothing AS SELECT ts, k FROM d.t",
      "CREATE MATERIALIZED VIEW d.m2 TO d.agg AS SELECT toStartOfHour(ts) AS h, k, count() AS c FROM d.nothing GROUP BY h, k",
      "CREATE TABLE d.behind (ts DateTime('UTC'), k UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
      "CREATE TABLE d.buffer AS d.behind ENGINE = Buffer(d, behind, 1, 5, 10, 1000000, 10000000, 100000000, 1000000000)",
      "CREATE MATERIALIZED VIEW d.m3 TO d.buffer AS SELECT ts, k FROM d.t",
    );
    for (let second = 0; second < 3; second++) await primary.query(rows(60, second));
    await primary.query("OPTIMIZE TABLE d.buffer");
    await quiet();
    await check();
    await dr.query("OPTIMIZE TABLE d.buffer");
    await check();
    assert.equal(await sum(dr), 180);
    assert.equal(await dr.query("SELECT count() FROM d.behind"), "180\n");
  });

  await attack(
    "a table that views and others fill is made whole, and one that a view fills here only is refused",
    async () => {
      await onBoth(
        sites,
        RAW,
        "CREATE TABLE d.n (ts DateTime('UTC'), k UInt32) ENGINE = Null",
        "CREATE TABLE d.ev (ts DateTime('UTC'), k UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
        "CREATE MATERIALIZED VIEW d.m1 TO d.ev AS SELECT ts, k FROM d.t",
        "CREATE MATERIALIZED VIEW d.m2 TO d.ev AS SELECT ts, k FROM d.n",
        ROLLUP,
      );
      await dr.query(VIEW);
      await onBoth(sites, rows(10));
      await primary.query(`INSERT INTO d.n SELECT ${DAY} + number, 7 FROM numbers(100)`);
      const report = await check();
      assert.equal(reason(report, "d.agg"), "drifted");
      assert.equal(await dr.query("SELECT count() FROM d.ev"), "110\n");
      assert.equal(exitCode(report), 3);
    },
  );

  await attack("a view with its own table at the active site only is new", async () => {
    await onBoth(sites, RAW);
    await primary.query(
      "CREATE MATERIALIZED VIEW d.roll ENGINE = SummingMergeTree PARTITION BY toYYYYMMDD(h) ORDER BY h AS " +
        "SELECT toStartOfHour(ts) AS h, count() AS c FROM d.t GROUP BY h",
    );
    await onBoth(sites, rows(100));
    const report = await check();
    assert.equal(reason(report, "d.roll"), "new");
    assert.equal(exitCode(report), 3);
  });

  await attack("a view with its own table there and another one's here is drift", async () => {
    await onBoth(sites, RAW, ROLLUP);
    await primary.query(
      "CREATE MATERIALIZED VIEW d.mv ENGINE = SummingMergeTree ORDER BY h AS " +
        "SELECT toStartOfHour(ts) AS h, count() AS c FROM d.t GROUP BY h",
    );
    await dr.query(VIEW);
    await onBoth(sites, rows(5));
    assert.equal(reason(await check(), "d.mv"), "drifted");
  });

  await attack("what a view joins is made whole before what passes through it", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.a_ev (ts DateTime('UTC'), k UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts)",
      "CREATE TABLE d.z_dim (k UInt32, name String) ENGINE = MergeTree ORDER BY k",
      "CREATE TABLE d.out (ts DateTime('UTC'), name String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
      "CREATE MATERIALIZED VIEW d.mv TO d.out AS SELECT ts, name FROM d.a_ev AS e INNER JOIN d.z_dim AS z ON e.k = z.k",
      "INSERT INTO d.z_dim VALUES (0, 'zero')",
      `INSERT INTO d.a_ev SELECT ${DAY} + number, 0 FROM numbers(10)`,
    );
    await primary.query("INSERT INTO d.z_dim SELECT number, toString(number) FROM numbers(1, 2)");
    await primary.query(`INSERT INTO d.a_ev SELECT ${DAY} + number * 60, number % 3 FROM numbers(1, 100)`);
    // The joined table has no time column: it is put off until it has rested.
    const early = await checkSites(sites);
    assert.equal(reason(early, "d.z_dim all"), "backfilling");
    assert.match(
      findingsOf(early).find(({ table }) => table === "d.a_ev")!.detail,
      /repaired once d\.z_dim, which a view of this table reads/,
    );
    await quiet();
    await check();
    assert.equal(
      await dr.query("SELECT count() FROM d.out"),
      await primary.query("SELECT count() FROM d.out"),
    );
    assert.ok(isClean(await check()));
  });

  await attack("rows that were dropped here and are counted here are not fed again", async () => {
    await onBoth(sites, RAW, ROLLUP, VIEW, rows(100));
    await dr.query("ALTER TABLE d.t DROP PARTITION ID '20260101'");
    await quiet();
    assert.equal(reason(await check(), "d.t 20260101"), "missing, repaired");
    assert.equal(await sum(dr), 100);
    assert.equal(await dr.query("SELECT count() FROM d.t"), "100\n");
  });

  await attack("a young row of a key is not overwritten by an old one", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.t (ts DateTime('UTC'), id UInt64, v String) ENGINE = ReplacingMergeTree PARTITION BY toYear(ts) ORDER BY id",
    );
    await primary.query("INSERT INTO d.t SELECT now() - 1200, 1, 'old'");
    await dr.query("INSERT INTO d.t SELECT now() - 5, 1, 'new'");
    await checkSites(sites);
    assert.equal(await dr.query("SELECT v FROM d.t FINAL"), "new\n");
  });

  await attack("an outage does not hide that all other rows are twins", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.t (ts DateTime('UTC'), k UInt32, collector String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts)",
    );
    const load = (site: Site, name: string, count: number) =>
      site.query(`INSERT INTO d.t SELECT ${DAY} + number * 8, number % 3, '${name}' FROM numbers(${count})`);
    await load(primary, "a", 10_000);
    await load(dr, "b", 900);
    assert.equal(reason(await check(), "d.t 20260101"), "independent");
  });

  await attack("a day or a future date does not make rows hot for ever", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.days (d Date, id UInt64) ENGINE = MergeTree PARTITION BY toYear(d) ORDER BY (d, id)",
      "CREATE TABLE d.ends (id UInt64, ends DateTime) ENGINE = MergeTree ORDER BY (id, ends)",
    );
    await primary.query("INSERT INTO d.days SELECT today(), number FROM numbers(1000)");
    await primary.query("INSERT INTO d.ends SELECT number, now() + 86400 * 300 FROM numbers(1000)");
    const busy = await checkSites(sites);
    assert.deepEqual(Object.values(reasonsOf(busy)), ["backfilling", "backfilling"]);
    await quiet();
    await check();
    for (const table of ["days", "ends"]) {
      assert.equal(await dr.query(`SELECT count() FROM d.${table}`), "1000\n");
    }
  });

  await attack("keys that each site makes by itself are no proof that rows are others", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.t (ts DateTime DEFAULT now(), k UInt32) ENGINE = MergeTree PARTITION BY toYear(ts) ORDER BY (k, ts)",
      "CREATE TABLE d.u (at DateTime MATERIALIZED now(), k UInt32) ENGINE = MergeTree PARTITION BY toYear(at) ORDER BY (k, at)",
    );
    for (const [site, count] of [[primary, 2001], [dr, 2000]] as const) {
      for (const table of ["t", "u"]) {
        await site.query(`INSERT INTO d.${table} (k) SELECT number FROM numbers(${count})`);
      }
      await quiet();
    }
    assert.deepEqual(Object.values(reasonsOf(await check())), ["independent", "independent"]);
  });

  await attack("an empty part is nothing", async () => {
    await onBoth(sites, RAW, rows(100));
    await dr.query("ALTER TABLE d.t DELETE WHERE 1 SETTINGS mutations_sync = 2");
    assert.equal(reason(await check(), "d.t 20260101"), "missing, repaired");
    assert.equal(await dr.query("SELECT count() FROM d.t"), "100\n");
  });

  await attack("two tables of one name in reports are refused", async () => {
    await onBoth(
      sites,
      "DROP DATABASE IF EXISTS `d.b` SYNC",
      "CREATE DATABASE `d.b`",
      "CREATE TABLE `d`.`b.c` (ts DateTime('UTC'), v UInt8) ENGINE = MergeTree PARTITION BY toYear(ts) ORDER BY ts",
      "CREATE TABLE `d.b`.`c` (ts DateTime('UTC'), v UInt8) ENGINE = MergeTree PARTITION BY toYear(ts) ORDER BY ts",
    );
    await primary.query("INSERT INTO `d`.`b.c` VALUES ('2026-01-01 00:00:00', 1)");
    assert.equal(reason(await check(), "d.b.c"), "unsupported");
    await onBoth(sites, "DROP DATABASE `d.b` SYNC");
  });

  await attack(
    "rows that arrive while a table without a time column is compared are waited for",
    async () => {
      await onBoth(sites, "CREATE TABLE d.t (k UInt64) ENGINE = MergeTree ORDER BY k");
      await primary.query("INSERT INTO d.t SELECT number FROM numbers(101)");
      await dr.query("INSERT INTO d.t SELECT number FROM numbers(99)");
      await quiet();
      const report = await check({
        wrap: (ports) => ({
          ...ports,
          here: new Proxy(ports.here, {
            get(here, name) {
              if (name !== "digests") return here[name as Exclude<keyof WritableSite, "shards">]?.bind(here);
              return async (request: Parameters<typeof here.digests>[0]) => {
                await dr.query("INSERT INTO d.t VALUES (99)");
                return await here.digests(request);
              };
            },
          }),
        }),
      });
      assert.deepEqual(reasonsOf(report), { "d.t all": "backfilling" });
    },
  );

  await attack("a site that shows no table is no site in sync", async () => {
    await dr.query(RAW);
    const report = await check();
    assert.deepEqual([exitCode(report), report.outcome], [1, "failed"]);
    assert.match(report.error!, /^no table was compared/);
  });
});

Deno.test("a row policy does not hide behind a lightweight delete", async () => {
  await using sites = await startTwoSites({ primary: { sync: { rowPolicies: { "d.t": "k != 2" } } } });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", RAW);
  await primary.query(rows(100));
  await primary.query("DELETE FROM d.t WHERE k = 1 AND ts < '2026-01-01 00:05:00'");
  await dr.query(
    `INSERT INTO d.t SELECT ${DAY} + number * 60, number % 3 AS k FROM numbers(100) WHERE k != 2`,
  );
  assert.deepEqual(reasonsOf(await checkSites(sites)), { "d.t 20260101": "filtered" });
});
