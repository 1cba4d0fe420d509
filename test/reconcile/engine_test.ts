import assert from "node:assert/strict";
import { baseEngine, engineFamily } from "../../src/reconcile/engine.ts";

Deno.test("engineFamily() tells engines that keep rows from those that replace rows and those that add them up", () => {
  const families = {
    MergeTree: "plain",
    ReplacingMergeTree: "merging",
    CollapsingMergeTree: "merging",
    VersionedCollapsingMergeTree: "merging",
    CoalescingMergeTree: "merging",
    SummingMergeTree: "aggregating",
    AggregatingMergeTree: "aggregating",
    GraphiteMergeTree: "aggregating",
  };
  for (const [engine, family] of Object.entries(families)) {
    for (const prefix of ["", "Replicated", "Shared"]) {
      assert.equal(engineFamily(prefix + engine), family, prefix + engine);
    }
  }
});

Deno.test("engineFamily() trusts no engine that it does not know to keep every row", () => {
  assert.equal(engineFamily("FutureMergeTree"), "merging");
});

Deno.test("baseEngine() takes off how parts are kept, and only at the beginning", () => {
  assert.equal(baseEngine("ReplicatedReplacingMergeTree"), "ReplacingMergeTree");
  assert.equal(baseEngine("MergeTree"), "MergeTree");
});
