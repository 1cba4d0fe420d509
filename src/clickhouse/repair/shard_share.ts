/** What each shard gets of a repair, from the staged parts to the proof that it holds them and nothing else came. */
import type { Digest } from "../../model/digest.ts";
import type { Repair } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import { mergeWhereTooMany } from "./fit_parts.ts";
import type { HeldPartition } from "./hold_partition.ts";
import { areActive, type PartHash, readPartHashes } from "./part_hashes.ts";
import type { PartitionProofsOptions } from "./partition_proofs.ts";
import { allEnded, type StagedShard } from "./stage_over_shards.ts";

/** What is staged on a shard: nothing changes it but a merge of ch-sync's own. */
export interface Staged {
  readonly parts: readonly PartHash[];
  readonly digest: Digest;
}

/** What one shard gets: a repair of its own. */
export interface Share {
  readonly number: number;
  readonly options: PartitionProofsOptions;
  readonly held: HeldPartition;
  readonly staged: readonly PartHash[];
}

/** The staged parts of each shard, merged where its table would not bear them. */
export async function readStagedParts(
  shards: readonly StagedShard[],
  repair: Repair,
  staging: TableId,
): Promise<PartHash[][]> {
  return await allEnded(shards.map(async ({ connection, table }) => {
    const own = { ...repair, pair: { ...repair.pair, here: table } };
    const read = async () =>
      (await readPartHashes(connection, staging, repair.partitionId)).filter(({ active }) => active);
    const copied = await read();
    return await mergeWhereTooMany(connection, own, staging, copied.length) ? await read() : copied;
  }));
}

/**
 * Whether each shard holds just these parts: the same parts are the same rows, and no row need be read.
 *
 * @param parts of the shards that got some; the others still hold what they held
 */
export async function holdJust(
  shares: readonly Share[],
  parts: ReadonlyMap<Share, readonly PartHash[]>,
): Promise<boolean> {
  const each = await allEnded(shares.map(async (share) => {
    const { connection, partition, repair: { pair: { here }, partitionId, fingerprint } } = share.options;
    const expected = parts.get(share);
    if (!expected) return ((await partition())?.fingerprint ?? null) === fingerprint;
    return areActive(await readPartHashes(connection, here.id, partitionId), expected);
  }));
  return each.every((asExpected) => asExpected);
}
