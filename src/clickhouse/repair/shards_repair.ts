/** Repairing one partition of a site of several shards: stage on all of them, prove the sum, bring in shard by shard. */
import { addDigests, type Digest, EMPTY_DIGEST, subtractDigests, sumDigests } from "../../model/digest.ts";
import { addPartitions } from "../../check/shards/add_parts.ts";
import type { Partition } from "../../model/partition.ts";
import type { Repaired, RepairOutcome } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import { errorText } from "../../text/error_text.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { mayGoOn } from "../http/errors.ts";
import { attachParts } from "./attach_parts.ts";
import { waitForRoom } from "./fit_parts.ts";
import { GotShares } from "./got_shares.ts";
import { HeldPartition } from "./hold_partition.ts";
import { inTurn } from "./in_turn.ts";
import { readPartHashes } from "./part_hashes.ts";
import { PartitionProofs, type PartitionProofsOptions, WrongPresumption } from "./partition_proofs.ts";
import { proveTogether, readStagedParts, type Share, type Staged } from "./shard_share.ts";
import {
  allEnded,
  dropEverywhere,
  type StagedShard,
  stageOverShards,
  type StageOverShardsOptions,
} from "./stage_over_shards.ts";
import { grouped } from "../../text/readable.ts";

export interface RepairedShard extends StagedShard {
  /** The partition as it is now on this shard. */
  readonly partition: () => Promise<Partition | null>;
}

export interface ShardsRepairOptions extends StageOverShardsOptions {
  readonly shards: readonly RepairedShard[];
  /** The partition as it is now at this site. */
  readonly partition: () => Promise<Partition | null>;
  /** Why nothing may be written, asked right before it is; null: it may. */
  readonly objection: () => Promise<string | null>;
  /** Of all shards together. */
  readonly mergedDifference: PartitionProofsOptions["mergedDifference"];
}

export class ShardsRepair {
  readonly #options: ShardsRepairOptions;
  readonly #proofs: PartitionProofs;
  readonly #got = new GotShares();
  readonly #queryIds: string[] = [];
  readonly #placed: { readonly shard: number; readonly rows: bigint }[] = [];
  /** What shards are to get and have not got, by their numbers. */
  readonly #waiting = new Map<number, Digest>();
  readonly #held: HeldPartition[] = [];
  /** As long as no shard gets anything: they remember what they have proven. */
  readonly #proofsFor = new Map<Share, PartitionProofs>();
  #staging: TableId | null = null;
  /** Shards whose staging table goes on claiming the partition there. */
  readonly #left = new Set<Connection>();

  constructor(options: ShardsRepairOptions) {
    this.#options = options;
    const [connection, ...elsewhere] = options.shards.map(({ connection }) => connection) as [
      Connection,
      ...Connection[],
    ];
    const { repair, partition, mergedDifference } = options;
    this.#proofs = new PartitionProofs({ connection, elsewhere, repair, partition, mergedDifference });
  }

  /** Never throws. Drops the staging tables of all shards, but where their rows may still be on their way into the table. */
  async run(): Promise<RepairOutcome> {
    const { shards, repair } = this.#options;
    try {
      const { staging, step, staged } = await this.#stage();
      // In one order: of two that claim the partition, one finds the other on the first shard already.
      for (const { connection } of shards) {
        const held = new HeldPartition(connection, staging, repair);
        this.#held.push(held);
        await held.take();
      }
      const shares = await this.#shares(staging, staged);
      const taking = shares.filter(({ options: { repair } }) => repair.missing.rows > 0n);
      await allEnded(
        taking.map(({ options, staged }) => waitForRoom(options.connection, options.repair, staged.length)),
      );
      for (const share of taking) await this.#bringIn(share, shares, staging, step);
      // Each share was looked at on its own shard: what came to another one meanwhile is seen by all of them together.
      if (repair.mergesRows || !await this.#got.areAll(shares)) await this.#proofs.proveWhole();
      return this.#repaired();
    } catch (error) {
      if (error instanceof WrongPresumption) return { kind: "disproved" };
      return { kind: "failed", error: errorText(error) + this.#addedBefore() };
    } finally {
      const dropped = shards.filter(({ connection }) => !this.#left.has(connection));
      if (this.#staging !== null) await dropEverywhere(dropped, this.#staging);
      await Promise.all(this.#held.map((held) => held.release()));
    }
  }

  /**
   * Fills the staging tables and proves that together they hold exactly the missing rows, in parts that the table bears.
   *
   * @returns `staged` by shard
   */
  async #stage(): Promise<
    { readonly staging: TableId; readonly step: number; readonly staged: readonly Staged[] }
  > {
    const { shards, repair, remote } = this.#options;
    const { staging, step } = await stageOverShards(this.#options, (...sent) => this.#command(...sent));
    this.#staging = staging;
    const parts = await readStagedParts(shards, repair, staging);
    const digests = await this.#proofs.proveStaged(staging);
    if (repair.mergesRows) await proveTogether(this.#options, staging);
    else if (remote.more?.length) await this.#proofs.proveNoCopies(staging);
    return { staging, step, staged: parts.map((parts, at) => ({ parts, digest: digests[at]! })) };
  }

  /**
   * What each shard gets, by what it holds now. Its parts are looked at before its rows: if the parts are still the same
   * later on, so are the rows.
   *
   * @throws {Disproof} where all shards together do not hold what was compared
   */
  async #shares(staging: TableId, staged: readonly Staged[]): Promise<Share[]> {
    const { repair, shards } = this.#options;
    const { partitionId } = repair;
    // By its parts the partition is what was compared, or else by the rows of all shards together: no share is digested by itself.
    const each = await Promise.all(shards.map(({ partition }) => partition()));
    const all = addPartitions(each.map((one) => new Map(one ? [[partitionId, one]] : [])));
    await this.#proofs.proveUnchanged(all.get(partitionId) ?? null);
    const shares = shards.map((shard, at): Share => {
      const { connection, table: { engineFull, settings, createQuery, ownUuid }, partition } = shard;
      const here = { ...repair.pair.here, engineFull, settings, createQuery, ownUuid };
      const mergedDifference = this.#besidesOthers(at + 1);
      const [now, { parts, digest }] = [each[at]!, staged[at]!];
      const own = {
        ...repair,
        pair: { ...repair.pair, here },
        missing: digest,
        before: EMPTY_DIGEST,
        fingerprint: now?.fingerprint ?? null,
        rowsHere: now?.rows ?? 0n,
      };
      const options = { connection, repair: own, partition, mergedDifference };
      return { number: at + 1, options, held: this.#held[at]!, staged: parts };
    });
    // Once more: where keys tell what is missing, all shards had these parts when they told it.
    if (repair.merged) await this.#proofs.proveUnchanged();
    // A key may have come to another shard since.
    if (repair.mergesRows) await proveTogether(this.#options, staging);
    for (const { number, options } of shares) this.#waiting.set(number, options.repair.missing);
    return shares;
  }

  /**
   * What proves a share. Where its parts have changed, by a merge perhaps, the rows of all shards are what they were, and what
   * other shards have got; where keys tell what is missing, nothing else is.
   */
  #proofsOf(share: Share): PartitionProofs {
    const proofs = this.#proofsFor.get(share) ?? this.#proofsAnew(share);
    this.#proofsFor.set(share, proofs);
    return proofs;
  }

  #proofsAnew({ options }: Share): PartitionProofs {
    const { repair, shards } = this.#options;
    if (repair.merged) return new PartitionProofs(options);
    const elsewhere = shards.map(({ connection }) => connection).filter((one) => one !== options.connection);
    const got = subtractDigests(repair.missing, sumDigests([...this.#waiting.values()]));
    const before = addDigests(repair.before, got);
    return new PartitionProofs({ ...options, elsewhere, repair: { ...options.repair, before } });
  }

  /** What is missing of the share of one shard: all that is missing, but for what other shards have yet to get. */
  #besidesOthers(shard: number): PartitionProofsOptions["mergedDifference"] {
    return async (request) => {
      const found = await this.#options.mergedDifference(request);
      const others = [...this.#waiting].flatMap(([number, missing]) => number === shard ? [] : missing);
      return { ...found, missing: subtractDigests(found.missing, sumDigests(others)) };
    };
  }

  async #bringIn(share: Share, shares: readonly Share[], staging: TableId, step: number): Promise<void> {
    const { number, options, held, staged } = share;
    const proofs = this.#proofsOf(share);
    const { connection, repair } = options;
    const { pair: { here }, partitionId } = repair;
    const unchanged = () => this.#proveUnchanged(share);
    const command = (statement: string, options: StatementOptions) =>
      this.#command(connection, statement, options);
    const bringing = { ...options, staging, proofs, proveUnchanged: unchanged, step, command };
    const before = await inTurn(connection, here.id, async () => {
      // What came to another shard since it was compared may be what this one is about to get; others may have had their turn first.
      const before = await held.lookFreshly(async () => {
        const others = shares.filter((one) => one !== share && !this.#got.has(one));
        await allEnded(others.map((one) => this.#proveUnchanged(one)));
        await this.#got.proveUnchanged(this.#options, proofs, staging);
        const before = await readPartHashes(connection, here.id, partitionId);
        await unchanged();
        return before;
      });
      await attachParts(bringing, before, staged).catch((error) => {
        if (mayGoOn(error)) {
          // It may be done yet: until a later check finds both claims, nobody else brings in these rows.
          held.leave();
          this.#left.add(connection);
        }
        throw error;
      });
      return before;
    });
    this.#waiting.delete(number);
    this.#proofsFor.clear();
    this.#placed.push({ shard: number, rows: repair.missing.rows });
    this.#got.add(share, [...before.filter(({ active }) => active), ...staged]);
  }

  /**
   * Rows still may be brought in, and what this shard holds is what it held when all of them together held what was
   * compared.
   */
  async #proveUnchanged(share: Share): Promise<void> {
    const prove = () => this.#proofsOf(share).proveUnchanged();
    await share.held.proveUnchanged(prove, this.#options.objection);
  }

  async #command(connection: Connection, statement: string, options: StatementOptions = {}): Promise<void> {
    this.#queryIds.push(await connection.command(statement, options));
  }

  #repaired(): Repaired {
    const { repair: { missing: { rows } } } = this.#options;
    return { kind: "repaired", rows, queryIds: this.#queryIds, placed: this.#placed };
  }

  #addedBefore(): string {
    if (this.#placed.length === 0) return "";
    const added = this.#placed.map(({ shard, rows }) => `${grouped(rows)} to shard ${shard}`).join(", ");
    return `. On other shards rows had been added before (${added}); the next check finds what is still missing`;
  }
}
