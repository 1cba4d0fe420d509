/** Hashes that the repairs of one check may name: 8 bytes each, as long as its report lives. */
const MOST = 1_000_000n;

/** How many of them are left. */
export class HashBudget {
  #left = MOST;

  has(hashes: bigint): boolean {
    return hashes <= this.#left;
  }

  /** Whether so many are left; if so, they are taken off. */
  take(hashes: bigint): boolean {
    if (!this.has(hashes)) return false;
    this.#left -= hashes;
    return true;
  }
}
