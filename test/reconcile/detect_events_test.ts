import assert from "node:assert/strict";
import type { CheckReport } from "../../src/model/report.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { detectEvents } from "../../src/reconcile/detect_events.ts";
import { nextState } from "../../src/reconcile/judge_check.ts";
import { found, report } from "../sites/tables.ts";

const POLICY = { failbackCleanChecks: 2, checkIntervalSeconds: 300 };

/** Kinds of the events of each check of a history. */
function kinds(history: readonly CheckReport[]): string[][] {
  let state: State = FRESH_STATE;
  return history.map((checked) => {
    const next = nextState(state, checked, POLICY, "settings", new Date(0));
    const events = detectEvents(state, next, checked).map(({ kind }) => kind);
    state = next;
    return events;
  });
}

Deno.test("detectEvents() tells of a gap once, and of its repair", () => {
  const gap = report([{ findings: [found({ missing: 5n })] }]);
  const repaired = report([{ findings: [found({ missing: 5n, repaired: true })] }]);
  assert.deepEqual(kinds([gap, gap, repaired]), [["gap_detected"], [], ["sync_complete"]]);
});

Deno.test("detectEvents() tells of readiness once, and when it is lost", () => {
  const clean = report([{}]);
  const down = report([], { outcome: "site_unreachable", unreachable: ["remote"], error: "no answer" });
  assert.deepEqual(kinds([clean, clean, clean, down, down, clean]), [
    [],
    ["failback_ready"],
    [],
    ["site_unreachable", "failback_not_ready"],
    [],
    ["site_back"],
  ]);
});

Deno.test("detectEvents() tells of new tables and refusals once each", () => {
  const fresh = report([{ findings: [found({ reason: "new", partitionId: null })] }]);
  const refused = report([{ findings: [found({ reason: "independent", missing: 3n })] }]);
  assert.deepEqual(kinds([fresh, fresh, refused, refused]), [
    ["new_tables"],
    [],
    ["gap_detected", "refused"],
    [],
  ]);
});
