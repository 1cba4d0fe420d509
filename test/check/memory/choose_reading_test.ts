import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { RememberedPartition } from "../../../src/model/memory.ts";
import { chooseReading, type ReadingPolicy } from "../../../src/check/memory/choose_reading.ts";
import { writtenAt } from "../../../src/model/partition.ts";
import { dueAt } from "../../../src/model/proof_age.ts";
import { partition } from "../../support/data/tables.ts";

const DAY = 86_400;
const NOW = 100 * DAY;
const POLICY: ReadingPolicy = {
  now: NOW,
  deep: false,
  verifyInterval: 3600,
  mutatedAt: 0,
  mergesRows: false,
};
const [here, there] = [partition("p", { fingerprint: "h" }), partition("p", { fingerprint: "a" })];
const remembered = (fields: Partial<RememberedPartition> = {}): RememberedPartition => ({
  rowsHere: 10n,
  rowsActive: 10n,
  quiet: false,
  arrivedAt: null,
  repair: null,
  digestedAt: NOW - 60,
  proof: { here: "h", active: "a", written: writtenAt(here, there), city: 1n, reason: null, surplus: 0n },
  ...fields,
});
const choose = (
  last: RememberedPartition | null,
  policy: Partial<ReadingPolicy> = {},
  parts = { here, there },
) => chooseReading(last, parts.here, parts.there, { ...POLICY, ...policy });
const merged = { here: partition("p", { fingerprint: "h2" }), there };

Deno.test("chooseReading() passes over what is proven and unchanged, also in a check that makes ready", () => {
  for (const deep of [false, true]) assert.equal(choose(remembered(), { deep }), "proven");
  assert.equal(choose(null), "digest");
  assert.equal(choose(remembered({ digestedAt: null })), "digest");
});

Deno.test("chooseReading() digests what changed on either side", () => {
  for (const side of ["here", "there"] as const) {
    const parts = { here, there, [side]: partition("p", { fingerprint: "new", rows: 11n }) };
    assert.equal(choose(remembered(), {}, parts), "digest");
  }
});

Deno.test("chooseReading() has every proof renewed within thirty days, not all at once", () => {
  assert.equal(choose(remembered({ digestedAt: NOW - 14 * DAY })), "proven");
  assert.equal(choose(remembered({ digestedAt: NOW - 30 * DAY })), "digest");
  const due = Array.from({ length: 300 }, (_, id) => {
    const [partHere, partThere] = [
      partition(`2026${id}`, { fingerprint: "h" }),
      partition(`2026${id}`, { fingerprint: "a" }),
    ];
    return chooseReading(remembered({ digestedAt: NOW - 22 * DAY }), partHere, partThere, POLICY);
  }).filter((reading) => reading === "due").length;
  assert.ok(due > 60 && due < 240, `${due} of 300 come of age at half the time between`);
  // A clock that was set back makes no proof last longer.
  assert.equal(choose(remembered({ digestedAt: NOW + 60 })), "digest");
});

Deno.test("proofs fall due by whole hours, from fifteen days on, and before thirty and an hour are over", () => {
  fc.assert(fc.property(fc.string(), fc.nat(2 ** 32), (id, at) => {
    const due = dueAt(id, at);
    assert.equal(due % 3600, 0);
    assert.ok(due >= at + 15 * DAY && due < at + 30 * DAY + 3600);
  }));
});

Deno.test("chooseReading() takes as many rows in other parts for merged, unless something else may have changed them", () => {
  assert.equal(choose(remembered(), {}, merged), "merged");
  assert.equal(choose(remembered(), { deep: true }, merged), "digest");
  assert.equal(choose(remembered(), { mutatedAt: NOW }, merged), "digest");
  assert.equal(choose(remembered(), { mergesRows: true }, merged), "digest");
  for (const side of ["here", "there"] as const) {
    const since = { ...merged, [side]: { ...merged[side], written: 8n } };
    assert.equal(choose(remembered(), {}, since), "digest");
  }
  assert.equal(choose(remembered(), {}, { ...merged, there: { ...there, insertedAt: NOW - 59 } }), "digest");
  const proof = { ...remembered().proof!, written: null };
  assert.equal(choose(remembered({ proof }), {}, merged), "digest");
  for (const flag of ["hasLightweightDeletes", "hasPatches"] as const) {
    assert.equal(choose(remembered(), {}, { here: { ...merged.here, [flag]: true }, there }), "digest");
  }
});

Deno.test("chooseReading() counts what changes all the time, and digests it once an interval", () => {
  const hot = { proof: null };
  assert.equal(choose(remembered({ ...hot, digestedAt: NOW - 3599 })), "counts");
  assert.equal(choose(remembered({ ...hot, digestedAt: NOW - 3600 })), "digest");
  assert.equal(choose(remembered(hot), { deep: true }), "digest");
});

Deno.test("chooseReading() never takes a changed partition for proven", () => {
  const text = fc.constantFrom("a", "h", "x", "");
  fc.assert(
    fc.property(
      text,
      text,
      fc.boolean(),
      fc.integer({ min: 0, max: 40 * DAY }),
      (printHere, printThere, deep, age) => {
        const parts = {
          here: partition("p", { fingerprint: printHere }),
          there: partition("p", { fingerprint: printThere }),
        };
        const reading = choose(remembered({ digestedAt: NOW - age }), { deep }, parts);
        if (reading === "proven" || reading === "due") assert.deepEqual([printHere, printThere], ["h", "a"]);
        if (deep) assert.ok(reading !== "counts" && reading !== "merged");
      },
    ),
  );
});
