/** What the sites themselves answered of a partition, each over its own connection, summed up as it came. */
import type { Digest } from "../../model/digest.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";

export interface Answered {
  readonly here: Digest;
  readonly there: Digest;
}

interface ComparedOnce {
  readonly facts: Pick<PartitionFacts, "there" | "arrivedMeanwhile">;
  readonly answered: Answered;
}

/** What was compared again, with how many settled rows more this site answers than the first time. */
export function grownSince<Compared extends ComparedOnce>(
  first: readonly Compared[],
  again: readonly Compared[],
): Compared[] {
  const before = new Map(first.map(({ facts, answered }) => [facts.there.id, answered.here.rows]));
  return again.map((one) => {
    const { facts, answered: { here } } = one;
    const arrivedMeanwhile = here.rows - (before.get(facts.there.id) ?? here.rows);
    return arrivedMeanwhile > 0n ? { ...one, facts: { ...facts, arrivedMeanwhile } } : one;
  });
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
