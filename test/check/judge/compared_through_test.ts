import assert from "node:assert/strict";
import { NO_MERGED_DIFFERENCE } from "../../../src/model/merge_rule.ts";
import type { RowScope, TimeAxis } from "../../../src/model/scope.ts";
import { comparedThrough, leavesOutOlder } from "../../../src/check/judge/compared_through.ts";

const DAY = 86_400;
const NOW = 1000 * DAY + 3600;
const moment = { now: NOW, settledBefore: NOW - 600, settledBeforeDay: 1000 };
const scope = (axis: TimeAxis | null, quiet: boolean): RowScope => ({
  axis,
  moment,
  quiet,
  settleSeconds: 600,
  ttls: [],
});
const seconds: TimeAxis = { column: "ts", unit: "seconds" };
const days: TimeAxis = { column: "day", unit: "days" };

Deno.test("comparedThrough() reaches to the settle window where every row was digested", () => {
  for (const each of [scope(seconds, true), scope(seconds, false), scope(null, false), scope(days, true)]) {
    assert.equal(comparedThrough({ scope: each }, null), NOW - 600);
  }
  const grains = { ...seconds, numbers: { grain: 60n } };
  assert.equal(comparedThrough({ scope: scope(grains, false) }, null), NOW - 660);
});

Deno.test("comparedThrough() leaves out the day that is not over, in whatever zone", () => {
  const through = comparedThrough({ scope: scope(days, false) }, null);
  assert.ok(through <= 1000 * DAY - 14 * 3600);
});

Deno.test("comparedThrough() takes no count for a proof: it reaches as far as the last digest did", () => {
  const counted = { scope: scope(seconds, false), counted: true };
  assert.equal(comparedThrough(counted, NOW - 3000), NOW - 3600);
  assert.ok(comparedThrough({ scope: scope(days, false), counted: true }, NOW) <= 999 * DAY);
  assert.ok(comparedThrough(counted, null) < 0);
});

Deno.test("leavesOutOlder() is true of keys with a younger row, unless all rows of a key are of one time", () => {
  const replace = { mergeRule: { kind: "replace", version: "v" } } as const;
  const merged = (unsettled: bigint) => ({
    scope: scope(seconds, false),
    merged: { difference: { ...NO_MERGED_DIFFERENCE, unsettled }, buckets: [], bucketCount: 1 },
  });
  assert.equal(leavesOutOlder(merged(1n), { ...replace, sortingKey: "id" }), true);
  assert.equal(leavesOutOlder(merged(0n), { ...replace, sortingKey: "id" }), false);
  assert.equal(leavesOutOlder(merged(1n), { ...replace, sortingKey: "id, ts" }), false);
  assert.equal(leavesOutOlder({ scope: scope(seconds, false) }, { ...replace, sortingKey: "id" }), false);
});
