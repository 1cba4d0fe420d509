/** Repairing one partition of a site of several shards: stage on all of them, prove the sum, bring in shard by shard. */
import { EMPTY_DIGEST } from "../../model/digest.ts";
import { addPartitions } from "../../check/shards/add_shards.ts";
import type { Repaired, RepairOutcome } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import { errorText } from "../../text/error_text.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { mayGoOn } from "../http/errors.ts";
import { attachParts } from "./attach_parts.ts";
import { waitForRoom } from "./fit_parts.ts";
import { HeldPartition } from "./hold_partition.ts";
import { inTurn } from "./in_turn.ts";
import { ShareProofs } from "./share_proofs.ts";
import { PartitionProofs, WrongPresumption } from "./partition_proofs.ts";
import {
  proveTogether,
  readStagedParts,
  type ShardsRepairOptions,
  type Share,
  type Staged,
} from "./shard_share.ts";
import { allEnded, dropEverywhere, stageOverShards } from "./stage_over_shards.ts";
import { grouped } from "../../text/readable.ts";

export class ShardsRepair {
  readonly #options: ShardsRepairOptions;
  readonly #proofs: PartitionProofs;
  readonly #shares: ShareProofs;
  readonly #queryIds: string[] = [];
  readonly #placed: { readonly shard: number; readonly rows: bigint }[] = [];
  readonly #held: HeldPartition[] = [];
  #staging: TableId | null = null;
  /** Shards whose staging table goes on claiming the partition there. */
  readonly left = new Set<Connection>();
  /** Whether rows may have been added. */
  mayHaveAdded = false;

  constructor(options: ShardsRepairOptions) {
    this.#options = options;
    this.#shares = new ShareProofs(options);
    const [connection, ...elsewhere] = options.shards.map(({ connection }) => connection) as [
      Connection,
      ...Connection[],
    ];
    const { repair, partition, mergedDifference } = options;
    this.#proofs = new PartitionProofs({ connection, elsewhere, repair, partition, mergedDifference });
  }

  /** Never throws. Drops its staging tables on all shards, but where their rows may still be on their way into the table. */
  async run(): Promise<RepairOutcome> {
    const { shards, repair, shared } = this.#options;
    try {
      const { staging, step, staged } = await this.#stage();
      // In one order: of two that claim the partition, one finds the other on the first shard already.
      for (const { connection } of shards) {
        const held = new HeldPartition(connection, staging, repair, this.#options.shared?.number);
        this.#held.push(held);
        await held.take();
      }
      const shares = await this.#divide(staging, staged);
      const taking = shares.filter(({ options: { repair } }) => repair.missing.rows > 0n);
      await allEnded(
        taking.map(({ options, staged }) => waitForRoom(options.connection, options.repair, staged.length)),
      );
      for (const share of taking) await this.#bringIn(share, shares, staging, step);
      // Each share was looked at on its own shard: what came to another one meanwhile is seen by all of them together.
      if (repair.mergesRows || !await this.#shares.areWhole(shares)) await this.#proofs.proveWhole();
      return this.#repaired();
    } catch (error) {
      if (error instanceof WrongPresumption) return { kind: "disproved" };
      return { kind: "failed", error: errorText(error) + this.#addedBefore() };
    } finally {
      if (this.#staging !== null) {
        await dropEverywhere(shards.filter(({ connection }) => !this.left.has(connection)), this.#staging);
      }
      if (!shared) await this.release();
    }
  }

  /** Ends its claims. Never throws. */
  async release(): Promise<void> {
    await Promise.all(this.#held.map((held) => held.release()));
  }

  /**
   * Fills the staging tables and proves that together they hold exactly the missing rows, in parts that the table bears.
   *
   * @returns `staged` by shard
   */
  async #stage(): Promise<
    { readonly staging: TableId; readonly step: number; readonly staged: readonly Staged[] }
  > {
    const { shards, repair, remote, shared } = this.#options;
    if (shared) this.#queryIds.push(...shared.queryIds);
    const { staging, step } = shared ??
      await stageOverShards(this.#options, (...sent) => this.#command(...sent));
    if (!shared) this.#staging = staging;
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
  async #divide(staging: TableId, staged: readonly Staged[]): Promise<Share[]> {
    const { repair, shards } = this.#options;
    const { partitionId } = repair;
    // By its parts the partition is what was compared, or else by the rows of all shards together: no share is digested by itself.
    const each = await Promise.all(shards.map(({ partition }) => partition()));
    const all = addPartitions(each.map((one) => new Map(one ? [[partitionId, one]] : [])));
    await this.#proofs.proveUnchanged(all.get(partitionId) ?? null);
    const shares = shards.map((shard, at): Share => {
      const { connection, table: { engineFull, settings, createQuery }, partition } = shard;
      const here = { ...repair.pair.here, engineFull, settings, createQuery };
      const mergedDifference = this.#shares.besidesOthers(at + 1);
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
    this.#shares.begin(shares);
    return shares;
  }

  async #bringIn(share: Share, shares: readonly Share[], staging: TableId, step: number): Promise<void> {
    const { number, options, held, staged } = share;
    const { connection, repair } = options;
    const proofs = this.#shares.of(share);
    const proveUnchanged = () => this.#shares.proveUnchanged(share);
    const command = (statement: string, options: StatementOptions) =>
      this.#command(connection, statement, options);
    const bringing = { ...options, staging, proofs, proveUnchanged, step, command };
    const before = await inTurn(connection, repair.pair.here.id, async () => {
      // Others may have had their turn first.
      const parts = await this.#shares.look(share, shares, staging);
      this.mayHaveAdded = true;
      await attachParts(bringing, parts, staged).catch((error) => {
        if (mayGoOn(error)) {
          // It may be done yet: until a later check finds both claims, nobody else brings in these rows.
          held.leave();
          this.left.add(connection);
        }
        throw error;
      });
      return parts;
    });
    this.#placed.push({ shard: number, rows: repair.missing.rows });
    this.#shares.hasGot(share, before);
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
