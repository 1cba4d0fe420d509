import assert from "node:assert/strict";
import { type MergeRule, traitsOf } from "../../src/model/merge_rule.ts";

const RULES: readonly MergeRule[] = [
  { kind: "keep" },
  { kind: "replace", version: "v" },
  { kind: "replace", version: null },
  { kind: "collapse", sign: "sign", versioned: false },
  { kind: "collapse", sign: "sign", versioned: true },
  { kind: "coalesce" },
  { kind: "sum", columns: null },
  { kind: "aggregate", again: false },
  { kind: "other" },
];

Deno.test("traitsOf() says what follows from a rule", () => {
  const of = (trait: (rule: MergeRule) => boolean) =>
    RULES.filter(trait).map((rule) => rule.kind === "replace" ? `replace by ${rule.version}` : rule.kind);
  assert.deepEqual(of((rule) => !traitsOf(rule).mergesRows), ["keep"]);
  assert.deepEqual(of((rule) => traitsOf(rule).lastRowWins), ["replace by null", "coalesce"]);
  assert.deepEqual(of((rule) => traitsOf(rule).picksValues), ["coalesce"]);
  assert.deepEqual(of((rule) => traitsOf(rule).tells === "sums"), ["sum", "aggregate"]);
  assert.deepEqual(of((rule) => traitsOf(rule).tells === "nothing"), ["other"]);
});
