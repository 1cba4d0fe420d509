/** What each shard gets of a repair, from the staged parts to the proof that it holds them and nothing else came. */
import type { Digest } from "../../model/digest.ts";
import type { Repair } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import { counted } from "../../text/readable.ts";
import { readScatteredKeys } from "../compare/read_merged.ts";
import { mergeWhereTooMany } from "./fit_parts.ts";
import type { HeldPartition } from "./hold_partition.ts";
import { type PartHash, readPartHashes } from "./part_hashes.ts";
import { Disproof } from "./disproof.ts";
import type { PartitionProofs, PartitionProofsOptions } from "./partition_proofs.ts";
import { allEnded, type StagedShard, type StageOverShardsOptions } from "./stage_over_shards.ts";

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
 * Where parts have changed, by a merge perhaps: that the rows are the same, or, where such a merge drops or adds up rows, that no
 * staged row has its key on another shard by now.
 *
 * @param proofs of all shards
 * @throws {Disproof}
 */
export async function proveRowsOrKeys(
  options: StageOverShardsOptions,
  proofs: PartitionProofs,
  staging: TableId,
): Promise<void> {
  const { merged, mergesRows, pair: { groups } } = options.repair;
  if (merged !== null || (!mergesRows && groups.length === 0)) await proofs.proveRows(null);
  else if (mergesRows) await proveTogether(options, staging);
}

/**
 * Rows of a key are merged on the shard where they stand: no staged row may come to another one than the rest of its key.
 *
 * @throws {Disproof}
 */
export async function proveTogether(
  { shards: [first], repair: { pair, partitionId, scope }, remote, copyOptions }: StageOverShardsOptions,
  staging: TableId,
): Promise<void> {
  const request = { pair, partitionId, scope, bucketCount: 1, buckets: "all" } as const;
  const keys = await readScatteredKeys(first!.connection, request, remote, "here", copyOptions, staging);
  if (keys === 0n) return;
  throw new Disproof(
    `With the missing rows, ${counted(keys, "key")} would stand on more than one shard of this site, where ` +
      `${pair.here.engine} never merges them: rows of the table lie elsewhere than the site's own Distributed table would put ` +
      "them, or there is none. Nothing was added. Move all rows of a key to the shard where that table puts them, or exclude the table",
  );
}
