/** What a newcomer tries in the first hour: each is answered by a sentence, and nothing is called sound that was not looked at. */
import assert from "node:assert/strict";
import type { NumberedRun } from "../../src/model/run.ts";
import type { State } from "../../src/model/state.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { schemaOf } from "../support/json_schema.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("the first hour", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 50);
  const environment = environmentOf("dr", dr, primary);
  await using chSync = await installChSync(environment);

  await t.step("everything excluded is nothing compared", async () => {
    const { code, stdout } = await chSync.run(["--once"], { CH_EXCLUDE_PATTERNS: "d.*" });
    assert.equal(code, 1);
    assert.match(stdout, /no table was compared: CH_EXCLUDE_PATTERNS leaves out all 1 of the active site/);
    assert.doesNotMatch(stdout, /nothing is missing/);
  });

  await t.step("a table whose name begins like those of ch-sync is named", async () => {
    await primary.query(telemetryTable("d._chsync_of_mine"));
    const { stdout } = await chSync.run(["--dry-run"]);
    assert.match(stdout, /Table d\._chsync_of_mine is not compared/);
    await primary.query("DROP TABLE d._chsync_of_mine SYNC");
  });

  await t.step("--evidence makes no folder", async () => {
    const { code, stderr } = await chSync.run(["--evidence", "no/such/folder/proof.md"]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no directory no\/such\/folder/);
    await assert.rejects(Deno.stat(`${chSync.directory}/no`), Deno.errors.NotFound);
  });

  await t.step("over which time the clean checks were made is told", async () => {
    for (let n = 0; n < 3; n++) assert.equal((await chSync.run(["--once"])).code, 0);
    const { stdout } = await chSync.run(["--status"]);
    assert.match(stdout, /FAILBACK READY/);
    assert.match(stdout, /Clean checks in a row: 3 of 3, made within \d+ (?:seconds?|minutes), since 20/);
    const { clean_since, last_check } = (await chSync.state())!;
    assert.ok(Date.parse(String(clean_since)) < Date.parse(String(last_check)));
  });

  await t.step("a pattern chooses tables, and one that fits none names the nearest", async () => {
    await onBoth(sites, telemetryTable("d.tmp_a"), telemetryTable("d.logs"));
    const { code, stdout } = await chSync.run(["--dry-run", "--table", "d.*", "--table", "!*.tmp_*"]);
    assert.equal(code, 0);
    assert.match(stdout, /^Looked at: tables d\.\* !\*\.tmp_\*$/m);
    assert.match(stdout, /^d\.logs: /m);
    assert.doesNotMatch(stdout, /^d\.tmp_a/m);
    assert.match(stdout, /2 tables checked; nothing is missing here of what was looked at/);
    const wrong = await chSync.run(["--once", "--table", "d.lgos*", "--table", "!d.none"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /at either site: d\.lgos\*; the nearest is d\.logs/);
    assert.match(wrong.stderr, /^No table of this name at either site: !d\.none[; ]/m);
    const nothing = await chSync.run(["--once", "--table", "d.t", "--table", "!d.*"]);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /leaves no table/);
    const elsewhere = await chSync.run(["--dry-run", "--partition", "20260102"]);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.stderr, /has a partition 20260102; the nearest is 20260101/);
    await onBoth(sites, "DROP TABLE d.tmp_a SYNC", "DROP TABLE d.logs SYNC");
  });

  await t.step("--recheck looks at what the last check left open", async () => {
    const nothing = await chSync.run(["--once", "--recheck", "--json"]);
    assert.equal(nothing.code, 0);
    assert.match(JSON.parse(nothing.stdout).warnings[0], /left nothing open$/);
    await primary.query(telemetryTable("d.fresh"));
    assert.equal((await chSync.run(["--once"])).code, 3);
    const before = await chSync.state();
    await dr.query(telemetryTable("d.fresh"));
    const { code, stdout } = await chSync.run(["--once", "--recheck"]);
    assert.equal(code, 0);
    assert.match(stdout, /^d\.fresh: in sync/m);
    assert.doesNotMatch(stdout, /^d\.t/m);
    assert.deepEqual(await chSync.state(), before);
    await onBoth(sites, "DROP TABLE d.fresh SYNC");
    for (let n = 0; n < 3; n++) assert.equal((await chSync.run(["--once"])).code, 0);
  });

  await t.step("what would be lost is told while it is missing, and no longer once it is here", async () => {
    await primary.query("INSERT INTO d.t SELECT * REPLACE (ts + INTERVAL 1 DAY AS ts) FROM d.t");
    await Deno.writeTextFile(`${chSync.directory}/data/pause`, "");
    assert.equal((await chSync.run(["--once"])).code, 3);
    const { stdout } = await chSync.run(["--status"]);
    assert.match(
      stdout,
      /were lost now: this site holds everything through 00:00 UTC of 2 Jan 2026, and lacks at most 50 rows of 00:00–23:3\d UTC of 2 Jan 2026$/m,
    );
    assert.match(
      stdout,
      /^ {2}- d\.t: at most 50 rows of 00:00–23:3\d UTC of 2 Jan/m,
    );
    assert.match(stdout, /^ {2}- not known: rows since /m);
    await Deno.remove(`${chSync.directory}/data/pause`);
    for (let n = 0; n < 3; n++) await chSync.run(["--once"]);
    const { holds } = (await chSync.state())! as unknown as State;
    assert.deepEqual([holds!.missing, holds!.tables, holds!.unknown], [0, [], []]);
    assert.equal(holds!.through, holds!.compared_through);
  });

  await t.step("--history tells of every check, and of one in full", async () => {
    const listed = await chSync.run(["--history"]);
    assert.equal(listed.code, 0);
    assert.match(listed.stdout, /^check +began \(UTC\)/);
    assert.match(listed.stdout, /^r\d+ +20.* FAILBACK READY$/m);
    const runs: NumberedRun[] = JSON.parse((await chSync.run(["--history", "100", "--json"])).stdout);
    schemaOf("history")(runs);
    assert.deepEqual(runs.map(({ run }) => run), runs.map((_, at) => runs.length - at));
    const [gap] = runs.filter(({ rows_missing }) => rows_missing === 50);
    assert.deepEqual([gap!.clean, gap!.findings[0]!.reason, gap!.scope], [false, "missing", null]);
    assert.ok(runs.some(({ rows_repaired }) => rows_repaired === 50));
    assert.ok(runs.some(({ scope }) => scope !== null));
    assert.equal(runs.at(-1)!.outcome, "failed", "everything was excluded");
    const { stdout } = await chSync.run(["--history", `r${gap!.run}`]);
    assert.match(
      stdout,
      new RegExp(`^Check r${gap!.run} of 20.*: not clean, in .*; active site: primary$`, "m"),
    );
    assert.match(stdout, /^ {2}d\.t partition 20260102: missing: 50 rows are absent here.*; when: /m);
    const none = await chSync.run(["--history=r4000"]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /^No check r4000 is kept; the last one is r\d+$/m);
  });

  await t.step("--status asks for no more than where the state is", async () => {
    await using bare = await installChSync({});
    const STATE_FILE = `${chSync.directory}/data/ch-sync-state.json`;
    const { code, stdout } = await bare.run(["--status"], { STATE_FILE });
    assert.equal(code, 0);
    assert.match(stdout, /FAILBACK READY/);
    const none = await bare.run(["--status"]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /data\/ch-sync-state\.json.*STATE_FILE.*\/var\/lib\/ch-sync\//);
    const wrong = await bare.run(["--status"], { CHECK_INTERVAL: "soon" });
    assert.equal(wrong.code, 2);
  });

  await t.step("where there is no configuration, it is told how to name one, and only there", async () => {
    await using bare = await installChSync({});
    const none = await bare.run(["--once"]);
    assert.deepEqual([none.code, /--env-file/.test(none.stderr)], [2, true]);
    const some = await bare.run(["--once"], { ROLE: "dr" });
    assert.deepEqual([some.code, /--env-file/.test(some.stderr)], [2, false]);
  });
});
