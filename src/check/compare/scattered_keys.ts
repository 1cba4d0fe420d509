/**
 * Whether all rows of each key stand on one shard of their site. Merges put rows of a key together on the shard where they are: if
 * no key is on two, what the shards come down to is what their rows come down to on one server, and may be added up.
 */
import type { TablePair } from "../../model/table.ts";
import type { MergedRequest } from "../ports/readable_site.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { compareBuckets } from "./compare_buckets.ts";
import type { ReadPorts } from "./comparison_context.ts";
import type { ComparedPartition } from "./compare_partitions.ts";
import { chooseHashBuckets } from "./cut_into_buckets.ts";

/**
 * The same partition, with what stands against believing its comparison. It is asked after the rows were read, so that a key
 * that came to a second shard meanwhile is seen.
 */
export async function withScattered(
  ports: ReadPorts,
  pair: TablePair,
  compared: ComparedPartition,
): Promise<ComparedPartition> {
  const scattered = await findScattered(ports, pair, compared.facts);
  if (scattered === null) return compared;
  const merged = { difference: "differs", buckets: [], bucketCount: 1 } as const;
  return { ...compared, facts: { ...compared.facts, scattered, merged }, answeredMerged: null };
}

/**
 * Where this site has each key once, and the keys of all shards of the other one add up to those, none of them is there twice, and no
 * key has to travel between the sites. Only those of buckets that differ do.
 */
async function findScattered(
  { here, there }: ReadPorts,
  pair: TablePair,
  { there: { id: partitionId, rows }, scope }: PartitionFacts,
): Promise<NonNullable<PartitionFacts["scattered"]> | null> {
  if (!pair.here.traits.mergesRows) return null;
  const request = { pair, partitionId, scope, bucketCount: chooseHashBuckets(rows) };
  const active = there.shards ? await scatteredThere({ here, there }, request) : 0n;
  if (active > 0n) return { keys: active, side: "active" };
  // Asked last: a key that came to a second shard here after its digests were read would count twice in both.
  const own = here.shards ? await here.scatteredKeys({ ...request, buckets: "all" }, "here") : 0n;
  return own > 0n ? { keys: own, side: "here" } : null;
}

async function scatteredThere(
  { here, there }: Pick<ReadPorts, "here" | "there">,
  request: Omit<MergedRequest, "buckets">,
): Promise<bigint> {
  const [keysHere, keysThere] = await Promise.all([
    here.keyDigests({ ...request, buckets: "all" }),
    there.keyDigests({ ...request, buckets: "all" }),
  ]);
  const { absent, partial } = compareBuckets(keysHere, keysThere);
  const buckets = [...absent, ...partial].map(({ bucket }) => bucket);
  return buckets.length === 0 ? 0n : await here.scatteredKeys({ ...request, buckets }, "active");
}
