import assert from "node:assert/strict";
import { baseEngine } from "../../../src/check/tables/schema_drift.ts";

Deno.test("baseEngine() takes off how parts are kept, and only at the beginning", () => {
  assert.equal(baseEngine("ReplicatedReplacingMergeTree"), "ReplacingMergeTree");
  assert.equal(baseEngine("MergeTree"), "MergeTree");
});
