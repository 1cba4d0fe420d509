/** Rows that are left out as nobody knows how old they are: whether as many of them at both sites are the same. */
import { type Digest, sumDigests } from "../../model/digest.ts";
import type { TablePair } from "../../model/table.ts";
import { leftOutDiffers, undated } from "../judge/guards/undated.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ReadableSite } from "../ports/readable_site.ts";
import type { ComparedPartition } from "./compare_partitions.ts";

/**
 * Digests the whole of the partitions whose left-out rows agree by their number alone. Engines that merge rows are left as they are:
 * there the same rows may be other ones for a while.
 */
export async function compareLeftOut<Compared extends ComparedPartition>(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  compared: readonly Compared[],
): Promise<Compared[]> {
  return await Promise.all(compared.map(async (one) => {
    const { facts, bucketing } = one;
    if (pair.here.traits.mergesRows || !agreesByNumber(facts)) return one;
    const scope = { ...facts.scope, quiet: true };
    const partitionIds = [facts.there.id];
    const request = { pair, scope, bucketing, buckets: "all", partitionIds, grain: "alike" } as const;
    const ask = async (site: Pick<ReadableSite, "digests">) =>
      sumDigests((await site.digests(request)).map(({ digest }) => digest));
    const [wholeHere, wholeThere] = await Promise.all([ask(here), ask(there)]);
    const { comparison } = facts;
    const same = leftOutOf(wholeHere, comparison.here) === leftOutOf(wholeThere, comparison.there);
    return { ...one, facts: { ...facts, othersLeftOut: !same } };
  }));
}

function agreesByNumber(facts: PartitionFacts): boolean {
  const { there, comparison, counted = false } = facts;
  return !counted && there.rows > comparison.there.rows && undated(facts) !== null && !leftOutDiffers(facts);
}

/** By one hash of each row, as all grains have it. */
function leftOutOf(whole: Digest, settled: Digest): bigint {
  return BigInt.asUintN(64, whole.city - settled.city);
}
