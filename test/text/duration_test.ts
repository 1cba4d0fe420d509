import assert from "node:assert/strict";
import { parseDuration } from "../../src/text/duration.ts";

Deno.test("parseDuration() reads days, hours, minutes and seconds, in this order", () => {
  for (
    const [text, seconds] of [["30m", 1800], ["2h", 7200], ["1d12h", 129_600], ["1h30m", 5400], ["90s", 90], [
      " 2H ",
      7200,
    ]] as const
  ) assert.equal(parseDuration(text), seconds, text);
  for (const text of ["", "2x", "2", "h", "0m", "m2", "1m2h", "-2h", "1.5h", "2 h", "2h2h", "1e3h"]) {
    assert.equal(parseDuration(text), null, text);
  }
});
