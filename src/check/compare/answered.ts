/** What the sites themselves answered of a partition, each over its own connection, summed up as it came. */
import type { Digest } from "../../model/digest.ts";

export interface Answered {
  readonly here: Digest;
  readonly there: Digest;
}

/** The sum of an answer. It is done here, and not by what compares: whatever that loses on its way is still counted. */
export function totalOf(answer: readonly Digest[]): Digest {
  let [rows, city, xxh] = [0n, 0n, 0n];
  for (const digest of answer) {
    rows += digest.rows;
    city += digest.city;
    xxh += digest.xxh;
  }
  return { rows, city: BigInt.asUintN(64, city), xxh: BigInt.asUintN(64, xxh) };
}
