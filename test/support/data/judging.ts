/** By what partitions are judged where a test says nothing else. */
import type { PartitionPolicy } from "../../../src/check/judge/partition_facts.ts";
import { type MergeRule, traitsOf } from "../../../src/model/merge_rule.ts";
import type { RowScope } from "../../../src/model/scope.ts";

/** What is said of a table of this rule. */
export const ruled = (mergeRule: MergeRule) => ({ mergeRule, traits: traitsOf(mergeRule) });

export const POLICY: PartitionPolicy = {
  engine: "MergeTree",
  ...ruled({ kind: "keep" }),
  maxConflictPercent: 10,
  fedThere: false,
  severalShards: false,
  covers: false,
  mayReplace: false,
  roleAwaited: null,
  accepted: false,
};

export const SCOPE: RowScope = {
  axis: { column: "ts", unit: "seconds" },
  moment: { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 },
  quiet: false,
  settleSeconds: 600,
  ttls: [],
};
