/** Memories for property tests. */
import { fc } from "../seed.ts";
import type { ProvenSum, RememberedPartition, RememberedTable } from "../../../src/model/memory.ts";

const PLAIN = { noNullPrototype: true } as const;
const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const seconds = fc.integer({ min: 0, max: 2 ** 40 });
const repair = fc.record(
  { rows: number, city: number, times: fc.integer({ min: 1, max: 9 }), at: seconds },
  PLAIN,
);
const proof = fc.record({
  here: fc.string(),
  active: fc.string(),
  written: fc.option(number),
  city: number,
  reason: fc.constantFrom(null, "surplus", "unmerged", "expiring"),
  surplus: number,
}, PLAIN).map((proof) => proof.reason === null ? { ...proof, surplus: 0n } : proof);

export const arbitraryPartition: fc.Arbitrary<RememberedPartition> = fc.record({
  rowsHere: number,
  rowsActive: number,
  quiet: fc.boolean(),
  arrivedAt: fc.option(seconds),
  repair: fc.option(repair),
  digestedAt: fc.option(seconds),
  proof: fc.option(proof),
}, PLAIN);

const fingerprint = fc.array(fc.oneof(fc.constant(""), number.map(String)), { minLength: 1, maxLength: 3 })
  .map((shards) => shards.join(" "));

export const arbitraryProvenSum: fc.Arbitrary<ProvenSum> = fc.record({
  partitions: fc.nat(),
  rowsActive: number,
  city: number,
  fingerprintHere: fingerprint,
  fingerprintActive: fingerprint,
  oldestDigest: seconds,
  newestDigest: seconds,
  dueAt: seconds,
}, PLAIN);

export const arbitraryTable: fc.Arbitrary<RememberedTable> = fc.record({
  uuid: fc.uuid(),
  checkedAt: seconds,
  settledBefore: fc.integer(),
  settledBeforeDay: fc.integer(),
  proofKey: fc.string(),
  fingerprintHere: fc.string(),
  fingerprintActive: fc.string(),
  whole: fc.boolean(),
  oldestDigest: fc.option(seconds),
  partitions: fc.nat(),
  rowsActive: number,
  city: number,
}, PLAIN);
