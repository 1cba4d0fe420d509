import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import type { BucketDifference } from "../../../src/model/scope.ts";
import type { Table } from "../../../src/model/table.ts";
import type { BucketComparison } from "../../../src/check/compare/compare_buckets.ts";
import { planOnlyHere, planRepair } from "../../../src/check/plan/plan_partition.ts";
import type { PartitionFacts } from "../../../src/check/judge/partition_facts.ts";
import { digest, partition, table } from "../../support/data/tables.ts";

const BUCKETING = { kind: "time", origin: 0n, width: 60n } as const;
const scope = {
  axis: { column: "ts", unit: "seconds" as const },
  moment: { now: 10_600, settledBefore: 10_000, settledBeforeDay: 5 },
  quiet: false,
  settleSeconds: 600,
  ttls: [],
};
const difference = (bucket: bigint, missing: number, surplus: number): BucketDifference => ({
  bucket,
  missing: digest(missing),
  repeated: 0n,
  surplus: digest(surplus),
});

/** Bucket 1 is absent here, 2 lacks rows, 3 has only surplus ones. */
const comparison: BucketComparison = {
  here: digest(60),
  there: digest(70),
  absent: [{ partitionId: "20260101", bucket: 1n, digest: digest(5) }],
  partial: [
    { bucket: 2n, here: digest(20), there: digest(30) },
    { bucket: 3n, here: digest(40), there: digest(30) },
  ],
  onlyHere: digest(0),
  bucketsOnlyHere: [],
};
const facts: PartitionFacts = {
  here: partition("20260101", { rows: 60n, fingerprint: "f" }),
  there: partition("20260101", { rows: 70n, bytes: 7_000n }),
  scope,
  comparison,
  differences: [difference(2n, 10, 0), difference(3n, 0, 10)],
  twins: 0n,
  twinsAmong: 0n,
  newest: 9_000n,
};
const judgement = {
  cause: "partial",
  detail: "",
  missing: digest(15),
  surplus: digest(10),
  repeated: 2n,
} as const;

function plan(some: Partial<PartitionFacts> = {}, here: Partial<Table> = {}) {
  const pair = pairTables("d.t", table("d.t", here), table("d.t"));
  return planRepair(pair, { ...facts, ...some }, judgement, BUCKETING);
}

Deno.test("planRepair() copies absent buckets whole and looks only into those that lack rows", () => {
  const repair = plan();
  assert.deepEqual([repair.absent, repair.partial], [[1n], [{ buckets: [2n], missing: 10n }]]);
  assert.deepEqual([repair.missing, repair.repeated], [digest(15), 2n]);
  assert.deepEqual([repair.partitionId, repair.reason], ["20260101", "partial"]);
  assert.deepEqual([repair.scope, repair.bucketing], [scope, BUCKETING]);
});

Deno.test("planRepair() remembers what this site held in the buckets that it touches", () => {
  assert.deepEqual(plan().before, digest(20));
  assert.equal(plan().fingerprint, "f");
});

Deno.test("planRepair() takes an absent or empty partition as a whole", () => {
  for (const here of [null, partition("20260101", { rows: 0n })]) {
    const repair = plan({ here });
    assert.deepEqual([repair.absent, repair.before], ["all", digest(0)]);
    assert.equal(repair.fingerprint, here?.fingerprint ?? null);
  }
});

Deno.test("planRepair() looks row by row into a partition whose rows here are all too young to be compared", () => {
  assert.deepEqual(
    plan({ comparison: { ...comparison, here: digest(0), partial: [] }, differences: [] }).absent,
    [1n],
  );
});

Deno.test("planRepair() estimates the bytes by the share of the rows", () => {
  assert.equal(plan().bytes, 1_500);
  assert.equal(plan({ there: partition("20260101", { rows: 0n, bytes: 0n }) }).bytes, 0);
});

Deno.test("planRepair() attaches to a table without views and inserts where views are to see the rows", () => {
  assert.equal(plan().method, "attach");
  assert.equal(plan({}, { feeds: [{ database: "d", name: "v" }] }).method, "insert");
});

Deno.test("planRepair() says where rows cannot be counted again once they are in the table", () => {
  assert.equal(plan().mergesRows, false);
  assert.equal(plan({}, { mergeRule: { kind: "replace", version: null } }).mergesRows, true);
});

Deno.test("planOnlyHere() calls rows surplus, unless the active site held them and most are left here", () => {
  const of = (heldBefore: bigint, unexpired: bigint) => {
    const one = { partition: partition("20260101"), last: null, heldBefore, unexpired };
    const { finding, ifAccepted, repair } = planOnlyHere("d.t", one, 10_000);
    assert.equal(repair, null);
    return [finding?.cause, finding?.surplus, ifAccepted?.finding?.cause];
  };
  assert.deepEqual(of(0n, 0n), ["surplus", 10n, undefined]);
  assert.deepEqual(of(10n, 4n), ["surplus", 10n, undefined]);
  assert.deepEqual(of(10n, 5n), ["shrunk", 10n, "surplus"]);
});

Deno.test("planOnlyHere() remembers what the active site held for as long as it is missed there", () => {
  const held = { rowsHere: 10n, rowsActive: 10n, quiet: true, arrivedAt: null, repair: null };
  const last = { ...held, digestedAt: 1, proof: null };
  const of = (changedAt: number, heldBefore: bigint) => {
    const one = { partition: partition("20260101", { changedAt }), last, heldBefore, unexpired: 10n };
    return planOnlyHere("d.t", one, 10_000).remember?.rowsActive;
  };
  assert.equal(of(10_000, 10n), 10n);
  assert.equal(of(9_999, 0n), 0n);
  assert.equal(of(10_000, 0n), undefined, "nobody knows yet which of its rows are settled");
});
