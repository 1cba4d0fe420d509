import assert from "node:assert/strict";
import { Budget } from "../../src/check/budget.ts";

Deno.test("Budget gives as much as it has", () => {
  const budget = new Budget(100n);
  assert.deepEqual([60n, 60n, 40n, 1n].map((amount) => budget.take(amount)), [true, false, true, false]);
});

Deno.test("Budget tells what it has without giving it", () => {
  const budget = new Budget(100n);
  assert.deepEqual([100n, 101n, 100n].map((amount) => budget.has(amount)), [true, false, true]);
  assert.ok(budget.take(100n));
});
