/** Verbs: what an operator tells a running daemon at night, between two real sites. */
import assert from "node:assert/strict";
import { environmentOf, installChSync, type Running } from "../support/program/ch_sync.ts";
import { end, kill, until } from "../support/program/endings.ts";
import { content, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { freePort } from "../support/sites/free_port.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

/** Connections of verbs that a daemon has taken up. */
function askers({ child }: Running): number {
  const files = `/proc/${child.pid}/fd`;
  const own = new Set([...Deno.readDirSync(files)].map(({ name }) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`${files}/${name}`))?.[1];
    } catch {
      return undefined; // it was closed meanwhile
    }
  }));
  const connected = /\b03 +(\d+) .*\/\.ch-sync\/s$/;
  return Deno.readTextFileSync("/proc/net/unix").split("\n")
    .filter((line) => own.has(connected.exec(line)?.[1] ?? "none")).length;
}

Deno.test("verbs pause and resume a running daemon, have it check, and accept what it refuses", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const port = freePort();
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, primary),
    CHECK_INTERVAL: "3600",
    CONNECT_TIMEOUT_MS: "60000", // a check of a site that hangs lasts as long as the step needs
    STATUS_LISTEN: `127.0.0.1:${port}`,
  });
  const data = `${chSync.directory}/data`;
  const said = async (args: string[], code = 0) => {
    const done = await chSync.run(args);
    assert.equal(done.code, code, done.stdout + done.stderr);
    return done.stdout + done.stderr;
  };
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 100);

  await t.step("without a state directory, or a daemon, they say so and change nothing", async () => {
    for (const verb of [["pause"], ["resume"], ["check"], ["accept", "d.t"]]) {
      assert.match(await said(verb, 1), /^\[ERROR\] There is no state directory data/);
    }
    assert.match(await said(["pause", "--for", "2x"], 2), /^--for=2x must be a span of time/);
    assert.match(await said(["pasue"], 2), /did you mean pause\?/);
    assert.deepEqual([...Deno.readDirSync(chSync.directory)], []);
    await Deno.mkdir(data, { mode: 0o700 });
    assert.match(
      await said(["check"], 1),
      /No daemon runs .*\bdata\b.*: ch-sync --once$/m,
    );
    assert.match(await said(["accept", "d.t:1"], 1), /run: ch-sync --once --accept d\.t:1$/m);
    assert.equal(await said(["resume"]), "Repairs were not paused\n");
    const misspelt = await chSync.run(["pause"], { STATE_FIEL: "elsewhere/state.json" });
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /STATE_FIEL .*did you mean STATE_FILE/);
    await Deno.chmod(data, 0o707);
    assert.match(await said(["reload"], 1), /other users may write to its directory/);
    await Deno.chmod(data, 0o700);
    assert.deepEqual([...Deno.readDirSync(data)], []);
  });

  const daemon = chSync.start([]);
  let checks = 1;
  const checked = async () => {
    await until(`check ${checks}`, () => daemon.log().split("Active site: ").length > checks);
    await until("its end", async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      const ended = [...(await response.text()).matchAll(/^ch_sync_checks_total\{.*\} (\d+)$/gm)];
      return ended.reduce((sum, [, number]) => sum + Number(number), 0) >= checks;
    });
    checks++;
  };
  await checked();

  await t.step("a pause stands first wherever there is a verdict, and nothing is repaired", async () => {
    const line = /^PAUSED until 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC \(queues <b>drain<\/b>\): checks go on/;
    assert.match(await said(["pause", "--for", "2h", "--reason", "queues <b>drain</b>"]), line);
    assert.equal((await Deno.stat(`${data}/pause`)).mode! & 0o777, 0o600);
    await load(primary, "d.t", "2026-01-02", 50);
    assert.match(await said(["check"]), /^The daemon checks now/);
    await checked();
    assert.match(daemon.log(), /d\.t partition 20260102: missing: .*repairs are paused until /);
    assert.notEqual(await content(dr, "d.t"), await content(primary, "d.t"));
    assert.match(await said(["--status"]), line);
    assert.equal(JSON.parse(await said(["--status", "--json"])).paused.reason, "queues <b>drain</b>");
    assert.match((await chSync.run(["--dry-run"])).stdout, line);
    assert.match((await chSync.run(["--evidence", "e.md"])).stdout, line);
    assert.match(await Deno.readTextFile(`${chSync.directory}/e.md`), /^#.*\n\n\*\*PAUSED until /);
    assert.equal(
      JSON.parse(await Deno.readTextFile(`${chSync.directory}/e.md.json`)).paused.since.length,
      24,
    );
    const served = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    assert.match(await served("/"), /<header[^>]*><p class="paused">PAUSED until .*&lt;b&gt;drain/);
    assert.match(await served("/"), /1 waits for the end of the pause/);
    assert.match(await served("/metrics"), /^ch_sync_paused 1$/m);
    assert.equal(JSON.parse(await served("/state.json")).paused.reason, "queues <b>drain</b>");
  });

  await t.step("resume ends it, and the next check repairs", async () => {
    assert.match(await said(["resume"]), /^Repairs go on/);
    assert.equal(await said(["resume"]), "Repairs were not paused\n");
    await said(["check"]);
    await checked();
    assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
    assert.match(await said(["--status"]), /^NOT READY/);
  });

  await t.step("a pause whose time is over holds nothing back", async () => {
    await said(["pause", "--for", "1s"]);
    await until("its end", async () => (await said(["--status"])).startsWith("NOT READY"));
    await load(primary, "d.t", "2026-01-03", 50);
    await said(["check"]);
    await checked();
    assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
  });

  await t.step(
    "accept waits for the check that repairs what was refused, and says what came of it",
    async () => {
      await dr.query("DELETE FROM d.t WHERE toYYYYMMDD(ts) = 20260101 AND cityHash64(toString(ts)) % 3 = 0");
      await said(["check"]);
      await checked();
      assert.match(daemon.log(), /d\.t partition 20260101: deleted/);
      assert.match(await said(["accept", "d.t:20260101"]), /^d\.t partition 20260101: partial, repaired: /);
      checks++;
      assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
    },
  );

  await t.step("accept that is broken off while it waits for a check is not carried out later", async () => {
    await dr.query("DELETE FROM d.t WHERE toYYYYMMDD(ts) = 20260101 AND cityHash64(toString(ts)) % 3 = 1");
    Deno.kill(primary.server.pid, "SIGSTOP");
    try {
      await said(["check"]);
      await until("a check under way", async () => /A check is running/.test(await said(["check"])));
      for (const signal of ["SIGINT", "SIGKILL"] as const) {
        await until("silence", () => askers(daemon) === 0);
        const waits = chSync.start(["accept", "d.t:20260101"]);
        await until("its connection", () => askers(daemon) > 0);
        waits.child.kill(signal);
        const { code, stderr } = await waits.finished;
        if (signal === "SIGINT") assert.match(stderr, /^\[ERROR\] Broken off: what no check has taken up/);
        assert.notEqual(code, 0);
        await until("its end", () => askers(daemon) === 0);
      }
    } finally {
      Deno.kill(primary.server.pid, "SIGCONT");
    }
    // The check under way, the one that was asked for, and one that is asked for now.
    checks++;
    await checked();
    await said(["check"]);
    await checked();
    assert.notEqual(await content(dr, "d.t"), await content(primary, "d.t"));
    assert.match(await said(["accept", "d.t:20260101"]), /partial, repaired: /);
    checks++;
    assert.equal(await content(dr, "d.t"), await content(primary, "d.t"));
  });

  await t.step(
    "what cannot be accepted is told with exit code 2, and an ordinary check follows",
    async () => {
      const before = (await chSync.state())!.consecutive_clean;
      const [partition, table] = await Promise.all(
        ["d.t:20250101", "d.none"].map((name) => said(["accept", name], 2)),
      );
      assert.match(
        partition!,
        /^accept d\.t:20250101: nothing in it is refused/,
      );
      assert.match(table!, /^No table of this name at either site: d\.none/);
      await until("a clean check", async () => (await chSync.state())!.consecutive_clean !== before);
    },
  );

  await t.step(
    "the socket is the owner's alone, goes with the daemon, and is made anew after a crash",
    async () => {
      assert.equal((await Deno.stat(`${data}/ch-sync.sock`)).mode! & 0o777, 0o600);
      await kill(daemon);
      assert.match(await said(["check"], 1), /No daemon runs/);
      const next = chSync.start([], { CHECK_INTERVAL: "3600", STATUS_LISTEN: "off" });
      await until("the next daemon", async () => (await chSync.run(["check"])).code === 0);
      await end(next, "SIGTERM");
      assert.deepEqual([...Deno.readDirSync(data)].filter(({ name }) => /sock|^\.|tmp/.test(name)), []);
    },
  );
});
