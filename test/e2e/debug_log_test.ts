/** What `--log-level debug` promises: why each partition was judged as it was, and what the servers were asked. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("the debug log tells the facts of every judged partition, and each statement with its time", async () => {
  await using sites = await startTwoSites({ leastPrivilege: { databases: ["d"] } });
  const { primary, dr } = sites;
  await using chSync = await installChSync({ ...environmentOf("dr", dr, primary), SETTLE_SECONDS: "0" });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  for (const site of [primary, dr]) await load(site, "d.t", "2026-01-01", 100);
  await load(primary, "d.t", "2026-01-02", 50);
  await load(dr, "d.t", "2026-01-03", 7);

  const { stderr: quiet } = await chSync.run(["--dry-run"]);
  assert.doesNotMatch(quiet, /\[DEBUG\]|Judged|Statement at/);

  const { stderr, code } = await chSync.run(["--once", "--log-level", "debug"]);
  assert.equal(code, 0, stderr);
  const judged = (partition: string) =>
    stderr.match(new RegExp(`^\\[DEBUG\\] Judged d\\.t partition ${partition}: .*$`, "m"))?.[0] ?? stderr;
  assert.match(judged("20260101"), /in sync; .*settled rows 100 here, 100 there.*memory: nothing/);
  assert.match(judged("20260102"), /missing: .*settled rows 0 here, 50 there.*missing 50, surplus 0.*attach/);
  assert.match(judged("20260103"), /surplus: .*missing 0, surplus 7.*no repair is planned/);

  const statements = [
    ...stderr.matchAll(
      /^\[DEBUG\] Statement at the (local|remote) site: (ok|failed) after [\d.]+ s(.*?); query_id (\S+): (.*)$/gm,
    ),
  ].map(([, site, outcome, more, id, sql]) => ({ site, outcome, more, id: id!, sql: sql! }));
  assert.deepEqual([...new Set(statements.map(({ site }) => site))].sort(), ["local", "remote"]);
  for (const { outcome, more, sql } of statements) {
    assert.ok(outcome === "ok" || more?.includes("ACCESS_DENIED"), `${more}: ${sql}`);
    assert.ok(sql.length < 600, `long statements are shortened: ${sql}`);
  }
  const copied = statements.find(({ sql }) => sql.startsWith("INSERT INTO") && sql.includes("remote("));
  assert.equal(copied?.more, ", 50 rows", stderr);
  assert.match(copied!.id, /^ch-sync-dr-\w+-local-/);
  assert.match(copied!.sql, /'\*\*\*'/);

  const { stderr: again } = await chSync.run(["--once"], { LOG_LEVEL: "debug", LOG_TIMES: "always" });
  const timed = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[(?:DEBUG|INFO|WARN)\] /;
  assert.deepEqual(again.trimEnd().split("\n").filter((line) => !timed.test(line)), []);
  assert.match(again, /Judged d\.t(?: partition 20260101)?: .*(?:proven|unchanged)/);
});
