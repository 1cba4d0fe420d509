import assert from "node:assert/strict";
import { type HashedRow, pickTwin } from "../../../src/check/sample/pick_twin.ts";

const row = (hash: string, event: string, ...columns: string[]): HashedRow => ({ hash, event, columns });
const mine = row("m", "e", "1", "2", "3", "4", "5");

Deno.test("pickTwin() takes the nearest row of the same key, however much of it differs", () => {
  const far = row("f", "e", "1", "x", "x", "x", "x");
  const near = row("n", "e", "1", "2", "3", "x", "x");
  const picked = pickTwin(mine, [far, near, row("o", "o", "1", "2", "3", "4", "x")], new Set());
  assert.deepEqual(picked, { hash: "n", sameKey: true, atBoth: false, differing: [3, 4] });
  assert.equal(pickTwin(mine, [far], new Set())?.hash, "f");
});

Deno.test("pickTwin() takes a row of another key only if it is nearly the same and not at both sites", () => {
  const near = row("n", "o", "x", "2", "3", "4", "5");
  assert.deepEqual(pickTwin(mine, [near], new Set())?.differing, [0]);
  assert.equal(pickTwin(mine, [near], new Set(["n"])), null);
  assert.equal(pickTwin(mine, [row("n", "o", "x", "x", "x", "4", "5")], new Set()), null);
});

Deno.test("pickTwin() prefers a row that only the other site has, and never takes the row itself", () => {
  const both = row("b", "e", "1", "2", "3", "4", "x");
  const own = row("w", "o", "x", "2", "3", "4", "5");
  assert.equal(pickTwin(mine, [both, own], new Set(["b"]))?.hash, "w");
  assert.deepEqual(pickTwin(mine, [mine, both], new Set(["b"]))?.atBoth, true);
});
