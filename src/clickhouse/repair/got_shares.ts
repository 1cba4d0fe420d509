/** The shards that have got their shares of a repair, and what they hold since. */
import type { TableId } from "../../model/table.ts";
import { areActive, type PartHash, readPartHashes } from "./part_hashes.ts";
import type { PartitionProofs } from "./partition_proofs.ts";
import { proveRowsOrKeys, type Share } from "./shard_share.ts";
import { allEnded, type StageOverShardsOptions } from "./stage_over_shards.ts";

export class GotShares {
  /** Active ones. */
  readonly #parts = new Map<Share, readonly PartHash[]>();

  has(share: Share): boolean {
    return this.#parts.has(share);
  }

  /** @param parts of the partition there, before it and with it */
  add(share: Share, parts: readonly PartHash[]): void {
    this.#parts.set(share, parts);
  }

  /**
   * They hold nothing else. What their merges have made of it is proven once, and known by its parts from then on: what other replicas
   * of theirs took since is known to those that are looked at.
   *
   * @param proofs of all shards
   * @throws {Disproof}
   */
  async proveUnchanged(
    options: StageOverShardsOptions,
    proofs: PartitionProofs,
    staging: TableId,
  ): Promise<void> {
    const shares = [...this.#parts.keys()];
    const same = await allEnded(
      shares.map((share) => share.held.proveUnchanged(() => this.#holdsJust(share))),
    );
    if (same.every((one) => one)) return;
    const now = await allEnded(shares.map(readActiveParts));
    await proveRowsOrKeys(options, proofs, staging);
    for (const [at, share] of shares.entries()) this.add(share, now[at]!);
  }

  /** Whether each shard holds just what it got, or held: the same parts are the same rows, and no row need be read. */
  async areAll(shares: readonly Share[]): Promise<boolean> {
    const each = await allEnded(shares.map((share) => this.#holdsJust(share)));
    return each.every((asExpected) => asExpected);
  }

  async #holdsJust(share: Share): Promise<boolean> {
    const { partition, repair: { fingerprint } } = share.options;
    const expected = this.#parts.get(share);
    const now = await partition();
    if (!expected) return (now?.fingerprint ?? null) === fingerprint;
    // Parts of an UPDATE lie elsewhere, and change what these hold.
    return !now?.hasPatches && areActive(await readActiveParts(share), expected);
  }
}

async function readActiveParts({ options: { connection, repair } }: Share): Promise<PartHash[]> {
  const parts = await readPartHashes(connection, repair.pair.here.id, repair.partitionId);
  return parts.filter(({ active }) => active);
}
