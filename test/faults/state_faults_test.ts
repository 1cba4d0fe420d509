/** State directories that are full, closed, torn, of another time or of another version: never ready by mistake. */
import assert from "node:assert/strict";
import { type ChSync, environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

/** `--once` for as often as it takes to be ready. */
async function makeReady(chSync: ChSync): Promise<void> {
  const { code, stderr } = await chSync.run(["--once"]);
  assert.equal(code, 0, stderr);
  assert.match(await verdict(chSync), /^FAILBACK READY/);
}

async function verdict(chSync: ChSync): Promise<string> {
  return (await chSync.run(["--status"])).stdout.split("\n")[0]!;
}

Deno.test("never ready by mistake, whatever happens to the state directory", async (t) => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [sites.primary, sites.dr]) await load(site, "d.t", "2026-01-01", 1000);
  const environment = { ...environmentOf("dr", sites.dr, sites.primary), FAILBACK_CLEAN_CHECKS: "1" };
  await using chSync = await installChSync(environment);
  const path = `${chSync.directory}/data/ch-sync-state.json`;
  const change = async (fields: Record<string, unknown>) =>
    await Deno.writeTextFile(path, JSON.stringify({ ...await chSync.state(), ...fields }));

  await t.step("a clock that jumps back by a day", async () => {
    await makeReady(chSync);
    const tomorrow = Date.now() + 86_400_000;
    await change({
      last_check: new Date(tomorrow).toISOString(),
      ready_until: new Date(tomorrow + 600_000).toISOString(),
    });
    const { stdout } = await chSync.run(["--status"]);
    assert.match(stdout, /^NOT READY\n {2}- the last check, at .*, lies in the future/);
    await makeReady(chSync);
    assert.ok(Date.parse(String((await chSync.state())!.ready_until)) < tomorrow);
  });

  await t.step("a state that is torn at any place", async () => {
    const whole = await Deno.readTextFile(path);
    for (const share of [0, 0.3, 0.7, 0.99]) {
      await Deno.writeTextFile(path, whole.slice(0, Math.floor(whole.length * share)));
      assert.equal(await verdict(chSync), "");
    }
    const { code, stderr } = await chSync.run(["--once"], { FAILBACK_CLEAN_CHECKS: "2" });
    assert.equal(code, 0);
    assert.match(stderr, /^\[WARN\] The state file .* is not valid: .*set aside as .*\.corrupt-/m);
    assert.equal(await verdict(chSync), "NOT READY");
  });

  await t.step("a state of a newer version", async () => {
    await makeReady(chSync);
    await change({ version: 99 });
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 1);
    assert.match(stderr, /format 99\b.*\b1\b.*newer ch-sync/);
    assert.equal(await verdict(chSync), "");
    await change({ version: 1 });
  });

  await t.step("a memory file that is garbage is said, and costs nothing but time", async () => {
    const memory = `${chSync.directory}/data/ch-sync-memory.sqlite`;
    assert.equal((await Deno.stat(memory)).mode! & 0o777, 0o600);
    await Deno.writeTextFile(memory, '{"tables": [[['.repeat(100));
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /ch-sync-memory\.sqlite, is not valid: .*, set aside as .*\.corrupt-/);
    assert.doesNotMatch((await chSync.run(["--once"])).stderr, /is not valid/, "it is said once");
  });

  await t.step("a disk that is full when rows went missing", async () => {
    await makeReady(chSync);
    await sites.primary.query("ALTER TABLE d.t ADD COLUMN late UInt8"); // drift: not clean, and not repaired
    await Deno.mkdir(`${path}.tmp/occupied`, { recursive: true }); // nothing can be written any more
    const { code, stderr } = await chSync.run(["--once"]);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^\[ERROR\] Cannot write the state file .*free space$/m,
    );
    assert.equal(await verdict(chSync), "");
    await Deno.remove(`${path}.tmp`, { recursive: true });
    await sites.primary.query("ALTER TABLE d.t DROP COLUMN late");
  });

  await t.step("a state directory that cannot be made", async () => {
    const STATE_FILE = "/proc/ch-sync/state.json";
    const { code, stderr } = await chSync.run(["--once"], { STATE_FILE });
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^\[ERROR\] Cannot open the lock \/proc\/ch-sync\/ch-sync\.lock: .*owner/m,
    );
  });
});
