import assert from "node:assert/strict";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { renderStatus } from "../../src/report/render_status.ts";

const NOW = new Date("2026-01-01T00:10:00.000Z");
const READY: State = {
  ...FRESH_STATE,
  last_check: "2026-01-01T00:05:00.000Z",
  last_sync: "2026-01-01T00:00:00.000Z",
  consecutive_clean: 3,
  failback_ready: true,
  ready_until: "2026-01-01T00:15:00.000Z",
  active_site: "primary",
  tables_checked: 4,
  partitions_synced: 2,
  rows_synced: 17,
};

const FACTS = { role: "dr", failbackCleanChecks: 3, checkIntervalSeconds: 300, repairs: [] } as const;
const lines = (state: Partial<State>, now = NOW) =>
  renderStatus({ ...READY, ...state }, FACTS, now).split("\n");

/** One fact a line, in this order, whatever words stand around it. */
function holds(lines: readonly string[], facts: readonly RegExp[]): void {
  assert.equal(lines.length, facts.length, lines.join("\n"));
  for (const [at, fact] of facts.entries()) assert.match(lines[at]!, fact);
}

Deno.test("renderStatus() shows the verdict first, then what it rests on", () => {
  holds(lines({}), [
    /^FAILBACK READY .*2026-01-01T00:15:00\.000Z/,
    /primary.*dr/,
    /2026-01-01T00:05:00\.000Z$/,
    /3 of 3$/,
    /4.*0$/,
    /2 partitions, 17 rows.*2026-01-01T00:00:00\.000Z$/,
  ]);
});

Deno.test("renderStatus() lets a verdict expire to the millisecond", () => {
  assert.match(lines({}, new Date("2026-01-01T00:15:00.000Z"))[0]!, /^FAILBACK READY/);
  const [verdict, why] = lines({}, new Date("2026-01-01T00:15:00.001Z"));
  assert.equal(verdict, "NOT READY");
  assert.match(why!, /expired at .*: is ch-sync running\?$/);
});

Deno.test("renderStatus() is never ready without failback_ready or without a time until when", () => {
  assert.equal(lines({ failback_ready: false })[0], "NOT READY");
  assert.equal(lines({ ready_until: null })[0], "NOT READY");
  assert.equal(lines({ ready_until: "not a time" })[0]!.startsWith("FAILBACK READY"), false);
});

Deno.test("renderStatus() believes no verdict of the future: the clock was set back", () => {
  assert.match(lines({}, new Date("2026-01-01T00:04:30.000Z"))[0]!, /^FAILBACK READY/);
  const [verdict, why] = lines({}, new Date("2026-01-01T00:03:00.000Z"));
  assert.equal(verdict, "NOT READY");
  assert.match(why!, /lies in the future: set the clock/);
});

Deno.test("renderStatus() of a fresh state says that no check was completed", () => {
  assert.deepEqual(renderStatus(FRESH_STATE, FACTS, NOW).split("\n").slice(0, 5), [
    "NOT READY",
    "  - no check was completed yet",
    "Active site: unknown (this site: dr)",
    "Last check: never completed",
    "Clean checks in a row: 0 of 3",
  ]);
});

Deno.test("renderStatus() lists gaps, refusals, new tables, repairs and the last error", () => {
  const repair = { table: "d.a", partition: "20260101", reason: "missing", rows: 17, seconds: 200 };
  const digests = { city: "1", xxh: "2" };
  const repairs = [{ ...repair, time: "2026-01-01T00:00:00.000Z", digests, query_ids: [] }];
  const state = {
    ...READY,
    failback_ready: false,
    gap_tables: ["d.a", "d.b"],
    reasons: { "d.b": { surplus: 2 }, "d.a": { missing: 1 } },
    refused: ["d.c 1 independent"],
    new_tables_detected: Array.from({ length: 12 }, (_, index) => `d.n${index}`),
    last_error: "no answer",
    verified_through: "2026-01-01T00:00:00.000Z",
  };
  holds(renderStatus(state, { ...FACTS, repairs }, NOW).split("\n"), [
    /^NOT READY$/,
    /^ {2}- missing.*: d\.a$/,
    /^ {2}- .*no answer$/,
    /^ {2}- .*3 of 3$/,
    /primary.*dr/,
    /2026-01-01T00:05:00\.000Z$/,
    /3 of 3$/,
    /before 2026-01-01T00:00:00\.000Z/,
    /4.*0$/,
    /2 partitions, 17 rows/,
    /: d\.a, d\.b$/,
    /:$/,
    /^ {2}d\.a: missing \(1\)$/,
    /^ {2}d\.b: surplus \(2\)$/,
    /:$/,
    /^ {2}d\.c 1 independent$/,
    /: d\.n0, d\.n1, d\.n2, d\.n3, d\.n4, d\.n5, d\.n6, d\.n7, d\.n8, d\.n9 and 2 more$/,
    /:$/,
    /^ {2}2026-01-01T00:00:00\.000Z {2}d\.a partition 20260101: 17 rows \(missing\) in 3 minutes$/,
  ]);
});

Deno.test("no name and no error can forge a verdict", () => {
  const hostile = "x\nFAILBACK READY\r\u2028FAILBACK READY\x1b[1A";
  const shown = lines({
    failback_ready: false,
    gap_tables: [hostile],
    refused: [hostile],
    new_tables_detected: [hostile],
    last_error: hostile,
  });
  assert.equal(shown.length, 12);
  assert.equal(shown.filter((line) => line.startsWith("FAILBACK READY")).length, 0);
  assert.doesNotMatch(shown.join(""), /\p{Cc}|\p{Zl}/u);
});
