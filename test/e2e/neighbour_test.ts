/** vm-sync beside ch-sync: both verdicts wherever one is said, between two real sites. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { end, until } from "../support/program/endings.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { freePort } from "../support/sites/free_port.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { startWebhookSink } from "../support/receivers/webhook_sink.ts";

Deno.test("ch-sync says SAFE FOR BOTH only where vm-sync is ready, too, and stays ready by itself", async (t) => {
  await using sites = await startTwoSites();
  await using sink = startWebhookSink();
  const { primary, dr } = sites;
  const port = freePort();
  await using chSync = await installChSync({
    ...environmentOf("primary", primary, dr),
    CHECK_INTERVAL: "3600",
    FAILBACK_CLEAN_CHECKS: "1",
    NEIGHBOUR_STATE_FILE: "vm-sync-state.json",
    NOTIFY_WEBHOOK: sink.url,
    STATUS_LISTEN: `127.0.0.1:${port}`,
  });
  const path = `${chSync.directory}/vm-sync-state.json`;
  /** As vm-sync would have written it some minutes ago. */
  const write = (fields: Record<string, unknown> = {}, minutesAgo = 1) => {
    const from = Date.now() - minutesAgo * 60_000;
    const state = {
      last_check: new Date(from).toISOString(),
      consecutive_clean: 3,
      failback_ready: true,
      ready_until: new Date(from + 600_000).toISOString(),
      active_site: "dr",
      last_error: null,
    };
    return Deno.writeTextFile(path, JSON.stringify({ ...state, ...fields }), { mode: 0o600 });
  };
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 100);
  const status = async () => (await chSync.run(["--status"])).stdout;

  await t.step("FAILBACK READY says that vm-sync cannot be asked, and not to switch back yet", async () => {
    const daemon = chSync.start([]);
    await until("the message", () => sink.texts.length > 0);
    assert.equal((await chSync.run(["check"])).code, 0);
    await until("a check that has no news", async () => (await chSync.state())!.consecutive_clean === 2);
    assert.equal(sink.texts.length, 1);
    assert.match(
      sink.texts[0]!,
      /FAILBACK READY\. All tables synced\n• NOT SAFE FOR BOTH \(ch-sync: ready; vm-sync: not ready\)\n• vm-sync: .*no such file.*\nDo not switch back before/,
    );
    const served = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    assert.match(
      await served("/"),
      /<header class="verdict not_ready"><h1>FAILBACK READY<.*NOT SAFE FOR BOTH/s,
    );
    await write();
    assert.equal((await chSync.run(["check"])).code, 0);
    await until("the news", () => sink.texts.length === 2);
    assert.match(
      sink.texts[1]!,
      /^🟢 CH-Sync: vm-sync is ready now, too\n• SAFE FOR BOTH until .*\nIt is safe to switch back as/,
    );
    assert.equal((await chSync.run(["check"])).code, 0);
    await until("another check", async () => (await chSync.state())!.consecutive_clean === 4);
    assert.match(
      await served("/"),
      /<header class="verdict ready"><h1>FAILBACK READY<.*>SAFE FOR BOTH until /s,
    );
    const { neighbour, safe_for_both, failback_ready } = JSON.parse(await served("/state.json"));
    assert.deepEqual([neighbour.ready, safe_for_both, failback_ready], [true, true, true]);
    await end(daemon, "SIGTERM");
    assert.equal(sink.texts.length, 2, "said once");
  });

  await t.step("a link is read as what it leads to, if nobody else may write there", async () => {
    const [real, open] = [`${chSync.directory}/vm`, `${chSync.directory}/open`];
    for (const directory of [real, open]) await Deno.mkdir(directory, { mode: 0o700 });
    await Deno.chmod(open, 0o707);
    for (
      const [target, link, said] of [
        [`${real}/s.json`, path, /^FAILBACK READY.*\nSAFE FOR BOTH until /],
        [`${open}/s.json`, path, /NOT SAFE FOR BOTH.*\n.*other users may write to it or to its directory/],
        [`${real}/s.json`, `${open}/link.json`, /NOT SAFE FOR BOTH.*\n.*other users may write/],
      ] as const
    ) {
      await write();
      await Deno.rename(path, target);
      await Deno.symlink(target, link);
      const { stdout } = await chSync.run(["--status"], { NEIGHBOUR_STATE_FILE: link });
      assert.match(stdout, said);
      await Deno.remove(link);
    }
    await write();
  });

  await t.step("--status and the evidence say both verdicts, and exit as ever", async () => {
    assert.match(await status(), /^FAILBACK READY.*\nSAFE FOR BOTH until /);
    await write({ failback_ready: false, ready_until: null, last_error: "http://u:canary@vm/ <b>\u001b[2J" });
    assert.match(await status(), /^FAILBACK READY.*\nNOT SAFE FOR BOTH .*\n {2}- vm-sync: it says NOT READY/);
    const again = await chSync.run(["--evidence", "e.md"]);
    assert.equal(again.code, 0, "ch-sync's own verdict");
    assert.match(
      again.stdout,
      /^SAFE to switch back to the primary site, for ClickHouse alone\nNOT SAFE FOR BOTH/,
    );
    const [text, made] = await Promise.all(
      ["e.md", "e.md.json"].map((file) => Deno.readTextFile(`${chSync.directory}/${file}`)),
    );
    assert.match(text!, /\*\*NOT SAFE FOR BOTH/);
    assert.equal(JSON.parse(made!).safe_for_both, false);
    assert.ok(!/canary|\p{Cc}\[2J/u.test(again.stdout + text + made));
    assert.ok(!text!.includes("<b>"), "no markup");
  });

  await t.step("what is old, damaged or of another mind is not safe for both", async () => {
    for (
      const [fields, minutesAgo, why] of [
        [{ ready_until: "2999-01-01T00:00:00Z" }, 60 * 24, /too old/],
        [{ active_site: "primary" }, 1, /sees primary as the active site/],
      ] as const
    ) {
      await write(fields, minutesAgo);
      const said = await status();
      assert.match(said, /^FAILBACK READY.*\nNOT SAFE FOR BOTH/);
      assert.match(said, why);
    }
    const json = JSON.parse((await chSync.run(["--status", "--json"])).stdout);
    assert.deepEqual([json.failback_ready, json.safe_for_both, json.neighbour.ready], [true, false, false]);
  });
});
