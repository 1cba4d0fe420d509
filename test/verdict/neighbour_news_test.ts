import assert from "node:assert/strict";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { whileRowsAreMissing } from "../../src/verdict/next_state.ts";
import { withNeighbour } from "../../src/verdict/neighbour_news.ts";
import { fc } from "../support/seed.ts";

interface Look {
  readonly ready: boolean;
  /** What vm-sync says; null: nobody asks. */
  readonly safe: boolean | null;
}

const look: fc.Arbitrary<Look> = fc.record({
  ready: fc.boolean(),
  safe: fc.constantFrom(true, false, null),
});

/** Indexes of the checks that tell of vm-sync. */
function told(looks: readonly Look[]): number[] {
  let before: State = FRESH_STATE;
  return looks.flatMap(({ ready, safe }, index) => {
    const both = ready && safe !== null ? { safe, headline: "", reasons: [] } : null;
    const { state, events } = withNeighbour(before, { ...before, failback_ready: ready }, both);
    before = state;
    return events.map(() => index);
  });
}

const at = (...words: string[]): Look[] =>
  words.map((word) => ({
    ready: word !== "not",
    safe: word === "both" ? true : word === "alone" ? false : null,
  }));

Deno.test("vm-sync is told of once, where READY was said without it", () => {
  assert.deepEqual(told(at("not", "alone", "alone", "both", "both", "alone", "both")), [3]);
  assert.deepEqual(told(at("both", "alone", "both")), []);
  assert.deepEqual(told(at("alone", "not", "both")), [], "READY says it itself");
  assert.deepEqual(told(at("alone", "both", "not", "alone", "both")), [1, 4]);
  assert.deepEqual(told(at("alone", "nobody asks", "both")), []);
});

Deno.test("who waits for vm-sync waits on where a check that found rows missing was killed", () => {
  const waiting: State = { ...FRESH_STATE, failback_ready: true, waits_for_neighbour: true };
  const left = whileRowsAreMissing(waiting, new Date(0), []);
  const { events } = withNeighbour(left, { ...left, failback_ready: true }, {
    safe: true,
    headline: "",
    reasons: [],
  });
  assert.deepEqual(events, [{ kind: "neighbour_ready" }]);
});

Deno.test("whatever happens, it is told only where both are ready and the check before was ready alone", () => {
  fc.assert(fc.property(fc.array(look), (looks) => {
    for (const index of told(looks)) {
      const [before, now] = [looks[index - 1]!, looks[index]!];
      assert.ok(now.ready && now.safe && before.ready && before.safe === false);
    }
  }));
});
