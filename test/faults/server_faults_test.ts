/** Servers that die, fill up or change in the middle of a check: a clear line, the rest goes on, the next check recovers. */
import assert from "node:assert/strict";
import { exitCode } from "../../src/verdict/clean.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { stagingTables, until } from "../support/program/endings.ts";
import { type FaultPoints, startFaultPoints } from "../support/links/fault_points.ts";
import { startSlowLink } from "../support/links/slow_link.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { reachedAt, type Site, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

const DAY = "2026-01-01";

async function assertWhole({ dr, primary }: TwoSites, ...tables: readonly string[]): Promise<void> {
  for (const table of tables) assert.equal(await content(dr, table), await content(primary, table), table);
  assert.equal(await stagingTables(dr), "");
}

/** The sites as ch-sync reaches them when its statements to the local server pass the points. */
function through(points: FaultPoints, sites: TwoSites): TwoSites {
  return { ...sites, dr: reachedAt(sites.dr, points.url) };
}

Deno.test("a server that is killed in the middle of a copy and started again", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await using link = startSlowLink(primary.tcpPort);
  const environment = { ...environmentOf("dr", dr, primary), REMOTE_CH_PORT: String(link.port) };
  await using chSync = await installChSync(environment);
  const wide = "CREATE TABLE d.wide (ts DateTime('UTC'), n UInt64, text String) ENGINE = MergeTree " +
    "PARTITION BY toYYYYMMDD(ts) ORDER BY n";
  await onBoth(sites, "CREATE DATABASE d", wide);
  const fill =
    "INSERT INTO d.wide SELECT '2026-01-01', number, randomPrintableASCII(200) FROM numbers(100000)";
  await primary.query(fill);

  for (const [name, site] of [["local", dr], ["remote", primary]] as const) {
    await t.step(`the ${name} one`, async () => {
      await dr.query("TRUNCATE TABLE d.wide");
      link.bytesPerSecond = 1_000_000;
      const running = chSync.start(["--once"]);
      await until(
        "the copy",
        async () =>
          await dr.query("SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO%'") === "1\n",
      );
      await site.server.kill();
      const { code, stderr } = await running.finished;
      await site.restart();
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^\[ERROR\] d\.wide partition 20260101: failed: ClickHouse execute error: /m);
      link.bytesPerSecond = Infinity;
      const next = await chSync.run(["--once"]);
      assert.equal(next.code, 0, next.stderr);
      await assertWhole(sites, "d.wide");
    });
  }

  await t.step("the local one, when it has attached the rows and before it says so", async () => {
    await using points = startFaultPoints(() => dr.url);
    await dr.query("TRUNCATE TABLE d.wide");
    let restarted = Promise.resolve();
    points.after = async ({ sql }) => {
      if (!sql.includes("MOVE PARTITION")) return "answer";
      await dr.server.kill();
      restarted = new Promise((resolve) => setTimeout(resolve, 500)).then(() => dr.restart());
      return "cut";
    };
    // The parts tell, once there is somebody to ask; of what was compared before nobody knows whether it came back.
    const { code, stderr } = await chSync.run(["--once"], { LOCAL_CH_URL: points.url });
    await restarted;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /a server of this site was started anew in mid-check/);
    assert.doesNotMatch(stderr, /partition 20260101: failed/);
    assert.equal(points.statements.filter((sql) => sql.includes("MOVE PARTITION")).length, 1);
    await assertWhole(sites, "d.wide");
  });
});

interface Damage {
  readonly what: string;
  /** Done before the check, or in the middle of it: when the staging table of `d.hurt` is made. */
  readonly before?: (sites: TwoSites) => Promise<unknown>;
  readonly during?: (sites: TwoSites) => Promise<unknown>;
  readonly says: RegExp;
  readonly fix?: (sites: TwoSites) => Promise<unknown>;
  /** Default: whole. */
  readonly after?: (sites: TwoSites) => Promise<void>;
}

const alter = (site: Site, what: string) => site.query(`ALTER TABLE d.hurt ${what}`);

const DAMAGES: readonly Damage[] = [
  {
    what: "a disk that is full",
    before: ({ dr }) => alter(dr, "MODIFY SETTING min_free_disk_bytes_to_perform_insert = 1000000000000000"),
    says: /NOT_ENOUGH_SPACE, code 243\); .*local site/,
    fix: ({ dr }) => alter(dr, "RESET SETTING min_free_disk_bytes_to_perform_insert"),
  },
  {
    what: "a table here that is dropped",
    during: ({ dr }) => dr.query("DROP TABLE d.hurt SYNC"),
    says: /UNKNOWN_TABLE, code 60\)/,
    fix: ({ dr }) => dr.query(telemetryTable("d.hurt")),
  },
  {
    what: "a table there that is dropped",
    during: ({ primary }) => primary.query("DROP TABLE d.hurt SYNC"),
    says: /the local ClickHouse cannot read the remote table|UNKNOWN_TABLE/,
    after: async (sites) => assert.equal(exitCode(await checkSites(sites)), 0),
  },
  {
    what: "a column here that is added",
    during: ({ dr }) => alter(dr, "ADD COLUMN late UInt8"),
    says: /INCOMPATIBLE_COLUMNS|different structure|columns/i,
    after: async (sites) => assert.match(reasonsOf(await checkSites(sites))["d.hurt"] ?? "", /drifted/),
  },
  {
    what: "a column there that is dropped",
    during: ({ primary }) => alter(primary, "DROP COLUMN duration"),
    says: /UNKNOWN_IDENTIFIER|NO_SUCH_COLUMN|NOT_FOUND_COLUMN|duration/,
    after: async (sites) => assert.match(reasonsOf(await checkSites(sites))["d.hurt"] ?? "", /drifted/),
  },
  {
    what: "rows there that are deleted",
    during: ({ primary }) => alter(primary, "DELETE WHERE service = 'service-1' SETTINGS mutations_sync = 2"),
    says: /active site sent 857 rows .*\b1,000\b/,
  },
];

Deno.test("damage in the middle of a check hurts one table, and the next check recovers", async (t) => {
  await using sites = await startTwoSites();
  await using points = startFaultPoints(() => sites.dr.url);
  const reached = through(points, sites);
  for (const { what, before, during, says, fix, after } of DAMAGES) {
    await t.step(what, async () => {
      await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d");
      await onBoth(sites, telemetryTable("d.hurt"), telemetryTable("d.other"));
      for (const table of ["d.hurt", "d.other"]) await load(sites.primary, table, DAY, 1000);
      await before?.(sites);
      points.before = async ({ sql }) => {
        if (/^INSERT INTO `d`\.`_chsync_[^]* 'd', 'hurt'/.test(sql)) await during?.(sites);
      };
      const report = await checkSites(reached);
      points.before = () => "answer";
      const reasons = reasonsOf(report);
      assert.equal(exitCode(report), 1);
      assert.deepEqual([reasons["d.hurt 20260101"], reasons["d.other 20260101"]], [
        "failed",
        "missing, repaired",
      ]);
      const hurt = findingsOf(report).find(({ table }) => table === "d.hurt")!;
      assert.match(hurt.detail, says);
      await fix?.(sites);
      if (after) return await after(sites);
      await checkSites(reached);
      await assertWhole(sites, "d.hurt", "d.other");
    });
  }
});

Deno.test("a table with views that has too many parts, and one whose server has not enough memory", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.other"), telemetryTable("d.busy"));
  await load(primary, "d.other", DAY, 1000);

  await t.step(
    "too many parts: nothing reached the table or a view, so nothing is left to an operator",
    async () => {
      await onBoth(
        sites,
        "CREATE TABLE d.days (day Date, requests UInt64) ENGINE = SummingMergeTree ORDER BY day",
        "CREATE MATERIALIZED VIEW d.to_days TO d.days AS SELECT toDate(ts) AS day, count() AS requests FROM d.busy GROUP BY day",
      );
      await load(primary, "d.busy", DAY, 1000);
      await dr.query("SYSTEM STOP MERGES d.busy");
      for (const part of [1, 2, 3]) await load(dr, "d.busy", DAY, 1000, `number % 100 = ${part}`);
      await dr.query(
        "ALTER TABLE d.busy MODIFY SETTING parts_to_throw_insert = 3, parts_to_delay_insert = 2",
      );
      const report = await checkSites(sites);
      assert.equal(exitCode(report), 1);
      assert.deepEqual([reasonsOf(report)["d.busy 20260101"], reasonsOf(report)["d.other 20260101"]], [
        "failed",
        "missing, repaired",
      ]);
      const detail = findingsOf(report).find(({ table }) => table === "d.busy")!.detail;
      assert.match(detail, /d\.busy .*too many parts.*\b3 in partition 20260101/);
      await dr.query("ALTER TABLE d.busy RESET SETTING parts_to_throw_insert, parts_to_delay_insert");
      assert.equal(exitCode(await checkSites(sites)), 0);
      assert.equal(await dr.query("SELECT sum(requests) FROM d.days"), "1000\n");
      await assertWhole(sites, "d.busy", "d.other");
    },
  );

  await t.step("not enough memory for the copy", async () => {
    await primary.query(
      "INSERT INTO d.other SELECT toDateTime64('2026-01-02', 3, 'UTC') + number / 10, 'big', 1, number, " +
        "map('text', randomPrintableASCII(500)) FROM numbers(100000)",
    );
    await dr.server.kill();
    await using poor = await startTwoSites({
      dr: { config: { profiles: { default: { max_memory_usage: 60_000_000 } } } },
    });
    await poor.dr.query("CREATE DATABASE d");
    await poor.dr.query(telemetryTable("d.other"));
    const hungry = { ...sites, dr: poor.dr };
    const report = await checkSites(hungry, { only: ["d.other"] });
    assert.equal(exitCode(report), 1);
    assert.equal(reasonsOf(report)["d.other 20260101"], "missing, repaired");
    const detail = findingsOf(report).find(({ partitionId }) => partitionId === "20260102")!.detail;
    assert.match(detail, /MEMORY_LIMIT_EXCEEDED, code 241\); /);
    assert.equal(await stagingTables(poor.dr), "");
    await dr.restart();
  });
});

Deno.test("rights that vanish in the middle of a check, and come back", async () => {
  const less = { password: "canary-less", grants: ["SELECT ON d.*", "SELECT ON system.*", "READ ON REMOTE"] };
  await using sites = await startTwoSites({ users: { less } });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", DAY, 1000);
  await using points = startFaultPoints(() => sites.dr.url);
  points.before = ({ sql }) => {
    if (sql.startsWith("CREATE TABLE")) points.login = `less:${less.password}`;
  };
  const report = await checkSites(through(points, sites));
  assert.equal(exitCode(report), 1);
  assert.match(
    findingsOf(report)[0]!.detail,
    /ACCESS_DENIED, code 497\); a right is missing: ch-sync --doctor/,
  );
  points.login = null;
  points.before = () => "answer";
  await checkSites(through(points, sites));
  await assertWhole(sites, "d.t");
});

Deno.test("a replicated table that has lost its Keeper is not believed, and the others are repaired", async () => {
  await using sites = await startTwoSites({
    dr: { config: { zookeeper: { implementation: "testkeeper" } } },
  });
  const { dr, primary } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.other"));
  await primary.query(telemetryTable("d.t"));
  await dr.query(telemetryTable("d.t", "ReplicatedMergeTree('/d/t', 'one')"));
  for (const table of ["d.t", "d.other"]) await load(primary, table, DAY, 1000);
  const report = await checkSites(sites);
  assert.equal(exitCode(report), 3);
  assert.deepEqual(reasonsOf(report), { "d.t": "lagging", "d.other 20260101": "missing, repaired" });
  assert.match(findingsOf(report).find(({ table }) => table === "d.t")!.detail, /no session with Keeper/);
  assert.equal(await stagingTables(dr), "");
});
