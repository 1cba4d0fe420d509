/** The daemon as a process between two real sites: its pace, its size, its lock, its end between repairs. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { assertNothingLeft, end, kill, until } from "../support/program/endings.ts";
import { startNotifySocket } from "../support/receivers/notify_socket.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";

function installAtDr({ dr, primary }: TwoSites, more: Record<string, string> = {}) {
  return installChSync({ ...environmentOf("dr", dr, primary), CHECK_INTERVAL: "3600", ...more });
}

Deno.test("a daemon checks at its pace, finds rows that arrive later, and stays small", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await using chSync = await installAtDr(sites, { CHECK_INTERVAL: "1", LOG_FORMAT: "json" });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [sites.primary, sites.dr]) await load(site, "d.t", "2026-01-01", 1000);
  const daemon = chSync.start([]);
  const records = (): { time: string; message: string }[] =>
    daemon.log().split("\n").slice(0, -1).map((line) => JSON.parse(line));
  const starts = () => records().filter(({ message }) => message.startsWith("Active site:"));
  const ends = () => records().filter(({ message }) => message.startsWith("All tables in sync"));

  await t.step("rows that arrive later are copied by a later check", async () => {
    await daemon.logged("All tables in sync (clean check #1)");
    await load(sites.primary, "d.t", "2026-01-02", 1000);
    await daemon.logged("Repaired d.t partition 20260102: 1,000 rows");
    assert.equal(await content(sites.dr, "d.t"), await content(sites.primary, "d.t"));
  });

  await t.step("checks follow one another at the interval, and never overlap", async () => {
    await until("the thirteenth check", () => ends().length > 12);
    const order = records().map(({ message }) => message.slice(0, 11))
      .filter((word) => ["Active site", "All tables "].includes(word));
    order.forEach((word, index) => assert.equal(word, index % 2 === 0 ? "Active site" : "All tables "));
    const [second, ...later] = starts().slice(1).map(({ time }) => Date.parse(time));
    assert.ok(later.at(-1)! - second! > later.length * 1000 - 500, "not faster than the interval");
  });

  await t.step("after a dozen checks the process is below 120 MB", async () => {
    const status = await Deno.readTextFile(`/proc/${daemon.child.pid}/status`);
    const megabytes = Number(status.match(/^VmRSS:\s+(\d+) kB$/m)![1]) / 1024;
    const said = `quiet RSS after ${ends().length} checks: ${megabytes.toFixed(1)} MB`;
    Deno.stdout.writeSync(new TextEncoder().encode(`${said}\n`));
    assert.ok(megabytes < 120, said);
  });

  await t.step("a terminal that is closed does not end it", async () => {
    daemon.child.kill("SIGHUP");
    await daemon.logged("SIGHUP: ch-sync goes on");
    const before = ends().length;
    await until("two more checks", () => ends().length > before + 1);
  });

  await t.step("it ends when it is told to, and its state is that of the last check", async () => {
    await end(daemon, "SIGTERM");
    const { consecutive_clean, failback_ready, rows_synced } = (await chSync.state())!;
    assert.deepEqual({ consecutive_clean, failback_ready, rows_synced }, {
      consecutive_clean: ends().length,
      failback_ready: true,
      rows_synced: 1000,
    });
    await assertNothingLeft(sites);
  });
});

Deno.test("a state directory has one ch-sync at a time", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await using chSync = await installAtDr(sites);
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [sites.primary, sites.dr]) await load(site, "d.t", "2026-01-01", 100);
  const path = `${chSync.directory}/data/ch-sync-state.json`;
  const first = chSync.start([]);
  await first.logged("All tables in sync (clean check #1)");
  const state = await Deno.readTextFile(path);
  const held = `Another ch-sync holds the lock in data: process ${first.child.pid} since `;

  await t.step("--once says who holds the lock, exits with 1 and leaves the state alone", async () => {
    const { code, stdout, stderr } = await chSync.run(["--once"]);
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.ok(stderr.startsWith(`[ERROR] ${held}`), stderr);
    assert.equal(await Deno.readTextFile(path), state);
  });

  await t.step("a second daemon says who holds it, waits, and ends between two tries", async () => {
    const second = chSync.start([]);
    await second.logged(`[WARN] ${held}`);
    const { stderr } = await end(second, "SIGTERM");
    assert.doesNotMatch(stderr, /Active site/);
    assert.equal(await Deno.readTextFile(path), state);
  });

  await t.step("--dry-run and --status need no lock", async () => {
    assert.equal((await chSync.run(["--dry-run"])).code, 0);
    assert.equal((await chSync.run(["--status"])).code, 0);
    assert.equal(await Deno.readTextFile(path), state);
  });

  await t.step("a daemon that waits goes on when the first one is killed", async () => {
    const second = chSync.start([]);
    await second.logged(`[WARN] ${held}`);
    await kill(first);
    await second.logged("All tables in sync (clean check #2)");
    await end(second, "SIGTERM");
  });

  const cleanChecks = async () => Number((await chSync.state())!.consecutive_clean);

  await t.step("SIGTERM and SIGINT between two checks end a daemon with 0", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const daemon = chSync.start([]);
      await daemon.logged(`All tables in sync (clean check #${await cleanChecks() + 1})`);
      const before = await Deno.readTextFile(path);
      await end(daemon, signal);
      assert.equal(await Deno.readTextFile(path), before);
    }
  });

  await t.step("a stop at any moment of a check breaks no streak of clean checks", async () => {
    for (const moment of ["CH-Sync - ClickHouse", "Active site:", "Checking table:"]) {
      const before = await cleanChecks();
      const daemon = chSync.start([]);
      await daemon.logged(moment);
      const { stderr } = await end(daemon, "SIGTERM");
      assert.ok([before, before + 1].includes(await cleanChecks()), stderr);
    }
    await assertNothingLeft(sites);
  });

  await t.step("a webhook that never answers holds up neither checks nor the end", async () => {
    await load(sites.primary, "d.t", "2026-01-02", 100);
    using deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = deaf.addr as Deno.NetAddr;
    const NOTIFY_WEBHOOK = `http://127.0.0.1:${port}/canary-webhook-path`;
    const daemon = chSync.start([], { NOTIFY_WEBHOOK, CHECK_INTERVAL: "1" });
    await daemon.logged("Repaired d.t partition 20260102: 100 rows");
    await daemon.logged(`All tables in sync (clean check #${await cleanChecks() + 2})`);
    const { stderr } = await end(daemon, "SIGTERM");
    assert.match(
      stderr,
      /^\[INFO\] 1 message has not been sent yet/m,
    );
    assert.ok(!stderr.includes("canary"), stderr);
  });

  await t.step("a silent name server does not hold up the end", async () => {
    await using dns = await startDnsServer({ kind: "silence" });
    const daemon = chSync.start([], { ACTIVE_SITE: "auto", DNS_SERVER: dns.address });
    await until("the question", () => dns.questions() > 0);
    await end(daemon, "SIGTERM");
  });
});

Deno.test("systemd hears of readiness, standing, life and the end", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  await using chSync = await installAtDr(sites, { CHECK_INTERVAL: "1" });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [sites.primary, sites.dr]) await load(site, "d.t", "2026-01-01", 100);
  using systemd = startNotifySocket(chSync.directory);
  const daemon = chSync.start([], { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "1000000" });
  const heard = new Set<string>();
  const hear = async (wanted: string) => {
    while (![...heard].some((text) => text.startsWith(wanted))) heard.add(await systemd.receive());
  };
  await hear("READY=1");
  await hear("STATUS=NOT READY: clean checks 1 of 3; last check 20");
  await hear("STATUS=FAILBACK READY: clean checks 3 of 3; last check 20");
  assert.ok(heard.has("WATCHDOG=1"));
  await end(daemon, "SIGTERM");
  await hear("STOPPING=1");
});
