import assert from "node:assert/strict";
import { reasonOf } from "../../../src/model/cause.ts";
import { fc } from "../../support/seed.ts";
import { addDigests, type Digest, subtractDigests } from "../../../src/model/digest.ts";
import type { BucketDifference, RowScope } from "../../../src/model/scope.ts";
import { compareBuckets } from "../../../src/check/compare/compare_buckets.ts";
import { judgePartition } from "../../../src/check/judge/judge_partition.ts";
import type { PartitionFacts, PartitionPolicy } from "../../../src/check/judge/partition_facts.ts";
import { POLICY, ruled, SCOPE } from "../../support/data/judging.ts";
import { digest, partition } from "../../support/data/tables.ts";

/** What one bucket holds: at both sites, at the active one only, at this one only. */
interface Rows {
  readonly both?: number;
  readonly missing?: number;
  readonly surplus?: number;
}

/** The facts of a partition of these buckets, with the differences that the servers would find. */
function facts(buckets: readonly Rows[], fields: Partial<PartitionFacts> = {}): PartitionFacts {
  const sides = buckets.map(({ both = 0, missing = 0, surplus = 0 }, index) => ({
    bucket: BigInt(index),
    there: addDigests(digest(both), digest(missing, 1000 + missing)),
    here: addDigests(digest(both), digest(surplus, 2000 + surplus)),
    missing: digest(missing, 1000 + missing),
    surplus: digest(surplus, 2000 + surplus),
  }));
  const listed = (side: "here" | "there") =>
    sides.filter((rows) => rows[side].rows > 0n)
      .map((rows) => ({ partitionId: "p", bucket: rows.bucket, digest: rows[side] }));
  const comparison = compareBuckets(listed("here"), listed("there"));
  const partial = new Set(comparison.partial.map(({ bucket }) => bucket));
  const differences = sides.filter(({ bucket }) => partial.has(bucket))
    .map(({ bucket, missing, surplus }): BucketDifference => ({ bucket, missing, surplus, repeated: 0n }));
  return {
    here: partition("p", { rows: comparison.here.rows }),
    there: partition("p", { rows: comparison.there.rows }),
    scope: SCOPE,
    comparison,
    differences,
    twins: 0n,
    twinsAmong: differences.reduce((sum, d) => sum + d.missing.rows, 0n),
    newest: 9_000n,
    ...fields,
  };
}

const judge = (known: PartitionFacts, policy: Partial<PartitionPolicy> = {}) => {
  const { cause, ...judged } = judgePartition(known, { ...POLICY, ...policy });
  return { ...judged, reason: cause && reasonOf(cause) };
};
const reason = (known: PartitionFacts, policy: Partial<PartitionPolicy> = {}) => judge(known, policy).reason;

Deno.test("judgePartition() finds nothing to say of equal partitions", () => {
  assert.deepEqual(judge(facts([{ both: 5 }, { both: 7 }])), {
    reason: null,
    detail: "",
    missing: digest(0),
    surplus: digest(0),
    repeated: 0n,
  });
});

Deno.test("judgePartition() calls missing what is absent here altogether, whatever the engine", () => {
  const rules = [
    { kind: "keep" },
    { kind: "aggregate", again: false },
    { kind: "coalesce" },
    { kind: "other" },
  ] as const;
  for (const rule of rules) {
    const found = judge(facts([{ missing: 5 }], { here: null }), ruled(rule));
    assert.deepEqual([found.reason, found.missing.rows], ["missing", 5n]);
  }
});

Deno.test("judgePartition() calls partial what is absent in whole buckets or in parts of them", () => {
  assert.equal(reason(facts([{ both: 5 }, { missing: 3 }])), "partial");
  const found = judge(facts([{ both: 5, missing: 2, surplus: 4 }]));
  assert.deepEqual([found.reason, found.missing.rows, found.surplus.rows], ["partial", 2n, 4n]);
  assert.match(found.detail, /^2 of 7 rows are absent here; 4 rows that exist only here stay$/);
});

Deno.test("judgePartition() calls surplus what only this site holds, in a bucket of its own or not", () => {
  assert.equal(reason(facts([{ both: 5 }, { surplus: 3 }])), "surplus");
  assert.equal(reason(facts([{ both: 5, surplus: 3 }])), "surplus");
});

Deno.test("judgePartition() adds up missing, surplus and repeated rows over all buckets", () => {
  const rows = fc.record({ both: fc.nat(9), missing: fc.nat(9), surplus: fc.nat(9) });
  fc.assert(fc.property(fc.array(rows), (buckets) => {
    const known = facts(buckets);
    const found = judge({ ...known, differences: known.differences.map((d) => ({ ...d, repeated: 1n })) });
    const sum = (field: "missing" | "surplus") => buckets.reduce((total, bucket) => total + bucket[field], 0);
    assert.equal(found.missing.rows, BigInt(sum("missing")));
    assert.equal(found.surplus.rows, BigInt(sum("surplus")));
    assert.equal(found.repeated, BigInt(known.differences.length));
    const { here, there } = known.comparison;
    assert.deepEqual(difference(there, here), difference(found.missing, found.surplus));
    const expected = sum("missing") > 0
      ? (known.comparison.here.rows === 0n ? "missing" : "partial")
      : sum("surplus") > 0
      ? "surplus"
      : null;
    assert.equal(found.reason, expected);
  }));
});

function difference(a: Digest, b: Digest): Digest {
  return subtractDigests(a, b);
}

Deno.test("judgePartition() waits for a lightweight update on either side", () => {
  const hasPatches = { hasPatches: true };
  const missing = [{ both: 5, missing: 1 }];
  assert.equal(reason(facts(missing, { here: partition("p", hasPatches) })), "mutating");
  assert.equal(reason(facts(missing, { there: partition("p", hasPatches) })), "mutating");
});

Deno.test("judgePartition() does not bring back rows where a lightweight delete was here", () => {
  const here = partition("p", { hasLightweightDeletes: true });
  assert.equal(reason(facts([{ both: 5, missing: 1 }], { here })), "deleted");
  assert.equal(reason(facts([{ missing: 5 }], { here })), "deleted");
  assert.equal(reason(facts([{ both: 5 }], { here })), null);
});

Deno.test("judgePartition() minds deletes of this site only: those of the active one hide rows there", () => {
  const there = partition("p", { hasLightweightDeletes: true });
  assert.equal(reason(facts([{ both: 5, missing: 1 }], { there })), "partial");
});

Deno.test("judgePartition() waits until a table without a time column is quiet at both sites", () => {
  const timeless = (quiet: boolean, fields: Partial<PartitionFacts> = {}) =>
    reason(facts([{ both: 5, missing: 1 }], { scope: { ...SCOPE, axis: null, quiet }, ...fields }));
  assert.equal(timeless(true), "partial");
  assert.equal(timeless(false), "backfilling");
  assert.equal(timeless(true, { disturbed: true }), "backfilling");
  assert.equal(
    reason(facts([{ missing: 1 }], { scope: { ...SCOPE, axis: null }, here: null })),
    "backfilling",
  );
});

Deno.test("judgePartition() looks for twins among rows of slices that are partly here", () => {
  const outage = facts([{ both: 5, missing: 100, surplus: 100 }, { missing: 100_000 }], { twins: 11n });
  assert.equal(reason(outage), "independent");
});

Deno.test("judgePartition() refuses where more missing rows than allowed have a twin here", () => {
  const known = (twins: bigint) => facts([{ both: 5, missing: 100, surplus: 100 }], { twins });
  assert.equal(reason(known(10n)), "partial");
  assert.equal(reason(known(11n)), "independent");
  assert.equal(reason(known(100n), { maxConflictPercent: 100 }), "partial");
  assert.equal(reason(known(1n), { maxConflictPercent: 0 }), "independent");
  assert.match(
    judge(known(11n)).detail,
    /^11 of 100 absent rows, .*have a twin here/,
  );
});

Deno.test("judgePartition() explains parts that count differently by rows that are still arriving", () => {
  const known = (newest: bigint | null, axis: RowScope["axis"] = SCOPE.axis) =>
    reason(facts([{ both: 5 }], { newest, scope: { ...SCOPE, axis }, there: partition("p", { rows: 6n }) }));
  assert.equal(known(10_000n), "hot");
  assert.equal(known(9_999n), null);
  assert.equal(known(null), null);
  assert.equal(known(11_200n), "hot");
  assert.equal(known(11_201n), "backfilling");
  assert.equal(known(5n, { column: "day", unit: "days" }), "backfilling");
  assert.equal(known(4n, { column: "day", unit: "days" }), null);
});

Deno.test("judgePartition() explains parts that count differently by rows past their TTL", () => {
  const scope = { ...SCOPE, ttls: [{ expression: "ts", where: null }] };
  const known = facts([{ both: 5 }], { scope });
  assert.equal(reason({ ...known, there: partition("p", { rows: 6n }) }), "expiring");
  assert.equal(reason({ ...known, there: partition("p", { rows: 6n }), newest: 10_000n }), "hot");
  assert.equal(reason(known), null);
});

Deno.test("judgePartition() explains an absent partition of which nothing is settled", () => {
  assert.equal(reason(facts([], { here: null, newest: 10_000n, there: partition("p") })), "hot");
});

Deno.test("of several shards, rows of which most have a copy are left alone, and a few that were sent twice are not", () => {
  const shards = { ...POLICY, severalShards: true };
  const lacking = (both: number, missing: number, repeated: bigint) => {
    const known = facts([{ both, missing }], { scope: { ...SCOPE, quiet: true } });
    return { ...known, differences: known.differences.map((d) => ({ ...d, repeated })) };
  };
  const cause = (known: PartitionFacts, policy: PartitionPolicy = shards) =>
    judgePartition(known, policy).cause;
  assert.equal(cause(lacking(100, 1, 1n)), "partial");
  assert.equal(cause(lacking(100, 200, 100n)), "failed");
  assert.equal(cause(lacking(100, 200, 100n), { ...shards, accepted: true }), "failed");
  assert.equal(cause(lacking(100, 200, 100n), POLICY), "partial");
  const copied = (known: PartitionFacts): PartitionFacts => ({
    ...known,
    comparison: { ...known.comparison, copied: [1, 2] },
  });
  assert.equal(cause(copied(lacking(10, 10, 10n))), "failed");
  assert.equal(cause(copied(facts([{ missing: 5 }]))), "failed");
  // As often here as there: there is nothing that would count twice.
  assert.equal(cause(copied(facts([{ both: 20 }]))), null);
});
