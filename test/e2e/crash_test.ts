/** Ending a daemon in the middle of a repair, the clean way and not, between two real sites. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import {
  assertNothingLeft,
  end,
  kill,
  stagingTables,
  statements,
  until,
} from "../support/program/endings.ts";
import { startSlowLink } from "../support/links/slow_link.ts";
import { everything, onBoth } from "../support/data/telemetry.ts";
import { type Site, startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

/** Rows of the big table, some 40 MB, and a speed at which they take longer than any test waits. */
const MANY = 200_000;
const SLOW = 1_000_000;

function installAtDr({ dr, primary }: TwoSites, more: Record<string, string> = {}) {
  return installChSync({ ...environmentOf("dr", dr, primary), CHECK_INTERVAL: "3600", ...more });
}

async function copying({ dr }: TwoSites): Promise<boolean> {
  return (await statements(dr)).includes("INSERT INTO");
}

async function attached({ query }: Site): Promise<boolean> {
  const part = "active AND table = 'wide' AND partition_id = '20260101'";
  return await query(`SELECT count() > 0 FROM system.parts WHERE ${part}`) === "1\n";
}

/** The big table: a day of many wide rows, and a small day. */
const WIDE = "CREATE TABLE d.wide (ts DateTime('UTC'), n UInt64, text String) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMMDD(ts) ORDER BY n";

async function loadWide(sites: TwoSites): Promise<void> {
  await onBoth(sites, WIDE, "INSERT INTO d.wide SELECT '2026-01-02', number, 'small' FROM numbers(1000)");
  await sites.primary.query(
    `INSERT INTO d.wide SELECT toDateTime('2026-01-01', 'UTC') + number % 86400, number, ` +
      `randomPrintableASCII(200) FROM numbers(${MANY})`,
  );
}

/** Equal for two sites if and only if they hold the same rows as often: `n` tells rows apart. */
function wideContent(site: Site): Promise<string> {
  return site.query("SELECT count(), uniqExact(ts, n), sum(cityHash64(*)), sum(sipHash64(*)) FROM d.wide");
}

Deno.test("a daemon ends in time and in order, and a killed one leaves nothing that counts", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await using link = startSlowLink(primary.tcpPort);
  const environment = { REMOTE_CH_PORT: String(link.port), MAX_INSERT_THREADS: "1" };
  await using chSync = await installAtDr(sites, environment);
  await onBoth(sites, "CREATE DATABASE d");
  await loadWide(sites);
  const whole = await wideContent(primary);
  /** The next check, over a quick network. */
  async function assertWholeAfter(said = ""): Promise<void> {
    link.bytesPerSecond = Infinity;
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    assert.ok(stderr.includes(said), stderr);
    assert.equal(await wideContent(dr), whole);
    await assertNothingLeft(sites);
  }
  const emptyAgain = () => dr.query("ALTER TABLE d.wide DROP PARTITION ID '20260101'");

  await t.step(
    "SIGTERM in the middle of a copy: no statement, no staging table, nothing changed",
    async () => {
      const before = await everything(dr);
      link.bytesPerSecond = SLOW;
      const daemon = chSync.start([]);
      await until("the copy", () => copying(sites));
      const { stderr } = await end(daemon, "SIGTERM");
      await assertNothingLeft(sites);
      assert.equal(await everything(dr), before);
      assert.match(stderr, /^\[INFO\] Stopped in the middle of a check/m);
      const { consecutive_clean, rows_synced } = (await chSync.state())!;
      assert.deepEqual({ consecutive_clean, rows_synced }, { consecutive_clean: 0, rows_synced: 0 });
    },
  );

  await t.step(
    "SIGTERM while the network stands still: what the server cannot stop yet ends by itself",
    async () => {
      const before = await everything(dr);
      link.bytesPerSecond = SLOW;
      const daemon = chSync.start([]);
      await until("the copy", () => copying(sites));
      link.bytesPerSecond = 0;
      await end(daemon, "SIGTERM");
      link.bytesPerSecond = Infinity;
      // ClickHouse waits for the other server's word even where a statement was killed.
      await until("the end of the copy", async () => await statements(dr) + await stagingTables(dr) === "");
      await assertNothingLeft(sites);
      assert.equal(await everything(dr), before);
    },
  );

  await t.step("SIGTERM while the local server hangs in the middle of a copy", async () => {
    link.bytesPerSecond = SLOW;
    const daemon = chSync.start([]);
    await until("the copy", () => copying(sites));
    Deno.kill(dr.server.pid, "SIGSTOP");
    try {
      await end(daemon, "SIGTERM");
    } finally {
      Deno.kill(dr.server.pid, "SIGCONT");
    }
    await assertWholeAfter();
  });

  const moments: Record<string, { readonly speed: number; readonly reached: () => Promise<boolean> }> = {
    "when its staging table is made": { speed: SLOW, reached: async () => await stagingTables(dr) !== "" },
    "in the middle of the copy": { speed: SLOW, reached: () => copying(sites) },
    "when the rows are in the table": { speed: Infinity, reached: () => attached(dr) },
  };
  for (const [moment, { speed, reached }] of Object.entries(moments)) {
    await t.step(`SIGKILL ${moment}: the next check makes the table whole, and nothing doubled`, async () => {
      await emptyAgain();
      link.bytesPerSecond = speed;
      const daemon = chSync.start([]);
      await until(moment, reached);
      await kill(daemon);
      const left = (await stagingTables(dr)).trim();
      if (speed !== Infinity) assert.notEqual(left, "");
      await assertWholeAfter(left ? `Dropped staging table d.${left}, which an earlier run left behind` : "");
    });
  }

  await t.step("two installations: neither drops what the other stages, and nothing is doubled", async () => {
    await emptyAgain();
    // The other one has a quick path of its own to the active site.
    await using other = await installAtDr(sites);
    link.bytesPerSecond = SLOW;
    const daemon = chSync.start([]);
    await until("the copy", () => copying(sites));
    const staged = await stagingTables(dr);
    const quick = await other.run(["--once"]);
    assert.equal(await stagingTables(dr), staged);
    assert.equal(quick.code, 0, quick.stderr);
    assert.doesNotMatch(quick.stderr, /Dropped staging table/);
    link.bytesPerSecond = Infinity;
    await daemon.logged("d.wide partition 20260101: failed");
    assert.match(daemon.log(), /Nothing was added; the next check compares it again/);
    assert.equal(await wideContent(dr), whole);
    await end(daemon, "SIGINT");
    await assertNothingLeft(sites);
  });
});
