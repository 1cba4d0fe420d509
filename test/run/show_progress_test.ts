/** What a real terminal shows: progress and colours, which go nowhere else, and everything once. */
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../support/data/telemetry.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const REWRITTEN = "\r\x1b[2K";

Deno.test("progress is rewritten on a terminal, and in a log there is no trace of it", async (t) => {
  await using sites = await startTwoSites();
  await using chSync = await installChSync({
    ...environmentOf("dr", sites.dr, sites.primary),
    MAX_BYTES_PER_SECOND: "200000",
  });
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 20_000);

  await t.step("a terminal: how far the copy has come, and whole lines of the log above it", async () => {
    const shown = await chSync.onTerminal(["--once", "--log-level", "info"]);
    assert.ok(shown.includes(`${REWRITTEN}copying d.t 20260101: `), shown);
    assert.match(shown, /[\d,]+ of 20,000 rows.*; table 1 of 1; checking for/);
    const left = shown.split("\n").map((line) =>
      line.slice(line.lastIndexOf(REWRITTEN) + 1).replace(/^.*?K/, "")
    );
    assert.ok(
      left.some((line) => line.includes("[INFO] Repaired d.t partition 20260101: 20,000 rows")),
      shown,
    );
    assert.ok(
      left.every((line) => !line.includes("[INFO]") || /\dZ \[INFO\]/.test(line)),
      "lines have times",
    );
    assert.ok(!left.some((line) => line.includes("checking for")), "no line keeps a state of the progress");
    assert.match(stripVTControlCharacters(shown), /d\.t\r?\n {2}partition 20260101: missing, repaired/);
  });

  await t.step("a terminal: everything once, and in colour unless NO_COLOR is set", async () => {
    await load(sites.primary, "d.t", "2026-01-02", 100);
    const shown = await chSync.onTerminal(["--once"]);
    const times = (text: string) => shown.split(text).length - 1;
    assert.equal(times("partition 20260102: missing, repaired"), 1, shown);
    assert.equal(times("Active site: primary"), 1, shown);
    assert.equal(times("clean check #2"), 1, shown);
    assert.ok(!shown.includes("[INFO]"), shown);
    assert.ok(shown.includes("\x1b[32m"), shown);
    const plain = await chSync.onTerminal(["--dry-run"], { NO_COLOR: "1" });
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(plain, /\x1b\[[\d;]*m/);
    assert.match(plain, /Active site: primary .*Plan, nothing was changed/);
  });

  await t.step("a dumb terminal, and no terminal: no control character", async () => {
    for (
      const shown of [
        await chSync.onTerminal(["--once"], { TERM: "dumb" }),
        (await chSync.run(["--once"])).stderr,
      ]
    ) {
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(shown.replaceAll("\r\n", "\n"), /[\x00-\x09\x0b-\x1f]/);
      assert.doesNotMatch(shown, /checking for/);
    }
    assert.match((await chSync.run(["--once"])).stderr, /^\[INFO\] Active site: primary \(we are: dr\)$/m);
  });
});
