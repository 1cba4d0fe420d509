import assert from "node:assert/strict";
import { mergeRule, mergingEngine } from "../../../src/clickhouse/engines/engines.ts";
import { traitsOf } from "../../../src/model/merge_rule.ts";

const KEYS = " PARTITION BY toYYYYMM(ts) ORDER BY (id, ts) SETTINGS index_granularity = 8192";

Deno.test("mergeRule() tells what an engine does to rows of equal key", () => {
  const rules = {
    "MergeTree": { kind: "keep" },
    "ReplicatedMergeTree('/clickhouse/{shard}, x', '{replica}')": { kind: "keep" },
    "ReplacingMergeTree": { kind: "replace", version: null },
    "ReplacingMergeTree(v)": { kind: "replace", version: "v" },
    "ReplacingMergeTree(`a, \\`b)`, gone)": { kind: "replace", version: "a, `b)" },
    "ReplicatedReplacingMergeTree('/p', '{replica}')": { kind: "replace", version: null },
    "ReplicatedReplacingMergeTree('/p', '{replica}', v, gone)": { kind: "replace", version: "v" },
    "ReplacingMergeTree((v), gone)": { kind: "replace", version: "v" },
    "CollapsingMergeTree(sign)": { kind: "collapse", sign: "sign", versioned: false },
    "VersionedCollapsingMergeTree(sign, v)": { kind: "collapse", sign: "sign", versioned: true },
    "CoalescingMergeTree": { kind: "coalesce" },
    "CoalescingMergeTree((a, b))": { kind: "other" },
    "SummingMergeTree": { kind: "sum", columns: null },
    "SummingMergeTree(a)": { kind: "sum", columns: ["a"] },
    "SummingMergeTree((a, `b c`))": { kind: "sum", columns: ["a", "b c"] },
    "SummingMergeTree((a))": { kind: "sum", columns: ["a"] },
    "SummingMergeTree(tuple(a, `b c`))": { kind: "sum", columns: ["a", "b c"] },
    "AggregatingMergeTree": { kind: "aggregate", again: true },
    "GraphiteMergeTree('graphite_rollup')": { kind: "other" },
    "FutureMergeTree": { kind: "other" },
  };
  for (const [engine, rule] of Object.entries(rules)) {
    assert.deepEqual(mergeRule(engine + KEYS, { columns: [], feeds: [] }), rule, engine);
  }
});

Deno.test("what an engine can tell is what its traits promise", () => {
  for (
    const engine of [
      "MergeTree",
      "ReplacingMergeTree",
      "CollapsingMergeTree(sign)",
      "VersionedCollapsingMergeTree(sign, v)",
      "CoalescingMergeTree",
      "SummingMergeTree",
      "AggregatingMergeTree",
      "FutureMergeTree",
    ]
  ) {
    const rule = mergeRule(engine + KEYS, { columns: [], feeds: [] });
    const { mergesRows, tells } = traitsOf(rule);
    const merging = mergingEngine(rule, []);
    assert.equal(merging !== null, mergesRows && tells !== "nothing", engine);
    assert.equal(merging?.missing != null, mergesRows && tells === "rows", engine);
  }
});
