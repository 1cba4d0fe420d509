import assert from "node:assert/strict";
import { reasonOf } from "../../../src/model/cause.ts";
import {
  type MergedDifference,
  type MergeRule,
  NO_MERGED_DIFFERENCE,
  traitsOf,
} from "../../../src/model/merge_rule.ts";
import type { RowScope } from "../../../src/model/scope.ts";
import { compareBuckets } from "../../../src/check/compare/compare_buckets.ts";
import { judgePartition } from "../../../src/check/judge/judge_partition.ts";
import type { PartitionFacts, PartitionPolicy } from "../../../src/check/judge/partition_facts.ts";
import { digest, partition } from "../../support/data/tables.ts";

/** What is said of a table of this rule. */
const ruled = (mergeRule: MergeRule) => ({ mergeRule, traits: traitsOf(mergeRule) });

const POLICY: PartitionPolicy = {
  engine: "ReplacingMergeTree",
  ...ruled({ kind: "replace", version: "v" }),
  maxConflictPercent: 10,
  mayReplace: false,
  roleAwaited: null,
  accepted: false,
};

const SCOPE: RowScope = {
  axis: { column: "ts", unit: "seconds" },
  moment: { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 },
  quiet: false,
  settleSeconds: 600,
  ttls: [],
};

/** A partition whose rows differ, and what they come down to. */
function judge(
  difference: Partial<MergedDifference> | "differs" | null,
  policy: Partial<PartitionPolicy> = {},
  fields: Partial<PartitionFacts> = {},
) {
  const whole = typeof difference === "object" && difference !== null
    ? { ...NO_MERGED_DIFFERENCE, ...difference }
    : difference;
  const comparison = compareBuckets([], []);
  const facts: PartitionFacts = {
    here: partition("p"),
    there: partition("p"),
    scope: SCOPE,
    comparison: { ...comparison, here: digest(6), there: digest(7) },
    differences: [],
    twins: 0n,
    twinsAmong: 0n,
    newest: 9_000n,
    merged: { difference: whole, buckets: [0n], bucketCount: 1 },
    ...fields,
  };
  const judged = judgePartition(facts, { ...POLICY, ...policy });
  return { ...judged, reason: judged.cause && reasonOf(judged.cause) };
}

Deno.test("what only merge timing tells apart is unmerged", () => {
  assert.equal(judge(null).reason, "unmerged");
  assert.equal(judge({}).reason, "unmerged");
});

Deno.test("what is missing is partial, whatever else differs", () => {
  const found = judge({ missing: digest(3), surplus: 2n, unsettled: 1n });
  assert.deepEqual([found.reason, found.missing, found.surplus.rows], ["partial", digest(3), 2n]);
});

Deno.test("rows that are only here stay, and rows that still arrive are waited for", () => {
  assert.equal(judge({ surplus: 2n, unsettled: 1n }).reason, "surplus");
  assert.equal(judge({ unsettled: 1n }).reason, "hot");
});

Deno.test("a conflict, or a doubt, refuses the partition with all that is missing in it", () => {
  assert.equal(judge({ missing: digest(3), conflicts: 1n, unknown: 1n }).reason, "independent");
  assert.equal(judge({ missing: digest(3), unknown: 1n }).reason, "unsupported");
});

Deno.test("rows that cannot be told apart are refused", () => {
  const found = judge("differs", { engine: "SummingMergeTree", ...ruled({ kind: "sum", columns: null }) });
  assert.equal(found.reason, "aggregated");
  assert.match(found.detail, /^SummingMergeTree adds rows up.*7 rows at the active site, 6 here/);
  assert.equal(judge("differs", ruled({ kind: "other" })).reason, "unsupported");
});

Deno.test("where the last row wins, nothing is added while others come", () => {
  const last: Partial<PartitionPolicy> = ruled({ kind: "replace", version: null });
  assert.equal(judge({ missing: digest(3) }, last).reason, "backfilling");
  assert.equal(judge({ missing: digest(3) }, last, { scope: { ...SCOPE, quiet: true } }).reason, "partial");
  assert.equal(judge({ missing: digest(3) }).reason, "partial");
});

Deno.test("a lightweight delete here refuses, as for other engines", () => {
  const here = partition("p", { hasLightweightDeletes: true });
  assert.equal(judge({ missing: digest(3) }, {}, { here }).reason, "deleted");
});
