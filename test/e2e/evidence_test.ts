/** `--evidence` as an operator with a change ticket uses it, on two real sites. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { schemaOf } from "../support/json_schema.ts";
import { everything, load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("evidence for a failback", async (t) => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 500);
  await dr.query("INSERT INTO d.t SELECT '2026-01-01 10:00:00', 'only here', 1, 1, map()");
  await using chSync = await installChSync(environmentOf("dr", dr, primary));
  const make = async (more: Record<string, string> = {}) => {
    const finished = await chSync.run(["--evidence", "failback.md"], more);
    const text = await Deno.readTextFile(`${chSync.directory}/failback.md`);
    const json = JSON.parse(await Deno.readTextFile(`${chSync.directory}/failback.md.json`));
    schemaOf("evidence")(json);
    return { ...finished, text, json };
  };

  await t.step("before three clean checks: not safe, and it says why; nothing is changed", async () => {
    const before = [await everything(primary), await everything(dr)];
    const { code, stdout, text, json } = await make();
    assert.equal(code, 3);
    assert.match(
      stdout,
      /^NOT SAFE to switch back to the DR site\n {2}- at the last recorded check: no check/,
    );
    assert.match(text.split("\n")[2]!, /^\*\*NOT SAFE/);
    assert.equal(json.tables[0].verdict, "complete");
    assert.deepEqual([await everything(primary), await everything(dr)], before);
    assert.equal(await chSync.state(), null);
  });

  await t.step("after them: safe, with digests that an operator can compute", async () => {
    for (let n = 0; n < 3; n++) assert.equal((await chSync.run(["--once"])).code, 0);
    const { code, text, json } = await make();
    assert.equal(code, 0);
    assert.match(text, /\*\*SAFE to switch back to the DR site\.\*\*/);
    const [table] = json.tables;
    assert.deepEqual([table.active.rows, table.rows_surplus, table.here], ["500", "1", null]);
    assert.match(text, /\| d\.t \| complete \| 1 \| 500 \| \d+ \| 1 row more \|/);
    assert.equal(json.sites[1].role, "active");
    assert.match(json.sites[0].version, /^\d+\.\d+/);
    assert.equal((await Deno.stat(`${chSync.directory}/failback.md`)).mode! & 0o777, 0o600);
    for (const secret of [dr.writer.password, primary.reader.password]) {
      assert.ok(!(text + JSON.stringify(json)).includes(secret));
    }
  });

  await t.step("other settings than those of the recorded checks: not safe", async () => {
    const { code, json } = await make({ SETTLE_SECONDS: "86400" });
    assert.equal(code, 3);
    assert.match(json.reasons[0], /the recorded checks ran with other settings/);
  });

  await t.step("rows that went missing since: not safe, although the state says ready", async () => {
    await load(primary, "d.t", "2026-01-02", 30);
    const { code, json } = await make();
    assert.equal(code, 3);
    assert.deepEqual(json.reasons, ["missing: 1 finding in 1 table, 30 rows missing"]);
    assert.equal((await chSync.state())!.failback_ready, true);
  });

  await t.step("at the active site, and without an answer: not safe", async () => {
    const active = await make({ ACTIVE_SITE: "dr" });
    assert.match(active.json.reasons[0], /this site is the active one/);
    assert.equal(active.code, 3);
    const down = await make({ REMOTE_CH_URL: "http://127.0.0.1:9" });
    assert.equal(down.code, 1);
    assert.match(down.json.reasons[0], /no answer from the remote ClickHouse/);
  });

  await t.step("a file that is no evidence is left alone", async () => {
    const path = `${chSync.directory}/notes.md`;
    await Deno.writeTextFile(path, "my notes");
    const { code, stderr } = await chSync.run(["--evidence", "notes.md"]);
    assert.equal(code, 1);
    assert.match(stderr, /notes\.md exists.*not evidence/);
    assert.equal(await Deno.readTextFile(path), "my notes");
    const state = await chSync.state();
    assert.equal((await chSync.run(["--evidence", "data/ch-sync-state"])).code, 1);
    assert.deepEqual(await chSync.state(), state, "the state is an object in JSON, too");
  });
});
