/** How much of a partition a check reads: nothing if it is proven, counts if those will do, or every row. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { Partition } from "../../model/partition.ts";

/** How old a proof may become, in seconds: disks lie, so history is read again. */
const PROOF_LIVES = 30 * 86_400;

/** Proofs fall due from half that time on, spread out, so that what was proven at once is not read again at once. */
export const PROOF_AGES = PROOF_LIVES / 2;

export interface ReadingPolicy {
  /** Unix seconds. */
  readonly now: number;
  /** Counts alone will not do: the check could turn FAILBACK READY on. */
  readonly deep: boolean;
  /** Seconds after which a partition that keeps changing is digested again. */
  readonly verifyInterval: number;
  /** Unix seconds of the newest mutation of either table; 0: none is on record. */
  readonly mutatedAt: number;
  /** Rows of such an engine can only be compared by digests, as merges take some away. */
  readonly mergesRows: boolean;
}

/**
 * How much is read:
 *
 * - `proven`: nothing has changed since it was proven, so nothing is read.
 * - `due`: the same, but the proof is old enough for a new digest if the budget allows.
 * - `counts`: it changes all the time, and was digested lately, so counts by bucket will do.
 * - `merged`: it holds as many rows in other parts, most likely merged: a digest if the budget allows, else counts.
 * - `digest`: only its rows can tell.
 */
export type Reading = "proven" | "due" | "counts" | "merged" | "digest";

/** @param remembered null where nothing is remembered under the same proof key */
export function chooseReading(
  remembered: RememberedPartition | null,
  here: Partition | null,
  there: Partition,
  { now, deep, verifyInterval, mutatedAt, mergesRows }: ReadingPolicy,
): Reading {
  if (!remembered || remembered.digestedAt === null) return "digest";
  const age = now - remembered.digestedAt;
  const { proof } = remembered;
  if (age < 0) return "digest"; // a clock was set back
  if (proof && proof.active === there.fingerprint && proof.here === (here?.fingerprint ?? "")) {
    if (age >= PROOF_LIVES) return "digest";
    return age >= PROOF_AGES * (1 + spread(there.id)) ? "due" : "proven";
  }
  // What changes rows and not their number asks for a digest at once.
  const rewritten = [here, there].some((side) => side?.hasLightweightDeletes || side?.hasPatches) ||
    mutatedAt >= remembered.digestedAt;
  if (deep || mergesRows || rewritten || age >= PROOF_LIVES) return "digest";
  if (!proof) return age < verifyInterval ? "counts" : "digest";
  return here?.rows === remembered.rowsHere && there.rows === remembered.rowsActive ? "merged" : "digest";
}

/** From 0 to 1, the same for the same partition at every check: FNV-1a. */
function spread(id: string): number {
  let hash = 2_166_136_261;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}

/** Bytes of history that one check may read again although nothing suggests that they changed. */
export class VerifyBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Whether so many bytes still fit; those that do are taken off. */
  take(bytes: bigint): boolean {
    if (this.#left < Number(bytes)) return false;
    this.#left -= Number(bytes);
    return true;
  }
}
