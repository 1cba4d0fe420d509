/** What is proven of all shards right before one of them gets its share. */
import { addDigests, type Digest, subtractDigests, sumDigests } from "../../model/digest.ts";
import type { TableId } from "../../model/table.ts";
import { type PartHash, readPartHashes } from "./part_hashes.ts";
import { Disproof, PartitionProofs, type PartitionProofsOptions } from "./partition_proofs.ts";
import {
  holdJust,
  proveRowsOrKeys,
  type ShardsRepairOptions,
  type Share,
  stillHoldJust,
} from "./shard_share.ts";
import { allEnded } from "./stage_over_shards.ts";

export class ShareProofs {
  readonly #options: ShardsRepairOptions;
  /** The parts of shards that have got their shares. */
  readonly #got = new Map<Share, readonly PartHash[]>();
  /** What shards are to get and have not got, by their numbers. */
  readonly #waiting = new Map<number, Digest>();

  constructor(options: ShardsRepairOptions) {
    this.#options = options;
  }

  /** From now on these are what shards are to get. */
  begin(shares: readonly Share[]): void {
    for (const { number, options } of shares) this.#waiting.set(number, options.repair.missing);
  }

  /** @param before the parts that it had right before */
  hasGot(share: Share, before: readonly PartHash[]): void {
    this.#waiting.delete(share.number);
    this.#got.set(share, [...before.filter(({ active }) => active), ...share.staged]);
  }

  /** Whether the shards hold what they held and got, and nothing else. */
  async areWhole(shares: readonly Share[]): Promise<boolean> {
    return await holdJust(shares, this.#got);
  }

  /**
   * What proves a share. Where its parts have changed, by a merge perhaps, the rows of all shards are what they were, and what
   * other shards have got; where keys tell what is missing, nothing else is.
   */
  of({ options }: Share): PartitionProofs {
    const { repair, shards } = this.#options;
    if (repair.merged) return new PartitionProofs(options);
    const elsewhere = shards.map(({ connection }) => connection).filter((one) => one !== options.connection);
    const got = subtractDigests(repair.missing, sumDigests([...this.#waiting.values()]));
    const before = addDigests(repair.before, got);
    return new PartitionProofs({ ...options, elsewhere, repair: { ...options.repair, before } });
  }

  /** What is missing of the share of one shard: all that is missing, but for what other shards have yet to get. */
  besidesOthers(shard: number): PartitionProofsOptions["mergedDifference"] {
    return async (request) => {
      const found = await this.#options.mergedDifference(request);
      const others = [...this.#waiting].flatMap(([number, missing]) => number === shard ? [] : missing);
      return { ...found, missing: subtractDigests(found.missing, sumDigests(others)) };
    };
  }

  /**
   * Looks at all shards at once: what came to another one since it was compared may be what this one is about to get.
   *
   * @returns the parts of the partition on its own shard, as they were when it was proven to be what was compared
   * @throws {Disproof}
   */
  async look(share: Share, shares: readonly Share[], staging: TableId): Promise<readonly PartHash[]> {
    const lookAtOwn = async () => {
      const { connection, repair: { pair: { here }, partitionId } } = share.options;
      const parts = await readPartHashes(connection, here.id, partitionId);
      await this.proveUnchanged(share);
      return parts;
    };
    const others = shares.filter((one) => one !== share && !this.#got.has(one));
    const [own, asLeft] = [lookAtOwn(), stillHoldJust(this.#got)];
    await allEnded<unknown>([own, asLeft, ...others.map((one) => this.proveUnchanged(one))]);
    if (await asLeft) return await own;
    await proveRowsOrKeys(this.#options, this.of(share), staging);
    return await lookAtOwn();
  }

  /**
   * Rows still may be brought in, and what this shard holds is what it held when all of them together held what was
   * compared.
   */
  async proveUnchanged(share: Share): Promise<void> {
    const objection = await this.#options.objection();
    if (objection !== null) throw new Disproof(objection);
    await share.held.proveUnchanged(() => this.of(share).proveUnchanged());
  }
}
