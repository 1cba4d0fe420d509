/** What was proven of several partitions, added up. */
import { tableDigest } from "./digest.ts";
import { FingerprintSum, isFingerprint } from "./fingerprint.ts";
import type { ProvenSum, RememberedPartition } from "./memory.ts";
import { dueAt } from "./proof_age.ts";

/** Null: there is none, or one of them is not proven, or something is to be said of it. */
export function provenSum(
  partitions: Iterable<readonly [id: string, partition: RememberedPartition]>,
): ProvenSum | null {
  const sums: ProvenSum[] = [];
  for (const [id, { proof, digestedAt, rowsActive }] of partitions) {
    if (proof === null || proof.reason !== null || digestedAt === null) return null;
    const { here: fingerprintHere, active: fingerprintActive, city } = proof;
    if (!isFingerprint(fingerprintHere) || !isFingerprint(fingerprintActive)) return null;
    const digested = { oldestDigest: digestedAt, newestDigest: digestedAt, dueAt: dueAt(id, digestedAt) };
    sums.push({ partitions: 1, rowsActive, city, fingerprintHere, fingerprintActive, ...digested });
  }
  return addProven(sums);
}

/** Null: there is none. */
export function addProven(sums: readonly ProvenSum[]): ProvenSum | null {
  if (sums.length === 0) return null;
  const [here, active] = [new FingerprintSum(), new FingerprintSum()];
  let [partitions, oldestDigest, newestDigest, due] = [0, Infinity, -Infinity, Infinity];
  for (const one of sums) {
    here.add(one.fingerprintHere);
    active.add(one.fingerprintActive);
    partitions += one.partitions;
    oldestDigest = Math.min(oldestDigest, one.oldestDigest);
    newestDigest = Math.max(newestDigest, one.newestDigest);
    due = Math.min(due, one.dueAt);
  }
  const { rows: rowsActive, city } = tableDigest(sums.map(({ rowsActive: rows, city }) => ({ rows, city })));
  const [fingerprintHere, fingerprintActive] = [here.text(), active.text()];
  return {
    partitions,
    rowsActive,
    city,
    fingerprintHere,
    fingerprintActive,
    oldestDigest,
    newestDigest,
    dueAt: due,
  };
}
