import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { distanceOf, nearest } from "../../src/text/nearest.ts";

Deno.test("nearest() finds what was mistyped, the nearest first", () => {
  const names = ["otel.otel_logs", "otel.otel_traces", "shop.orders"];
  assert.deepEqual(nearest("otel.otel_lgos", names, 1), ["otel.otel_logs"]);
  assert.equal(nearest("OTEL.OTEL_TRACE", names)[0], "otel.otel_traces");
  assert.deepEqual(nearest("something.else.entirely", names), []);
});

Deno.test("distanceOf() is a distance: nothing between equals, the same both ways, no shorter by a detour", () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(fc.property(word, word, (a, b) => {
    assert.equal(distanceOf(a, b) === 0, a === b);
    assert.equal(distanceOf(a, b), distanceOf(b, a));
    assert.ok(distanceOf(a, b) <= Math.max(a.length, b.length));
  }));
  assert.equal(distanceOf("--tabel", "--table"), 1);
});
