import assert from "node:assert/strict";
import { FRESH_STATE } from "../../src/model/state.ts";
import { whyNotServing } from "../../src/status/why_not_serving.ts";
import { NOW, POLICY, READY } from "../support/shown_page.ts";

const why = (state: Partial<typeof READY>, waiting: string | null = null, now = NOW) =>
  whyNotServing({ ...READY, ...state }, POLICY, waiting, now);

Deno.test("whyNotServing() is content with a recent check of two sites that answer, whatever it found", () => {
  assert.equal(why({}), null);
  assert.equal(why({ failback_ready: false, ready_until: null, reasons: { "d.t": { missing: 1 } } }), null);
  assert.equal(why({ active_site: "dr" }), null);
});

Deno.test("whyNotServing() says what is wrong", () => {
  assert.match(why({}, "process 7")!, /another ch-sync holds the lock/);
  assert.equal(
    why({ unreachable: ["local", "remote"] }),
    "no answer from the local and the remote ClickHouse",
  );
  assert.equal(whyNotServing(FRESH_STATE, POLICY, null, NOW), "no check was completed yet");
  assert.match(why({}, null, new Date("2026-03-01T03:08:01Z"))!, /^the last completed check was at/);
  assert.equal(why({ active_site: "unknown" }), "the active site is unknown");
});
