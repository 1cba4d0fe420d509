import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { RememberedPartition } from "../../../src/model/memory.ts";
import {
  chooseComparison,
  type ComparisonPolicy,
  VerifyBudget,
} from "../../../src/check/memory/choose_comparison.ts";
import { partition } from "../../support/data/tables.ts";

const DAY = 86_400;
const NOW = 100 * DAY;
const POLICY: ComparisonPolicy = {
  now: NOW,
  deep: false,
  verifyInterval: 3600,
  mutatedAt: 0,
  mergesRows: false,
};
const [here, there] = [partition("p", { fingerprint: "h" }), partition("p", { fingerprint: "a" })];
const before = (fields: Partial<RememberedPartition> = {}): RememberedPartition => ({
  rowsHere: 10n,
  rowsActive: 10n,
  quiet: false,
  arrivedAt: null,
  repair: null,
  digestedAt: NOW - 60,
  proof: { here: "h", active: "a", city: 1n, xxh: 2n, reason: null, surplus: 0n },
  ...fields,
});
const choose = (
  known: RememberedPartition | null,
  policy: Partial<ComparisonPolicy> = {},
  parts = { here, there },
) => chooseComparison(known, parts.here, parts.there, { ...POLICY, ...policy });
const merged = { here: partition("p", { fingerprint: "h2" }), there };

Deno.test("chooseComparison() passes over what is proven and unchanged, also in a check that makes ready", () => {
  for (const deep of [false, true]) assert.equal(choose(before(), { deep }), "proven");
  assert.equal(choose(null), "digest");
  assert.equal(choose(before({ digestedAt: null })), "digest");
});

Deno.test("chooseComparison() digests what changed on either side", () => {
  for (const side of ["here", "there"] as const) {
    const parts = { here, there, [side]: partition("p", { fingerprint: "new", rows: 11n }) };
    assert.equal(choose(before(), {}, parts), "digest");
  }
});

Deno.test("chooseComparison() has every proof renewed within thirty days, not all at once", () => {
  assert.equal(choose(before({ digestedAt: NOW - 14 * DAY })), "proven");
  assert.equal(choose(before({ digestedAt: NOW - 30 * DAY })), "digest");
  const due = Array.from({ length: 300 }, (_, id) => {
    const [mine, theirs] = [
      partition(`2026${id}`, { fingerprint: "h" }),
      partition(`2026${id}`, { fingerprint: "a" }),
    ];
    return chooseComparison(before({ digestedAt: NOW - 22 * DAY }), mine, theirs, POLICY);
  }).filter((way) => way === "due").length;
  assert.ok(due > 60 && due < 240, `${due} of 300 come of age at half the time between`);
  // A clock that was set back makes no proof last longer.
  assert.equal(choose(before({ digestedAt: NOW + 60 })), "digest");
});

Deno.test("chooseComparison() takes as many rows in other parts for merged, unless something else may have changed them", () => {
  assert.equal(choose(before(), {}, merged), "merged");
  assert.equal(choose(before(), { deep: true }, merged), "digest");
  assert.equal(choose(before(), { mutatedAt: NOW }, merged), "digest");
  assert.equal(choose(before(), { mergesRows: true }, merged), "digest");
  for (const flag of ["hasLightweightDeletes", "hasPatches"] as const) {
    assert.equal(choose(before(), {}, { here: { ...merged.here, [flag]: true }, there }), "digest");
  }
});

Deno.test("chooseComparison() counts what changes all the time, and digests it once an interval", () => {
  const hot = { proof: null };
  assert.equal(choose(before({ ...hot, digestedAt: NOW - 3599 })), "counts");
  assert.equal(choose(before({ ...hot, digestedAt: NOW - 3600 })), "digest");
  assert.equal(choose(before(hot), { deep: true }), "digest");
});

Deno.test("chooseComparison() never takes a changed partition for proven", () => {
  const text = fc.constantFrom("a", "h", "x", "");
  fc.assert(
    fc.property(
      text,
      text,
      fc.boolean(),
      fc.integer({ min: 0, max: 40 * DAY }),
      (mine, theirs, deep, age) => {
        const parts = {
          here: partition("p", { fingerprint: mine }),
          there: partition("p", { fingerprint: theirs }),
        };
        const way = choose(before({ digestedAt: NOW - age }), { deep }, parts);
        if (way === "proven" || way === "due") assert.deepEqual([mine, theirs], ["h", "a"]);
        if (deep) assert.ok(way !== "counts" && way !== "merged");
      },
    ),
  );
});

Deno.test("VerifyBudget gives as many bytes as it has", () => {
  const budget = new VerifyBudget(100);
  assert.deepEqual([60n, 60n, 40n, 1n].map((bytes) => budget.take(bytes)), [true, false, true, false]);
});
