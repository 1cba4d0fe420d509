import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { REASONS } from "../../src/model/reason.ts";
import type { State } from "../../src/model/state.ts";
import { FRESH_STATE } from "../../src/model/state.ts";
import { isReady, verdictOf } from "../../src/verdict/failback_words.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";
import { NOW, POLICY, READY } from "../support/shown_page.ts";

const of = (state: Partial<State>, now = NOW) => verdictOf({ ...READY, ...state }, POLICY, now);
const NOT: Partial<State> = { failback_ready: false, ready_until: null, consecutive_clean: 0 };

Deno.test("verdictOf() says FAILBACK READY and until when", () => {
  assert.deepEqual(of({}), {
    kind: "ready",
    headline: "FAILBACK READY (until 2026-03-01T03:08:00.000Z)",
    reasons: [],
  });
});

Deno.test("verdictOf() takes no verdict for today's that is old, or that lies in the future", () => {
  const after = of({}, new Date("2026-03-01T03:08:00.001Z"));
  assert.equal(after.kind, "not_ready");
  assert.match(after.reasons[0]!, /^the verdict of the last check expired at 2026-03-01T03:08/);
  const before = of({}, new Date("2026-03-01T02:56:59.000Z"));
  assert.equal(before.kind, "not_ready");
  assert.match(before.reasons[0]!, /lies in the future: set the clock/);
  assert.equal(
    of({}, new Date("2026-03-01T02:57:30.000Z")).kind,
    "ready",
    "a clock may be corrected a little",
  );
  assert.match(
    of(NOT, new Date("2026-03-02T00:00:00Z")).reasons[0]!,
    /^the last completed check was at .*is ch-sync running/,
  );
});

Deno.test("verdictOf() names the reasons by weight, what they mean, and five tables of each", () => {
  const tables = Array.from({ length: 7 }, (_, index) => [`d.t${index}`, { missing: 1 }]);
  const reasons = {
    "d.late": { backfilling: 2, surplus: 1 },
    ...Object.fromEntries(tables),
    "d.x": { failed: 1, hot: 3 },
  };
  const causes = { "d.late": ["late_rows"] };
  assert.deepEqual(of({ ...NOT, reasons, causes }).reasons, [
    "failed (an error): d.x",
    "missing (absent here): d.t0, d.t1, d.t2, d.t3, d.t4 and 2 more",
    `backfilling (${REASONS.backfilling.meaning}): d.late`,
  ]);
});

Deno.test("verdictOf() says who does not answer, that the role is unknown, and the last error", () => {
  const { reasons } = of({
    ...NOT,
    unreachable: ["remote"],
    active_site: "unknown",
    last_error: "no answer",
  });
  assert.deepEqual(reasons, [
    "the active site is unknown: look at the failover record",
    "no answer from the remote ClickHouse",
    "last error: no answer",
  ]);
});

Deno.test("verdictOf() counts clean checks when nothing is wrong, and says when there was none", () => {
  assert.deepEqual(of({ ...NOT, consecutive_clean: 2 }).reasons, ["clean checks in a row: 2 of 3"]);
  assert.deepEqual(verdictOf(FRESH_STATE, POLICY, NOW).reasons, ["no check was completed yet"]);
});

Deno.test("verdictOf() of the active site has nothing to switch back from", () => {
  assert.deepEqual(of({ active_site: "dr" }), {
    kind: "active",
    headline: "This site is the active one: nothing is compared or repaired here",
    reasons: [],
  });
});

Deno.test("verdictOf() is never ready but within the time of a check that said so, and never not ready without a reason", () => {
  fc.assert(fc.property(arbitraryState, fc.date({ noInvalidDate: true }), (state, now) => {
    const { kind, reasons } = verdictOf(state, POLICY, now);
    if (kind === "ready") {
      assert.ok(state.failback_ready && state.ready_until !== null && now <= new Date(state.ready_until));
      assert.notEqual(state.active_site, POLICY.role);
    }
    assert.equal(reasons.length > 0, kind === "not_ready");
    if (kind !== "active") assert.equal(kind === "ready", isReady(state, now));
  }));
});
