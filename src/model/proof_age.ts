/** How old proofs may become: disks lie, so history is read again. */

/** Seconds for which a proof counts at most. */
export const PROOF_LIVES = 30 * 86_400;

/** Proofs fall due from half that time on, spread out, so that what was proven at once is not read again at once. */
export const PROOF_AGES = PROOF_LIVES / 2;

/** Seconds: proofs fall due by whole hours, as `VERIFY_BUDGET` is that of an hour, so that the checks in between find none. */
const HOUR = 3600;

/** Unix seconds from which a partition should be digested again. @param id of the partition */
export function dueAt(id: string, digestedAt: number): number {
  return Math.ceil((digestedAt + PROOF_AGES * (1 + spread(id))) / HOUR) * HOUR;
}

/** From 0 to 1, the same for the same partition at every check: FNV-1a. */
function spread(id: string): number {
  let hash = 2_166_136_261;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}
