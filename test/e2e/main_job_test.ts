/** ch-sync as a process between two real sites: exit codes, state, log, messages, failover. */
import assert from "node:assert/strict";
import { type ChSync, environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startDnsServer } from "../support/receivers/dns_server.ts";
import { content, everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";
import { sentencesOf, startWebhookSink } from "../support/receivers/webhook_sink.ts";

const PRIMARY = { kind: "addresses", ips: ["192.0.2.1"] } as const;
/** As an operator sets it up: with the users and the rights of scripts/grants.sql. */
const LEAST_PRIVILEGE = { databases: ["d", "fresh"], with: ["AUTO_CREATE_TABLES"] };
const DR = { kind: "addresses", ips: ["192.0.2.2"] } as const;

/** ch-sync at one site, with the given name server. */
function installAt(role: "primary" | "dr", sites: TwoSites, more: Record<string, string>): Promise<ChSync> {
  const environment = role === "dr"
    ? environmentOf("dr", sites.dr, sites.primary)
    : environmentOf("primary", sites.primary, sites.dr);
  return installChSync({ ...environment, ACTIVE_SITE: "auto", ...more });
}

Deno.test("failover, as ch-sync at both sites lives through it", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: LEAST_PRIVILEGE });
  await using dns = await startDnsServer(PRIMARY);
  await using sink = startWebhookSink();
  const more = { DNS_SERVER: dns.address, NOTIFY_WEBHOOK: sink.url };
  await using atPrimary = await installAt("primary", sites, more);
  await using atDr = await installAt("dr", sites, more);
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.http"));
  const sent = () => sentencesOf(sink.texts.splice(0));

  await t.step("scenario 1, dual write: the active site watches, the passive one is in sync", async () => {
    for (const site of [primary, dr]) await load(site, "d.http", "2026-01-01", 1000);
    const watching = await atPrimary.run(["--once"]);
    assert.equal(watching.code, 0);
    assert.match(watching.stderr, /^\[INFO\] CH-Sync - ClickHouse Data Synchronization$/m);
    assert.match(watching.stderr, /^\[INFO\] Active site: primary \(we are: primary\)$/m);
    const passive = await atDr.run(["--once"]);
    assert.equal(passive.code, 0, passive.stderr);
    assert.match(passive.stderr, /^\[INFO\] Active site: primary \(we are: dr\)$/m);
    assert.match(passive.stderr, /^\[INFO\] Checking table: d\.http$/m);
    assert.match(passive.stderr, /^\[INFO\] All tables in sync \(clean check #1\)$/m);
    assert.deepEqual(sent(), []);
  });

  await t.step(
    "scenario 2, DR was down: it pulls what it missed and is ready after three checks",
    async () => {
      await load(primary, "d.http", "2026-01-02", 1000);
      const plan = await atDr.run(["--dry-run"]);
      assert.equal(plan.code, 3);
      assert.match(plan.stdout, /partition 20260102: missing: 1,000 rows are absent here/);
      const state = await atDr.state();
      assert.equal((await atDr.run(["--once"])).code, 0);
      assert.deepEqual(sent(), [
        "⚠️ CH-Sync: 1 tables have data gaps",
        "✅ CH-Sync: Sync complete. 1 partitions synced",
      ]);
      assert.equal(state!.consecutive_clean, 1, "the dry run left the state alone");
      const ready = await atDr.run(["--once"]);
      assert.match(ready.stderr, /^\[INFO\] FAILBACK READY$/m);
      assert.deepEqual(sent(), ["🟢 CH-Sync: FAILBACK READY. All tables synced"]);
      await atDr.run(["--once"]);
      assert.deepEqual(sent(), []);
      const { failback_ready, consecutive_clean, rows_synced, partitions_synced, active_site } =
        (await atDr.state())!;
      assert.deepEqual(
        { failback_ready, consecutive_clean, rows_synced, partitions_synced, active_site },
        {
          failback_ready: true,
          consecutive_clean: 4,
          rows_synced: 1000,
          partitions_synced: 1,
          active_site: "primary",
        },
      );
      const status = await atDr.run(["--status"]);
      assert.equal(status.code, 0);
      assert.match(status.stdout, /^FAILBACK READY/);
    },
  );

  await t.step("scenario 3, the primary was down and DNS failed over: it pulls from DR", async () => {
    dns.answer = DR;
    await load(dr, "d.http", "2026-01-03", 1000);
    const standby = await atDr.run(["--once"]);
    assert.equal(standby.code, 0);
    assert.deepEqual([(await atDr.state())!.failback_ready, (await atDr.state())!.consecutive_clean], [
      false,
      0,
    ]);
    assert.deepEqual(sent(), [
      "🔀 CH-Sync: The active site is now dr",
      "🔴 CH-Sync: No longer ready for failback",
    ]);
    for (let check = 1; check <= 3; check++) {
      assert.equal((await atPrimary.run(["--once"])).code, 0);
      assert.equal((await atPrimary.state())!.failback_ready, check === 3);
    }
    assert.equal(await content(primary, "d.http"), await content(dr, "d.http"));
    assert.equal(sent().at(-1), "🟢 CH-Sync: FAILBACK READY. All tables synced");
  });

  await t.step("scenario 4, a table created during failover: reported, then created and filled", async () => {
    await dr.query("CREATE DATABASE fresh");
    await dr.query(telemetryTable("fresh.made"));
    await load(dr, "fresh.made", "2026-01-03", 500);
    const reported = await atPrimary.run(["--once"]);
    assert.equal(reported.code, 3);
    assert.deepEqual((await atPrimary.state())!.new_tables_detected, ["fresh.made"]);
    assert.deepEqual(sent(), [
      "🆕 CH-Sync: New tables detected. Manual creation required",
      "🔴 CH-Sync: No longer ready for failback",
    ]);
    const created = await atPrimary.run(["--once"], { AUTO_CREATE_TABLES: "true" });
    assert.equal(created.code, 0, created.stderr);
    assert.equal(await content(primary, "fresh.made"), await content(dr, "fresh.made"));
    assert.deepEqual((await atPrimary.state())!.new_tables_detected, []);
  });

  await t.step("an unknown role writes nothing", async () => {
    await load(dr, "d.http", "2026-01-04", 100);
    const before = await everything(primary);
    for (
      const [answer, line] of [
        [{ kind: "addresses", ips: ["192.0.2.1", "192.0.2.2"] }, "Could not determine active site from DNS"],
        [{ kind: "addresses", ips: ["203.0.113.9"] }, "DNS returned unexpected IP: 203.0.113.9"],
        [{ kind: "addresses", ips: [] }, "Could not determine active site from DNS"],
        [{ kind: "failure", code: "SERVFAIL" }, "Could not determine active site from DNS"],
        [{ kind: "silence" }, "Could not determine active site from DNS"],
      ] as const
    ) {
      dns.answer = answer;
      const { code, stderr } = await atPrimary.run(["--once"]);
      assert.equal(code, 1, JSON.stringify(answer));
      assert.ok(stderr.split("\n").includes(`[WARN] ${line}`), stderr);
    }
    assert.equal(await everything(primary), before);
    assert.equal((await atPrimary.state())!.active_site, "unknown");
  });

  await t.step("a role that changes in mid-check writes nothing", async () => {
    const before = await everything(primary);
    const first = dns.questions();
    dns.decide = (question) => question === first ? DR : PRIMARY;
    const { code, stderr } = await atPrimary.run(["--once"]);
    dns.decide = null;
    assert.equal(code, 1);
    assert.match(stderr, /the active site is primary now, so nothing is written here/);
    assert.equal(await everything(primary), before);
  });
});

Deno.test("ch-sync says what is wrong and exits accordingly", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: LEAST_PRIVILEGE });
  await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 100);

  await t.step("2: every mistake of the configuration at once, and no secret", async () => {
    const { code, stderr, stdout } = await chSync.run(["--once"], {
      ROLE: "both",
      REMOTE_CH_PORT: "70000",
      CHECK_INTERVALL: "5",
      STATUS_LISTEN: "everywhere",
      LOCAL_CH_URL: "http://someone:canary-url-pw@127.0.0.1:8123",
    });
    assert.equal(code, 2);
    for (const name of ["ROLE", "REMOTE_CH_PORT", "CHECK_INTERVALL", "STATUS_LISTEN", "LOCAL_CH_URL"]) {
      assert.ok(stderr.includes(name), `${name} is named in ${stderr}`);
    }
    assert.ok(!(stderr + stdout).includes("canary"));
    assert.equal((await chSync.run(["--frobnicate"])).code, 2);
    assert.equal((await chSync.run(["--once", "--table", "d.nowhere"])).code, 2);
  });

  await t.step("1: a site that does not answer", async () => {
    const { code, stderr } = await chSync.run(["--once"], { REMOTE_CH_URL: "http://127.0.0.1:9" });
    assert.equal(code, 1);
    assert.ok(stderr.split("\n").includes("[WARN] Remote ClickHouse unhealthy: http://127.0.0.1:9"), stderr);
  });

  await t.step("1: a wrong password, which is not shown", async () => {
    const { code, stderr } = await chSync.run(["--once"], { REMOTE_CH_PASSWORD: "canary-wrong-pw" });
    assert.equal(code, 1);
    assert.match(stderr, /\[ERROR\] ClickHouse execute error: .*remote site/);
    assert.ok(!stderr.includes("canary"), stderr);
  });

  await t.step("1: a native port that the local server cannot reach", async () => {
    await load(sites.dr, "d.t", "2026-01-01", 10);
    const { code, stderr, stdout } = await chSync.run(["--once"], { REMOTE_CH_PORT: "9" });
    assert.equal(code, 1);
    assert.match(stderr, /REMOTE_CH_PORT/);
    assert.ok(!(stderr + stdout).includes("canary"), stderr);
    await sites.dr.query("TRUNCATE TABLE d.t");
  });

  await t.step("1: both URLs lead to the same server", async () => {
    const { code, stderr } = await chSync.run(["--once"], {
      REMOTE_CH_URL: sites.dr.url.replace("127.0.0.1", "localhost"),
      REMOTE_CH_USER: sites.dr.reader.user,
      REMOTE_CH_PASSWORD: sites.dr.reader.password,
    });
    assert.equal(code, 1);
    assert.match(stderr, /the same ClickHouse server/);
  });

  await t.step("3 for a plan with work, 0 once it is done; the passwords are nowhere", async () => {
    const plan = await chSync.run(["--dry-run", "--json"]);
    assert.equal(plan.code, 3);
    const report = JSON.parse(plan.stdout);
    assert.deepEqual([report.exit_code, report.dry_run], [3, true]);
    assert.equal(report.tables[0].findings[0].rows_missing, 100);
    const once = await chSync.run(["--once", "--log-level", "debug"], { LOG_FORMAT: "json" });
    assert.equal(once.code, 0, once.stderr);
    assert.equal(
      JSON.parse(once.stderr.split("\n")[0]!).message,
      "CH-Sync - ClickHouse Data Synchronization",
    );
    const files = await Array.fromAsync(Deno.readDir(`${chSync.directory}/data`));
    const texts = files.map(({ name }) => Deno.readTextFileSync(`${chSync.directory}/data/${name}`));
    const all = [plan.stdout, plan.stderr, once.stdout, once.stderr, ...texts].join("\n");
    assert.ok(!all.includes("canary"));
    assert.match(all, /"query_ids":\["ch-sync-dr-/);
  });

  await t.step("a limited check never touches the verdict", async () => {
    const before = (await chSync.state())!.consecutive_clean;
    assert.equal((await chSync.run(["--once", "--table", "d.t"])).code, 0);
    assert.equal((await chSync.state())!.consecutive_clean, before);
  });

  await t.step("repairs wait while the file pause exists", async () => {
    await load(sites.primary, "d.t", "2026-01-02", 100);
    await Deno.writeTextFile(`${chSync.directory}/data/pause`, "");
    const { code, stdout } = await chSync.run(["--once"]);
    assert.equal(code, 3);
    assert.match(stdout, /repairs are paused/);
    await Deno.remove(`${chSync.directory}/data/pause`);
    assert.equal((await chSync.run(["--once"])).code, 0);
  });
});
