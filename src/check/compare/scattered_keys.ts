/**
 * Whether all rows of each key stand on one shard of the active site. Merges put rows of a key together on the shard where they
 * are: if no key is on two, what the shards come down to is what their rows come down to on one server, and may be added up.
 */
import type { TablePair } from "../../model/table.ts";
import { compareBuckets } from "./compare_buckets.ts";
import type { ComparedPartition, ReadPorts } from "./compare_partitions.ts";
import { chooseHashBuckets } from "./cut_into_buckets.ts";

/**
 * The same partition, with what stands against believing its comparison. It is asked after the rows were read, so that a key
 * that came to a second shard meanwhile is seen.
 *
 * One server has each key once: where the keys of all shards add up to those of this one, none of them is there twice, and
 * no key has to travel. Only those of buckets that differ do.
 */
export async function withScattered(
  { here, there }: ReadPorts,
  pair: TablePair,
  compared: ComparedPartition,
): Promise<ComparedPartition> {
  if (!there.shards || !pair.here.traits.mergesRows) return compared;
  const { facts } = compared;
  const { id: partitionId, rows } = facts.there;
  const request = { pair, partitionId, scope: facts.scope, bucketCount: chooseHashBuckets(rows) };
  const [keysHere, keysThere] = await Promise.all([
    here.keyDigests({ ...request, buckets: "all" }),
    there.keyDigests({ ...request, buckets: "all" }),
  ]);
  const { absent, partial } = compareBuckets(keysHere, keysThere);
  const buckets = [...absent, ...partial].map(({ bucket }) => bucket);
  if (buckets.length === 0) return compared;
  const scattered = await here.scatteredKeys({ ...request, buckets });
  if (scattered === 0n) return compared;
  const merged = { difference: "differs", buckets: [], bucketCount: 1 } as const;
  return { ...compared, facts: { ...facts, scattered, merged }, answeredMerged: null };
}
