import assert from "node:assert/strict";
import type { Pause } from "../../src/model/pause.ts";
import { formatPause, parsePause } from "../../src/pause/parse_pause.ts";
import { pauseLine, whyPaused } from "../../src/verdict/pause_words.ts";
import { fc } from "../support/seed.ts";

const NOW = new Date("2026-11-26T04:00:00.000Z");

Deno.test("parsePause() ends a pause at its time, to the millisecond, and none without one", () => {
  const pause: Pause = { since: NOW.toISOString(), until: "2026-11-26T06:00:00.000Z", reason: "a drill" };
  const at = (time: string) => parsePause(formatPause(pause), new Date(time));
  assert.deepEqual(at("2026-11-26T05:59:59.999Z"), pause);
  assert.equal(at("2026-11-26T06:00:00.000Z"), null);
  const endless = { ...pause, until: null };
  assert.deepEqual(parsePause(formatPause(endless), new Date("2100-01-01")), endless);
});

Deno.test("parsePause() takes whatever else is in the file for a pause without an end", () => {
  for (
    const text of ["", "{", "null", "[]", '{"until": "2020-01-01T00:00:00Z"}', '{"since": 1}', "collectors\n"]
  ) {
    assert.equal(parsePause(text, NOW)?.until, null, text);
  }
  assert.equal(parsePause("collectors\n drain ", NOW)?.reason, "collectors drain");
  assert.equal(parsePause("", NOW)?.reason, null);
  assert.equal(parsePause("touch", NOW)?.since, null);
});

Deno.test("parsePause() never lets go before the time that was written, and shows no long text", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const pause = parsePause(text, NOW);
    assert.ok(pause !== null && (pause.reason ?? "").length <= 201 && (pause.reason ?? "").isWellFormed());
  }));
  assert.equal(parsePause("x".repeat(5000), NOW)!.reason!.length, 201);
});

Deno.test("a pause says until when and why, where that is known", () => {
  const pause = { since: null, until: "2026-11-26T06:00:00.000Z", reason: "a drill" };
  assert.match(pauseLine(pause), /^PAUSED until 2026-11-26 06:00:00 UTC \(a drill\): /);
  assert.match(pauseLine({ ...pause, until: null, reason: null }), /^PAUSED: /);
  assert.match(whyPaused({ ...pause, reason: null }), /^repairs are paused until 2026-11-26 06:00:00 UTC: /);
});
