import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { hullOf, mergeSpans } from "../../src/model/missing_span.ts";

const span = fc.record({
  from: fc.nat(1000),
  length: fc.integer({ min: 1, max: 50 }),
  rows: fc.bigInt(1n, 9n),
})
  .map(({ from, length, rows }) => ({ from, to: from + length, rows }));

Deno.test("mergeSpans() loses neither a second nor a row, and gives no more spans than wanted, apart and in order", () => {
  fc.assert(fc.property(fc.array(span), fc.integer({ min: 1, max: 12 }), (spans, most) => {
    const merged = mergeSpans(spans, most);
    assert.ok(merged.length <= most);
    for (const { from, to } of spans) assert.ok(merged.some((one) => one.from <= from && to <= one.to));
    const rows = (of: typeof spans) => of.reduce((sum, { rows }) => sum + rows, 0n);
    assert.equal(rows(merged), rows(spans));
    for (const [at, { from }] of merged.entries()) assert.ok(at === 0 || merged[at - 1]!.to < from);
    // Nothing is covered that no span covers, unless there were too many of them.
    const covered = (second: number) => spans.some(({ from, to }) => from <= second && second < to);
    if (mergeSpans(spans, Infinity).length > most) return;
    for (const { from, to } of merged) for (let at = from; at < to; at++) assert.ok(covered(at));
  }));
});

Deno.test("mergeSpans() closes the shortest gaps first", () => {
  const spans = [0, 10, 100, 105, 300].map((from) => ({ from, to: from + 1, rows: 1n }));
  assert.deepEqual(mergeSpans(spans, 3).map(({ from, to }) => [from, to]), [[0, 11], [100, 106], [300, 301]]);
});

Deno.test("hullOf() reaches from the first to the last", () => {
  assert.deepEqual(hullOf([{ from: 5, to: 6, rows: 1n }, { from: 1, to: 2, rows: 1n }], 7n), [
    { from: 1, to: 6, rows: 7n },
  ]);
  assert.deepEqual(hullOf([], 7n), []);
});
