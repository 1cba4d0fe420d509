/** What one check may spend, of whatever it counts. */
export class Budget {
  #left: bigint;

  constructor(left: bigint) {
    this.#left = left;
  }

  has(amount: bigint): boolean {
    return amount <= this.#left;
  }

  /** Whether so much is left; if so, it is taken off. */
  take(amount: bigint): boolean {
    if (!this.has(amount)) return false;
    this.#left -= amount;
    return true;
  }
}
