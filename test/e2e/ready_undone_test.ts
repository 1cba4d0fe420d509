/** FAILBACK READY while a check repairs what it found missing: between two real sites, over a slow link. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { end, kill, statements, until } from "../support/program/endings.ts";
import { startSlowLink } from "../support/links/slow_link.ts";
import { sentencesOf, startWebhookSink } from "../support/receivers/webhook_sink.ts";
import { freePort } from "../support/sites/free_port.ts";
import { onBoth } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

/** Bytes a second at which the rows, some 20 MB, take longer than any test waits. */
const SLOW = 500_000;

Deno.test("FAILBACK READY does not stand while a check knows of missing rows", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await using link = startSlowLink(primary.tcpPort);
  await using sink = startWebhookSink();
  const port = freePort();
  await using chSync = await installChSync({
    ...environmentOf("dr", dr, primary),
    REMOTE_CH_PORT: String(link.port),
    MAX_INSERT_THREADS: "1",
    CHECK_INTERVAL: "3600",
    FAILBACK_CLEAN_CHECKS: "2",
    NOTIFY_WEBHOOK: sink.url,
    STATUS_LISTEN: `127.0.0.1:${port}`,
  });
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.wide (ts DateTime('UTC'), n UInt64, text String) ENGINE = MergeTree " +
      "PARTITION BY toYYYYMMDD(ts) ORDER BY n",
  );
  await primary.query(
    "INSERT INTO d.wide SELECT toDateTime('2026-01-01', 'UTC') + number % 86400, number, " +
      "randomPrintableASCII(200) FROM numbers(100000)",
  );
  const lose = () => dr.query("ALTER TABLE d.wide DROP PARTITION ID '20260101'");
  const copying = async () => (await statements(dr)).includes("INSERT INTO");
  const verdict = async () => {
    const { failback_ready, ready_undone, consecutive_clean } = (await chSync.state())!;
    return { ready: failback_ready, undone: ready_undone !== null, clean: consecutive_clean };
  };
  const sentences = async (wanted: number) => {
    await until("the messages", () => sentencesOf(sink.texts).length >= wanted);
    return sentencesOf(sink.texts).splice(-wanted);
  };
  for (const clean of [1, 2]) {
    assert.equal((await chSync.run(["--once"])).code, 0);
    assert.deepEqual(await verdict(), { ready: clean === 2, undone: false, clean });
  }
  await until("FAILBACK READY", () => sentencesOf(sink.texts).some((one) => one.includes("FAILBACK READY")));
  const heard = sentencesOf(sink.texts).length;

  await t.step("state, status, page and metrics say so while rows are copied", async () => {
    await lose();
    link.bytesPerSecond = SLOW;
    const daemon = chSync.start([]);
    await until("the copy", copying);
    assert.deepEqual(await verdict(), { ready: false, undone: true, clean: 2 });
    const { stdout } = await chSync.run(["--status"]);
    assert.match(stdout, /^NOT READY\n {2}- a check found rows missing here at 20/);
    const read = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    assert.match(await read("/metrics"), /^ch_sync_failback_ready 0$/m);
    assert.equal(JSON.parse(await read("/state.json")).failback_ready, false);
    assert.match(await read("/"), /a check found rows missing here at/);
    link.bytesPerSecond = Infinity;
    await daemon.logged("FAILBACK READY");
    assert.match(await read("/metrics"), /^ch_sync_failback_ready 1$/m);
    await end(daemon, "SIGTERM");
  });

  await t.step(
    "it stands again where the check repaired them all, and nobody is told that it was lost",
    async () => {
      assert.deepEqual(await verdict(), { ready: true, undone: false, clean: 3 });
      const later = (await sentences(1)).join();
      assert.match(later, /Sync complete/);
      assert.equal(sentencesOf(sink.texts).slice(heard).some((one) => /READY|not ready/i.test(one)), false);
    },
  );

  await t.step(
    "a check that is killed leaves it undone: clean checks begin anew, and it is said",
    async () => {
      await lose();
      link.bytesPerSecond = SLOW;
      const daemon = chSync.start([]);
      await until("the copy", copying);
      await kill(daemon);
      assert.deepEqual(await verdict(), { ready: false, undone: true, clean: 3 });
      link.bytesPerSecond = Infinity;
      assert.equal((await chSync.run(["--once"])).code, 0);
      assert.deepEqual(await verdict(), { ready: false, undone: false, clean: 1 });
      await until("the message", () => sentencesOf(sink.texts).some((one) => /no longer/i.test(one)));
    },
  );

  await t.step("what a view fills, and is repaired after all others, undoes it too", async () => {
    await onBoth(
      sites,
      "CREATE TABLE d.copied (ts DateTime('UTC'), n UInt64, text String) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY n",
      "INSERT INTO d.copied SELECT * FROM d.wide",
      "CREATE MATERIALIZED VIEW d.copies TO d.copied AS SELECT ts, n, text FROM d.wide",
    );
    for (const clean of [2, 3]) {
      assert.equal((await chSync.run(["--once"])).code, 0);
      assert.deepEqual(await verdict(), { ready: true, undone: false, clean });
    }
    await dr.query("ALTER TABLE d.copied DROP PARTITION ID '20260101'");
    link.bytesPerSecond = SLOW;
    const once = chSync.start(["--once"]);
    await until("the copy", copying);
    assert.deepEqual(await verdict(), { ready: false, undone: true, clean: 3 });
    link.bytesPerSecond = Infinity;
    assert.equal((await once.finished).code, 0, once.log());
    assert.deepEqual(await verdict(), { ready: true, undone: false, clean: 4 });
  });

  await t.step("a check of some tables leaves it as it is", async () => {
    const before = await verdict();
    assert.equal(before.ready, true);
    await dr.query("ALTER TABLE d.copied DROP PARTITION ID '20260101'");
    await lose();
    link.bytesPerSecond = SLOW;
    const once = chSync.start(["--once", "--table", "d.wide"]);
    await until("the copy", copying);
    assert.deepEqual(await verdict(), before);
    link.bytesPerSecond = Infinity;
    assert.equal((await once.finished).code, 0);
    assert.deepEqual(await verdict(), before);
  });
});
