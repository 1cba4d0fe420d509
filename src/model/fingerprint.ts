/** Fingerprints of parts, added up from those of partitions as servers add them up from all parts of a table. */

/** Whether a text is one: a number for each shard, empty where the shard has no part, with spaces between them. */
export function isFingerprint(text: string): boolean {
  return /^\d{0,20}(?: \d{0,20})*$/.test(text);
}

export class FingerprintSum {
  /** By shard; null: it has no part. */
  readonly #sums: (bigint | null)[] = [];

  add(fingerprint: string): void {
    for (const [shard, one] of fingerprint.split(" ").entries()) {
      const sum = this.#sums[shard] ?? null;
      this.#sums[shard] = one === "" ? sum : BigInt.asUintN(64, (sum ?? 0n) + BigInt(one));
    }
  }

  text(): string {
    return this.#sums.map((sum) => sum === null ? "" : String(sum)).join(" ");
  }
}
