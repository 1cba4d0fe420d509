/** Messages and the heartbeat, from processes that end, are killed and start again, to a real HTTP server. */
import assert from "node:assert/strict";
import { type ChSync, environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { end, kill, until } from "../support/program/endings.ts";
import { freePort } from "../support/sites/free_port.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { sentencesOf, startWebhookSink, type WebhookSink } from "../support/receivers/webhook_sink.ts";

const GAP = "⚠️ CH-Sync: 1 tables have data gaps";
const SYNCED = "✅ CH-Sync: Sync complete. 1 partitions synced";
const READY = "🟢 CH-Sync: FAILBACK READY. All tables synced";
const LOST = "🔴 CH-Sync: No longer ready for failback";

/** The sentences of what was accepted since the last look. */
function heard({ texts }: WebhookSink): string[] {
  return sentencesOf(texts.splice(0));
}

const queueFile = ({ directory }: ChSync) => `${directory}/data/ch-sync-messages.json`;

/** The sentences of what waits on disk, in order. */
async function waiting(chSync: ChSync): Promise<string[]> {
  const text = await Deno.readTextFile(queueFile(chSync)).catch(() => '{"messages": []}');
  const news: { sentence: string; also?: { sentence: string }[] }[] = JSON.parse(text).messages;
  return news.flatMap(({ sentence, also = [] }) => [sentence, ...also.map(({ sentence }) => sentence)]);
}

/** As if the pause before the next attempt were over. */
async function forgetPause(chSync: ChSync): Promise<void> {
  const text = await Deno.readTextFile(queueFile(chSync));
  await Deno.writeTextFile(queueFile(chSync), text.replace(/"not_before": "[^"]+"/, '"not_before": null'));
}

Deno.test("messages outlive the process that made them", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const port = freePort();
  const NOTIFY_WEBHOOK = `http://127.0.0.1:${port}/canary-webhook-path`;
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, primary),
    NOTIFY_WEBHOOK,
    CHECK_INTERVAL: "1",
    FAILBACK_CLEAN_CHECKS: "2",
  });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(primary, "d.t", "2026-01-01", 100);

  await t.step(
    "a daemon that is killed while nobody listens leaves them on disk, without the URL",
    async () => {
      const daemon = chSync.start([]);
      await daemon.logged("NOTIFY_WEBHOOK did not accept a message (no answer)");
      await daemon.logged("[INFO] FAILBACK READY");
      await kill(daemon);
      assert.deepEqual(await waiting(chSync), [GAP, SYNCED, READY]);
      assert.equal((await Deno.stat(queueFile(chSync))).mode! & 0o777, 0o600);
      assert.ok(!(await Deno.readTextFile(queueFile(chSync)) + daemon.log()).includes("canary"));
    },
  );

  await t.step("the next daemon delivers them in order, each once, and nothing again", async () => {
    await forgetPause(chSync);
    await using sink = startWebhookSink(port);
    const daemon = chSync.start([]);
    await until("both: one of the first check, one of the second", () => sink.texts.length >= 2);
    const sofar = daemon.log().split("All tables in sync").length;
    await until("two more checks", () => daemon.log().split("All tables in sync").length > sofar + 2);
    assert.deepEqual(heard(sink), [GAP, SYNCED, READY]);
    await end(daemon, "SIGTERM");
    assert.deepEqual(await waiting(chSync), []);
  });

  await t.step(
    "--once leaves what nobody took to the next one, and asks as late as it was told to",
    async () => {
      await using sink = startWebhookSink(port);
      sink.behaviour = { status: 429, retryAfter: "3000" };
      await load(primary, "d.t", "2026-01-02", 100);
      const first = await chSync.run(["--once"]);
      assert.equal(first.code, 0, first.stderr);
      assert.match(
        first.stderr,
        /^\[INFO\] 1 message has not been sent yet/m,
      );
      sink.behaviour = { status: 200 };
      await chSync.run(["--once"]);
      assert.deepEqual([sink.requests, await waiting(chSync)], [1, [GAP, SYNCED]]);
      await forgetPause(chSync);
      assert.equal((await chSync.run(["--once"])).code, 0);
      assert.deepEqual(heard(sink), [GAP, SYNCED]);
      assert.deepEqual(await waiting(chSync), []);
    },
  );

  await t.step("--dry-run and --status send nothing and leave the queue as it is", async () => {
    await using sink = startWebhookSink(port);
    sink.behaviour = { status: 429, retryAfter: "3000" };
    await load(primary, "d.t", "2026-01-03", 100);
    await chSync.run(["--once"]);
    await forgetPause(chSync);
    const queued = await Deno.readTextFile(queueFile(chSync));
    sink.behaviour = { status: 200 };
    for (const args of [["--dry-run"], ["--status"]]) await chSync.run(args);
    assert.equal(sink.requests, 1);
    assert.equal(await Deno.readTextFile(queueFile(chSync)), queued);
  });

  await t.step("a queue that is cut off is set aside, and the check goes on", async () => {
    await using sink = startWebhookSink(port);
    await Deno.truncate(queueFile(chSync), 100);
    await load(primary, "d.t", "2026-01-04", 100);
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^\[WARN\] The messages that waited in .* set aside as .*\.corrupt-/m);
    assert.deepEqual(heard(sink), [SYNCED], "the table had a gap at the check before, too");
  });

  await t.step("FAILBACK READY that nobody took is not said once it does not hold any more", async () => {
    await using sink = startWebhookSink(port);
    sink.behaviour = { status: 429, retryAfter: "3000" };
    const refuse = { REMOTE_CH_URL: `http://127.0.0.1:${freePort()}` };
    await chSync.run(["--once"], refuse);
    for (let clean = 0; clean < 2; clean++) await chSync.run(["--once"]);
    assert.equal((await chSync.state())!.failback_ready, true);
    assert.equal((await waiting(chSync)).at(-1), READY);
    sink.behaviour = { status: 200 };
    await forgetPause(chSync);
    const { stderr } = await chSync.run(["--once"], refuse);
    const said = heard(sink);
    assert.ok(!said.includes(READY), said.join("\n"));
    assert.equal(said.at(-1), LOST);
    assert.match(
      stderr,
      /A message was not delivered \(it is no longer true\): 🟢 CH-Sync: FAILBACK READY/,
    );
  });

  await t.step("bad news is told also where the state cannot be written, and once", async () => {
    await using sink = startWebhookSink(port);
    for (let clean = 0; clean < 2; clean++) await chSync.run(["--once"]);
    assert.equal(heard(sink).at(-1), READY);
    const inTheWay = `${chSync.directory}/data/ch-sync-state.json.tmp`;
    await Deno.mkdir(`${inTheWay}/x`, { recursive: true });
    const refuse = { REMOTE_CH_URL: `http://127.0.0.1:${freePort()}` };
    for (let times = 0; times < 2; times++) {
      const { stderr } = await chSync.run(["--once"], refuse);
      assert.match(stderr, /Cannot write the state file/);
    }
    assert.deepEqual(heard(sink), ["❌ CH-Sync: The remote ClickHouse does not answer", LOST]);
    assert.deepEqual(await waiting(chSync), []);
    await Deno.remove(inTheWay, { recursive: true });
    await chSync.run(["--once"], refuse);
    heard(sink);
  });

  await t.step("a site that is NOT READY for a day says so again, once", async () => {
    await using sink = startWebhookSink(port);
    const refuse = { REMOTE_CH_URL: `http://127.0.0.1:${freePort()}` };
    const path = `${chSync.directory}/data/ch-sync-state.json`;
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    const state = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...state, told_not_ready: yesterday }));
    for (let times = 0; times < 2; times++) await chSync.run(["--once"], refuse);
    assert.deepEqual(heard(sink), ["🟠 CH-Sync: Still not ready for failback"]);
    assert.match(sink.bodies[0]!, /no answer from the remote ClickHouse/);
  });

  await t.step("the monitor hears of whole checks that compared something, and of no others", async () => {
    await using monitor = startWebhookSink();
    const beats = async (args: string[], more: Record<string, string> = {}) => {
      const before = monitor.requests;
      await chSync.run(args, { HEARTBEAT_URL: monitor.url, NOTIFY_WEBHOOK: "", ...more });
      return monitor.requests - before;
    };
    assert.equal(await beats(["--once"]), 1);
    assert.equal(await beats(["--dry-run"]), 0, "nothing was repaired");
    assert.equal(await beats(["--once", "--table", "d.t"]), 0, "limited");
    assert.equal(await beats(["--once"], { ACTIVE_SITE: "dr" }), 0, "this site is the active one");
    assert.equal(await beats(["--once"], { CH_EXCLUDE_PATTERNS: "d.*" }), 0, "all is excluded");
    assert.equal(
      await beats(["--once"], { REMOTE_CH_URL: `http://127.0.0.1:${freePort()}` }),
      0,
      "no answer",
    );
    assert.equal(await beats(["--once"], { REMOTE_CH_PORT: String(freePort()) }), 0, "no repair could work");
    await load(primary, "d.t", "2026-01-05", 100);
    assert.equal(await beats(["--once"]), 1);
  });

  await t.step(
    "one check sends one message, with everything that is open, and nothing of switching back",
    async () => {
      await using sink = startWebhookSink(port);
      await onBoth(sites, telemetryTable("d.u"));
      await primary.query("ALTER TABLE d.u ADD COLUMN more String");
      await load(primary, "d.t", "2026-01-06", 100);
      await chSync.run(["--once"]);
      assert.equal(sink.texts.length, 1, sink.texts.join("\n"));
      const [text] = sink.texts;
      assert.match(text!, /data gaps\n[^]*Sync complete\. 1 partitions[^]*Not everything is here yet/);
      assert.match(text!, /\nStill open:\n• drifted \(.*\): d\.u\n/);
      assert.doesNotMatch(text!, /switch back/);
      await chSync.run(["pause", "--reason", "a drill"]);
      await load(primary, "d.t", "2026-01-07", 100);
      await primary.query("CREATE TABLE d.v AS d.t");
      await chSync.run(["--once"]);
      assert.match(sink.texts[1]!, /\nPAUSED \(a drill\): .*\nStill open:\n• [^]*: d\.v\n/);
      await chSync.run(["resume"]);
    },
  );

  await t.step("an active site that is unknown, and known again, is told once each", async () => {
    await using sink = startWebhookSink(port);
    const unknown = { ACTIVE_SITE: "auto", DNS_SERVER: `127.0.0.1:${freePort()}` };
    for (let times = 0; times < 2; times++) await chSync.run(["--once"], unknown);
    assert.deepEqual(heard(sink), ["❓ CH-Sync: The active site is unknown"]);
    await chSync.run(["--once"]);
    const [first] = heard(sink);
    assert.equal(first, "✅ CH-Sync: The active site is known again: primary");
    await chSync.run(["--once"], { ACTIVE_SITE: "dr" });
    assert.deepEqual(heard(sink), ["🔀 CH-Sync: The active site is now dr"]);
  });
});
