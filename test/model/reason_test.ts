import assert from "node:assert/strict";
import { CAUSES, insteadOfAccepting, meaningOf, reasonOf } from "../../src/model/cause.ts";
import { ALL_REASONS, consequence, type Reason, REASONS } from "../../src/model/reason.ts";

/** What users rely on: whether a reason is repaired, and whether a check with it may be clean. */
const PROMISED: Readonly<Record<Reason, readonly ["now" | "later" | "never", boolean]>> = {
  missing: ["now", true],
  partial: ["now", true],
  new: ["never", false],
  surplus: ["never", true],
  hot: ["later", true],
  expiring: ["never", true],
  unmerged: ["never", true],
  derived: ["never", true],
  lagging: ["later", false],
  backfilling: ["later", false],
  independent: ["never", false],
  aggregated: ["never", false],
  deleted: ["never", false],
  mutating: ["later", false],
  drifted: ["never", false],
  shrunk: ["never", false],
  recurring: ["never", false],
  views: ["never", false],
  unstable: ["never", false],
  filtered: ["never", false],
  unsupported: ["never", false],
  failed: ["later", false],
};

for (const reason of ALL_REASONS) {
  Deno.test(`${reason}: repaired and clean as promised, with something to do about it where it is neither`, () => {
    const { remedy, clean, advice, complete, group } = consequence(reason);
    assert.deepEqual([remedy === "repaired" ? "now" : remedy, clean], PROMISED[reason]);
    const settled = clean && remedy !== "repaired";
    assert.equal(advice === null, settled);
    assert.equal(group === "known", settled);
    // What is remembered as a proof must let a check be clean.
    assert.ok(!complete || settled);
  });
}

Deno.test("the reasons are those that are promised, each with a letter of its own", () => {
  assert.deepEqual([...ALL_REASONS].sort(), Object.keys(PROMISED).sort());
  assert.equal(new Set(ALL_REASONS.map((reason) => REASONS[reason].letter)).size, ALL_REASONS.length);
});

Deno.test("no cause has the name of a reason, and each says more than its reason", () => {
  for (const [cause, { reason, meaning }] of Object.entries(CAUSES)) {
    assert.ok(!Object.hasOwn(REASONS, cause));
    assert.equal(reasonOf(cause as keyof typeof CAUSES), reason);
    assert.equal(meaningOf(cause), meaning);
    assert.notEqual(meaning, REASONS[reason].meaning);
  }
  assert.equal(meaningOf("something of a later version"), "unknown");
  assert.equal(insteadOfAccepting("drifted"), REASONS.drifted.instead);
});
