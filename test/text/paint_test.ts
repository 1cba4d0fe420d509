import assert from "node:assert/strict";
import { COLOURED, paintFor, PLAIN } from "../../src/text/paint.ts";

Deno.test("paintFor() colours only what a terminal shows that can, and where nobody minds", () => {
  assert.equal(paintFor(true, { TERM: "xterm" }), COLOURED);
  assert.equal(paintFor(true, { TERM: "xterm", NO_COLOR: "" }), COLOURED);
  for (const environment of [{ TERM: "xterm", NO_COLOR: "1" }, { TERM: "dumb" }, { TERM: "" }, {}]) {
    assert.equal(paintFor(true, environment), PLAIN, JSON.stringify(environment));
  }
  assert.equal(paintFor(false, { TERM: "xterm" }), PLAIN);
});
