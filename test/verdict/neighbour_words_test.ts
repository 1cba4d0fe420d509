import assert from "node:assert/strict";
import type { NeighbourState } from "../../src/model/neighbour.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { isReady } from "../../src/verdict/failback_words.ts";
import { bothVerdict, neighbourVerdict } from "../../src/verdict/neighbour_words.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";
import { fc } from "../support/seed.ts";

const NOW = new Date("2026-11-26T04:00:00.000Z");
const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOW.getTime() + minutes * MINUTE).toISOString();
const OWN: State = {
  ...FRESH_STATE,
  last_check: at(-1),
  consecutive_clean: 3,
  failback_ready: true,
  ready_until: at(9),
  active_site: "dr",
};
const READY: NeighbourState = {
  last_check: at(-2),
  failback_ready: true,
  ready_until: at(8),
  active_site: "dr",
  consecutive_clean: 3,
  last_error: null,
};
const of = (fields: Partial<NeighbourState>, checkIntervalSeconds = 300, now = NOW) =>
  neighbourVerdict({ kind: "state", state: { ...READY, ...fields } }, OWN, { checkIntervalSeconds }, now);

Deno.test("neighbourVerdict() is ready until the neighbour itself says, to the millisecond", () => {
  assert.deepEqual(of({}), { ready: true, until: at(8), reasons: [] });
  assert.equal(of({}, 300, new Date(at(8))).ready, true);
  const late = of({}, 300, new Date(Date.parse(at(8)) + 1));
  assert.equal(late.ready, false);
  assert.match(late.reasons[0]!, /is too old: is it running\?$/);
});

Deno.test("neighbourVerdict() believes no neighbour for longer than an hour, or than twice ch-sync's own interval", () => {
  assert.equal(of({ last_check: at(-59), ready_until: at(9999) }).until, at(1));
  assert.equal(of({ last_check: at(-61), ready_until: at(9999) }).ready, false);
  assert.equal(of({ last_check: at(-61), ready_until: at(9999) }, 3600).until, at(59));
  assert.equal(of({ ready_until: null }).until, at(8), "two intervals of ch-sync");
  assert.equal(of({ last_check: at(-11), ready_until: null }).ready, false);
});

Deno.test("neighbourVerdict() is not ready where anything is in doubt, and says all of it", () => {
  for (
    const [fields, said] of [
      [{ last_check: null }, /completed no check yet/],
      [{ last_check: at(2) }, /lies in the future/],
      [{ active_site: "primary" }, /sees primary as the active site, ch-sync dr/],
      [{ active_site: "unknown" }, /does not know the active site/],
      [{ failback_ready: false, ready_until: null, last_error: "boom" }, /NOT READY.*its last error: boom/],
    ] as const
  ) {
    const { ready, until, reasons } = of(fields);
    assert.deepEqual([ready, until], [false, null]);
    assert.match(reasons.join("\n"), said);
  }
  assert.equal(of({ active_site: "primary", failback_ready: false, last_check: at(-999) }).reasons.length, 3);
  const unread = neighbourVerdict({ kind: "problem", problem: "it is empty" }, OWN, {
    checkIntervalSeconds: 1,
  }, NOW);
  assert.match(unread.reasons[0]!, /cannot be read: it is empty/);
});

Deno.test("bothVerdict() says SAFE FOR BOTH only where both are ready, and until the first of them ends", () => {
  assert.match(bothVerdict(OWN, of({}), NOW).headline, new RegExp(`^SAFE FOR BOTH until ${at(8)}`));
  assert.match(bothVerdict({ ...OWN, failback_ready: false }, of({}), NOW).headline, /^NOT SAFE FOR BOTH/);
  assert.match(bothVerdict(OWN, of({ failback_ready: false }), NOW).headline, /^NOT SAFE FOR BOTH/);
  const neighbour = fc.record({
    last_check: fc.option(fc.integer({ min: -100, max: 3 }).map(at)),
    failback_ready: fc.boolean(),
    ready_until: fc.option(fc.integer({ min: -100, max: 9999 }).map(at)),
    active_site: fc.constantFrom("dr" as const, "primary" as const, "unknown" as const),
    consecutive_clean: fc.option(fc.nat()),
    last_error: fc.option(fc.string()),
  });
  fc.assert(fc.property(arbitraryState, neighbour, (own, state) => {
    const verdict = neighbourVerdict({ kind: "state", state }, own, { checkIntervalSeconds: 300 }, NOW);
    const { safe, headline } = bothVerdict(own, verdict, NOW);
    assert.equal(headline.startsWith("SAFE FOR BOTH"), safe);
    assert.ok(verdict.ready === (verdict.reasons.length === 0));
    if (!safe) return;
    assert.ok(isReady(own, NOW) && state.failback_ready && state.active_site !== "unknown");
    assert.ok(Math.abs(NOW.getTime() - Date.parse(state.last_check!)) <= 60 * MINUTE);
    assert.ok(state.ready_until === null || Date.parse(state.ready_until) >= NOW.getTime());
  }));
});
