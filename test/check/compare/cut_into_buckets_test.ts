import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { TimeAxis } from "../../../src/model/scope.ts";
import { type Extent, planBatches, planSlices } from "../../../src/check/compare/cut_into_buckets.ts";

const AXIS: TimeAxis = { column: "ts", unit: "seconds" };

const extents = fc.array(
  fc.record({
    rows: fc.bigInt({ min: 0n, max: 6_000_000n }),
    span: fc.option(fc.tuple(
      fc.bigInt({ min: -3_000_000_000n, max: 11_000_000_000n }),
      fc.bigInt({ min: 0n, max: 1_000_000_000n }),
    )),
  }),
  { maxLength: 600 },
).map((all): Extent[] =>
  all.map(({ rows, span }, index) => ({
    partitionId: String(index),
    rows,
    from: span && span[0],
    to: span && span[0] + span[1],
  }))
);

function many(count: number, rows: bigint): Extent[] {
  return Array.from({ length: count }, (_, index) => ({
    partitionId: String(index),
    rows,
    from: BigInt(index) * 86_400n,
    to: BigInt(index) * 86_400n + 86_399n,
  }));
}

Deno.test("planBatches() puts every partition into exactly one batch and keeps their order", () => {
  fc.assert(fc.property(extents, (all) => {
    assert.deepEqual(planBatches(all, AXIS).flatMap(({ partitions }) => partitions), all);
  }));
});

Deno.test("planBatches() bounds the rows and the partitions of a batch, and the buckets of a statement", () => {
  fc.assert(fc.property(extents, fc.constantFrom(AXIS, null), (all, axis) => {
    for (const { partitions, bucketing } of planBatches(all, axis)) {
      const rows = partitions.reduce((sum, extent) => sum + extent.rows, 0n);
      assert.ok(partitions.length > 0 && partitions.length <= 256);
      assert.ok(rows <= 4_000_000n || partitions.length === 1);
      if (bucketing.kind === "hash") {
        assert.equal(axis, null);
        assert.ok(bucketing.count >= 1 && bucketing.count <= 1024);
        assert.ok(bucketing.count * partitions.length <= 4096);
        continue;
      }
      assert.notEqual(axis, null);
      let buckets = 0n;
      for (const { from, to } of partitions) {
        if (from === null || to === null) continue;
        assert.ok(bucketing.origin <= from); // so that no bucket is twice as wide as the others
        // A partition need not begin where a bucket does.
        const crossed: bigint = (to - from) / bucketing.width + 2n;
        assert.ok(crossed <= 1024n + 2n);
        buckets += crossed;
      }
      assert.ok(buckets <= 4096n + 2n * BigInt(partitions.length));
    }
  }));
});

Deno.test("planBatches() cuts where the next partition would make too many rows", () => {
  const sizes = planBatches(many(5, 2_000_000n), AXIS).map(({ partitions }) => partitions.length);
  assert.deepEqual(sizes, [2, 2, 1]);
});

Deno.test("planBatches() cuts after 256 partitions", () => {
  assert.deepEqual(planBatches(many(600, 1n), AXIS).map(({ partitions }) => partitions.length), [
    256,
    256,
    88,
  ]);
});

Deno.test("planBatches() gives a partition of its own to one that is too large for any batch", () => {
  const [before, large, after] = many(3, 10n);
  const planned = planBatches([before!, { ...large!, rows: 9_000_000n }, after!], AXIS);
  assert.deepEqual(planned.map(({ partitions }) => partitions.length), [1, 1, 1]);
});

Deno.test("planBatches() makes few buckets of few rows and at most 1024 of many", () => {
  const buckets = (rows: bigint) => planBatches(many(1, rows), null)[0]!.bucketing;
  assert.deepEqual(buckets(10n), { kind: "hash", count: 1 });
  assert.deepEqual(buckets(5_000n), { kind: "hash", count: 10 });
  assert.deepEqual(buckets(100_000_000n), { kind: "hash", count: 1024 });
});

Deno.test("planBatches() cuts a large day into slices of a minute and a half", () => {
  const [batch] = planBatches(many(1, 1_000_000n), AXIS);
  assert.deepEqual(batch!.bucketing, { kind: "time", origin: 0n, width: 85n });
});

Deno.test("planBatches() has one bucket for rows without any time, and plans nothing for no partitions", () => {
  const timeless = { partitionId: "all", rows: 3n, from: null, to: null };
  assert.deepEqual(planBatches([timeless], AXIS)[0]!.bucketing, { kind: "time", origin: 0n, width: 1n });
  assert.deepEqual(planBatches([], AXIS), []);
});

Deno.test("planSlices() keeps every bucket once and in order, and no slice over the limit but for one bucket alone", () => {
  const bucket = fc.record({ rows: fc.bigInt({ min: 0n, max: 50n }) });
  fc.assert(fc.property(fc.array(bucket), (sizes) => {
    const buckets = sizes.map(({ rows }, index) => ({ bucket: BigInt(index), rows }));
    const slices = planSlices(buckets, 60n);
    assert.deepEqual(slices.flat(), buckets.map(({ bucket }) => bucket));
    for (const slice of slices) {
      const rows = slice.reduce<bigint>((sum, at) => sum + buckets[Number(at)]!.rows, 0n);
      assert.ok(slice.length === 1 || rows <= 60n);
    }
  }));
});
