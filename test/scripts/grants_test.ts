/** scripts/grants.sql: its rights are enough for every kind of repair, and none of them is too much. */
import assert from "node:assert/strict";
import { exitCode } from "../../src/verdict/clean.ts";
import { checkSites, reasonsOf } from "../support/sites/check_sites.ts";
import { grantedUsers, grantLines } from "../support/sites/granted_users.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

const COLUMNS =
  "(ts DateTime('UTC'), k String, v UInt32 MATERIALIZED cityHash64(k), CONSTRAINT c CHECK v >= 0)";
const REASONS = {
  "d.absent 20260101": "missing, repaired",
  "d.among 20260101": "partial, repaired",
  "d.bound 202601": "missing, repaired",
  "d.feeding 20260101": "missing, repaired",
  "d.hours": "derived",
  "d.newest 20260101": "partial, repaired",
  "d.stamped 20260101": "partial, repaired",
  "d.states 20260101": "missing, repaired",
};

/** What an outage left, in tables of every way of repair, and a staging table of a check that was killed. */
async function outage({ primary, dr }: TwoSites): Promise<void> {
  for (const table of ["absent", "among", "bound", "feeding", "hours", "newest", "stamped", "states"]) {
    await dr.query(`TRUNCATE TABLE d.${table}`);
  }
  await load(dr, "d.among", "2026-01-01", 100, "number % 3 > 0");
  await load(dr, "d.newest", "2026-01-01", 100, "number % 3 > 0");
  await dr.query("INSERT INTO d.stamped SELECT * FROM d.stamps WHERE k % 3 > 0");
  await dr.query("CREATE OR REPLACE TABLE d._chsync_dr_0123abcd0_1 AS d.absent");
  assert.equal(await primary.query("SELECT count() FROM d.absent"), "100\n");
}

/** Users like those of the file, each with one right less. */
const LESS = grantLines().map((grant, index) => {
  const [, user = ""] = / TO (\w+)$/.exec(grant) ?? [];
  const [made] = [grantedUsers({ databases: ["d"], without: [grant] }, "pw")[user]!];
  return { grant, user, name: `less_${index}`, made };
});

Deno.test("the rights of grants.sql are enough, and each of them is needed", async (t) => {
  const users = Object.fromEntries(LESS.map(({ name, made }) => [name, made]));
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] }, users });
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    ...["absent", "among", "feeding"].map((name) => telemetryTable(`d.${name}`)),
    telemetryTable("d.newest", "ReplacingMergeTree(duration)"),
    `CREATE TABLE d.bound ${COLUMNS} ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (k, ts)`,
    "CREATE TABLE d.hours (hour DateTime('UTC'), n UInt64) ENGINE = SummingMergeTree ORDER BY hour",
    "CREATE MATERIALIZED VIEW d.to_hours TO d.hours AS SELECT toStartOfHour(ts) AS hour, count() AS n " +
      "FROM d.feeding GROUP BY hour",
  );
  // A default that reads differently each time: it is asked which parts have values of it.
  await onBoth(
    sites,
    "CREATE TABLE d.stamped (ts DateTime('UTC'), k UInt32, at DateTime('UTC') DEFAULT now()) ENGINE = MergeTree " +
      "PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
    "CREATE TABLE d.stamps AS d.stamped ENGINE = Log",
    "INSERT INTO d.stamps SELECT toDateTime('2026-01-01', 'UTC') + number, number, '2026-01-02' FROM numbers(100)",
  );
  await primary.query("INSERT INTO d.stamped SELECT * FROM d.stamps");
  await onBoth(
    sites,
    "CREATE TABLE d.states (ts DateTime('UTC'), k UInt32, sign Int8, version UInt8) " +
      "ENGINE = VersionedCollapsingMergeTree(sign, version) PARTITION BY toYYYYMMDD(ts) ORDER BY k",
  );
  await primary.query("INSERT INTO d.states SELECT '2026-01-01', number, 1, 1 FROM numbers(100)");
  for (const table of ["absent", "among", "feeding", "newest"]) {
    await load(primary, `d.${table}`, "2026-01-01", 100);
  }
  await primary.query("INSERT INTO d.bound (ts, k) SELECT '2026-01-01', toString(number) FROM numbers(100)");

  await t.step("with all of them, everything is repaired", async () => {
    await outage(sites);
    const report = await checkSites(sites);
    assert.deepEqual(reasonsOf(report), REASONS);
    assert.equal(exitCode(report), 0);
    assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
  });

  for (const { grant, user, name, made } of LESS) {
    // KILL QUERY alone asks for the one, after a statement was given up; without the other the pace is a guess.
    if (/system\.processes TO chsync_reader|system\.metrics/.test(grant)) continue;
    // For tables that are full of parts: few_parts_test.ts.
    if (/merge_tree_settings|OPTIMIZE|TTL MERGES/.test(grant)) continue;
    // For Replicated and Distributed tables: replicas/rights_test.ts.
    if (
      /system\.(replicas|replication_queue|detached_parts|distribution_queue|clusters)|ReplicatedMergeTree/
        .test(grant)
    ) continue;
    await t.step(`without ${grant}, the check says what to grant`, async () => {
      await outage(sites);
      const [site, side] = user === "chsync_reader" ? ["remote", primary] as const : ["local", dr] as const;
      const endpoint = { url: side.url, user: name, password: made.password! };
      const warnings: string[] = [];
      const observer = { warn: (text: string) => void warnings.push(text) };
      const report = await checkSites(sites, { settings: { [site]: endpoint }, observer });
      // Whether a copy fits the disk, the server says itself, only later.
      if (!grant.includes("system.storage_policies")) assert.notEqual(exitCode(report), 0);
      const texts = [
        report.error,
        ...warnings,
        ...report.tables.flatMap(({ findings }) => findings.map((f) => f.detail)),
      ];
      assert.match(texts.join("\n"), /[Gg]rant/);
    });
  }
});
