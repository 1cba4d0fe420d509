import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { addDigests, type Digest, subtractDigests, sumDigests } from "../../../src/model/digest.ts";
import type { Bucket, BucketDigest } from "../../../src/model/scope.ts";
import { compareBuckets } from "../../../src/check/compare/compare_buckets.ts";
import { digest } from "../../support/data/tables.ts";

/** Buckets of one partition with few digests, so that equal ones are common; -1 stands for rows without a time. */
const side = fc.dictionary(
  fc.integer({ min: -1, max: 12 }).map(String),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 })),
).map((buckets) =>
  new Map(
    Object.entries(buckets).map(([key, [rows, content]]): [Bucket, Digest] => [
      key === "-1" ? null : BigInt(key),
      digest(rows, content),
    ]),
  )
);

function listed(buckets: ReadonlyMap<Bucket, Digest>): BucketDigest[] {
  return [...buckets].map(([bucket, digest]) => ({ partitionId: "p", bucket, digest }));
}

Deno.test("compareBuckets() finds nothing where both sides are equal, whatever their order", () => {
  fc.assert(fc.property(side, (buckets) => {
    const compared = compareBuckets(listed(buckets), listed(buckets).reverse());
    assert.deepEqual([compared.absent, compared.partial, compared.onlyHere], [[], [], digest(0)]);
    assert.deepEqual(compared.here, compared.there);
  }));
});

Deno.test("compareBuckets() puts every differing bucket where it belongs, and no other anywhere", () => {
  fc.assert(fc.property(side, side, (here, there) => {
    const { absent, partial, onlyHere } = compareBuckets(listed(here), listed(there));
    const differs = [...there.keys()].filter((bucket) =>
      JSON.stringify(here.get(bucket), text) !== JSON.stringify(there.get(bucket), text)
    );
    assert.deepEqual(absent.map(({ bucket }) => bucket), differs.filter((bucket) => !here.has(bucket)));
    assert.deepEqual(partial.map(({ bucket }) => bucket), differs.filter((bucket) => here.has(bucket)));
    for (const { bucket, digest } of absent) assert.equal(digest, there.get(bucket));
    for (const found of partial) {
      assert.deepEqual([found.here, found.there], [here.get(found.bucket), there.get(found.bucket)]);
    }
    const surplus = [...here].filter(([bucket]) => !there.has(bucket)).map(([, digest]) => digest);
    assert.deepEqual(onlyHere, sumDigests(surplus));
  }));
});

Deno.test("compareBuckets() accounts for the whole difference between the two sides", () => {
  fc.assert(fc.property(side, side, (here, there) => {
    const compared = compareBuckets(listed(here), listed(there));
    const gained = sumDigests([
      ...compared.absent.map(({ digest }) => digest),
      ...compared.partial.map((bucket) => subtractDigests(bucket.there, bucket.here)),
    ]);
    assert.deepEqual(
      addDigests(compared.here, gained),
      addDigests(compared.there, compared.onlyHere),
    );
  }));
});

Deno.test("compareBuckets() sees a difference that only one of the two hashes shows", () => {
  const digestThere = digest(2);
  for (
    const digestHere of [{ ...digestThere, city: 1n }, { ...digestThere, xxh: 1n }, {
      ...digestThere,
      rows: 1n,
    }]
  ) {
    const bucket = (digest: Digest) => [{ partitionId: "p", bucket: 5n, digest }];
    const { partial } = compareBuckets(bucket(digestHere), bucket(digestThere));
    assert.deepEqual(partial, [{ bucket: 5n, here: digestHere, there: digestThere }]);
  }
});

function text(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
