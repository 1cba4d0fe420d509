/** A daemon whose configuration is read again while it runs, between two real sites. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { end, until } from "../support/program/endings.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { startWebhookSink } from "../support/receivers/webhook_sink.ts";

Deno.test("SIGHUP and reload take a new configuration over as a whole, and keep the old one if it is wrong", async (t) => {
  await using sites = await startTwoSites();
  await using sink = startWebhookSink();
  const { primary, dr } = sites;
  await using chSync = await installChSync({});
  const path = `${chSync.directory}/.env`;
  const environment = {
    ...environmentOf("dr", dr, primary),
    CHECK_INTERVAL: "3600",
    FAILBACK_CLEAN_CHECKS: "1",
  };
  const write = (more: Record<string, string>) =>
    Deno.writeTextFile(
      path,
      Object.entries({ ...environment, ...more }).map(([name, text]) => `${name}=${text}\n`).join(""),
      { mode: 0o600 },
    );
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"), telemetryTable("d.u"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 100);
  await write({});
  const daemon = chSync.start([]);
  await daemon.logged("FAILBACK READY");
  const hangUp = async (said: string) => {
    const before = daemon.log().length;
    daemon.child.kill("SIGHUP");
    await until(said, () => daemon.log().slice(before).includes(said));
    return daemon.log().slice(before);
  };
  const clean = async () => (await chSync.state())!.consecutive_clean;
  const begun = () => daemon.log().split("Active site: ").length - 1;

  await t.step(
    "one that is wrong changes nothing, and says all that is wrong, without its secrets",
    async () => {
      await write({ CHECK_INTERVAL: "often", NOTIFY_WEBHOOK: "canary-webhook", SETTLE_SECONDS: "-1" });
      const said = await hangUp("SETTLE_SECONDS=-1 must be");
      assert.match(
        said,
        /^\[ERROR\] SIGHUP: .*configuration is wrong/m,
      );
      assert.match(said, /^\[ERROR\] CHECK_INTERVAL=often must be/m);
      assert.ok(!said.includes("canary"), said);
      const { code, stdout } = await chSync.run(["reload"]);
      assert.deepEqual([code, stdout.split("\n").length], [2, 5], stdout);
      await Deno.remove(path);
      assert.match((await chSync.run(["reload"])).stdout, /^No setting was read from \/.*\.env: /m);
      assert.match(await hangUp("stays in force"), /wrong/);
      await write({});
      await hangUp("The configuration was read again: nothing changed");
      assert.deepEqual([begun(), await clean()], [1, 1]);
    },
  );

  await t.step("what the streak of clean checks depends on begins it afresh, at once", async () => {
    await write({ CH_EXCLUDE_PATTERNS: "d.u", FAILBACK_CLEAN_CHECKS: "2" });
    await hangUp("the next check begins with what changed: FAILBACK_CLEAN_CHECKS, CH_EXCLUDE_PATTERNS");
    await until("the next check", () => begun() === 2);
    await until("its state", async () => !(await chSync.state())!.failback_ready);
    assert.equal(await clean(), 1);
  });

  await t.step("messages go to the new address, and what needs a restart is told", async () => {
    await write({
      CH_EXCLUDE_PATTERNS: "d.u",
      FAILBACK_CLEAN_CHECKS: "2",
      NOTIFY_WEBHOOK: sink.url,
      STATE_FILE: "data/other.json",
    });
    const { code, stdout } = await chSync.run(["reload"], { CHECK_INTERVAL: "1800" });
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /what changed: CHECK_INTERVAL, NOTIFY_WEBHOOK\nSTATE_FILE changes at a restart only/,
    );
    // What came from the environment of the verb does so still.
    assert.match(await hangUp("STATE_FILE changes at a restart only"), /nothing changed/);
    await until("FAILBACK READY", () => sink.texts.some((text) => text.includes("FAILBACK READY")));
    assert.equal(await clean(), 2);
    assert.ok(!daemon.log().includes(new URL(sink.url).pathname));
  });

  await t.step(
    "a check that runs is stopped, and the next one knows nothing but the new settings",
    async () => {
      // It waits for this site's answer, and is told of another site meanwhile.
      await load(primary, "d.t", "2026-01-02", 100);
      const before = begun();
      assert.equal((await chSync.run(["check"])).code, 0);
      await until("the check", () => begun() > before);
      await write({ ACTIVE_SITE: "dr", FAILBACK_CLEAN_CHECKS: "2", NOTIFY_WEBHOOK: sink.url });
      await hangUp("The configuration was read again");
      await daemon.logged("Active site: dr (we are: dr)");
      await end(daemon, "SIGTERM");
      const checks = daemon.log().split("Active site: ").slice(1);
      assert.match(
        checks.at(-2)!,
        /^primary[^]*(Repaired d\.t partition 20260102: 100 rows|Stopped in the middle of a check)/,
      );
      assert.match(checks.at(-1)!, /^dr \(we are: dr\)/);
      assert.equal((await chSync.state())!.active_site, "dr");
    },
  );
});
