/** Repairing one partition: stage, prove, bring in, prove. */
import type { Repair, Repaired, RepairOutcome } from "../../model/repair.ts";
import { type Catalog, type TableId, tableName } from "../../model/table.ts";
import { errorText } from "../../text/error_text.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { mayGoOn } from "../http/errors.ts";
import { decideFeeding } from "../engines/fed_decision.ts";
import { askTargets } from "./ask_targets.ts";
import { blocksBefore, feedOptions, settleFeed } from "./feed_views.ts";
import type { PartitionProofsOptions } from "./partition_proofs.ts";
import { PartitionProofs, WrongPresumption } from "./partition_proofs.ts";
import { inSmallerBlocks } from "../http/within_memory.ts";
import { qualified } from "../sql/quoting.ts";
import { expectedParts } from "../../model/part_load.ts";
import { dropMade } from "./drop_made.ts";
import { bears, mergeWhereTooMany, waitForRoom } from "./fit_parts.ts";
import { HeldPartition, markOf } from "./hold_partition.ts";
import { attachParts } from "./attach_parts.ts";
import { areActive, type PartHash, readPartHashes } from "./part_hashes.ts";
import { readPartsNow } from "./parts_now.ts";
import { replaceKeeping } from "./keep_aside.ts";
import { feedName, markStaging } from "./leftover_statements.ts";
import { assertSameTable } from "./same_table.ts";
import { type StageOptions, stageRows } from "./stage_rows.ts";
import { bringIn } from "./staging_statements.ts";
import { createStaging } from "./staging_table.ts";

export interface PartitionRepairOptions extends PartitionProofsOptions, StageOptions {
  readonly connection: Connection;
  readonly repair: Repair;
  /** Where what is replaced is kept, if anything is. */
  readonly kept: TableId;
  /** Why nothing may be written, asked right before it is; null: it may. */
  readonly objection: () => Promise<string | null>;
  /** A name for one more staging table beside the one. */
  readonly nextStaging: () => TableId;
  /** What this site holds now. */
  readonly catalog: () => Promise<Catalog>;
}

export class PartitionRepair {
  readonly #options: PartitionRepairOptions;
  readonly #proofs: PartitionProofs;
  readonly #queryIds: string[] = [];
  /** By how much smaller blocks than usual the copy fitted the memory. */
  #step = 0;
  /** The staged parts: nothing changes them but a merge of ch-sync's own. */
  #staged: readonly PartHash[] = [];
  /** The staging table is dropped in the end; null: its rows are kept for an operator, or it goes on claiming the partition. */
  #staging: TableId | null;
  readonly #held: HeldPartition;

  constructor(options: PartitionRepairOptions) {
    this.#options = options;
    this.#proofs = new PartitionProofs(options);
    this.#staging = options.staging;
    this.#held = new HeldPartition(options.connection, options.staging, options.repair);
  }

  /** Never throws. Drops the staging table, unless its rows may have reached only some of the table's views. */
  async run(): Promise<RepairOutcome> {
    const { connection, repair } = this.#options;
    try {
      await this.#stage();
      await this.#held.take();
      const before = await this.#becomeReady();
      if (repair.method === "insert") return await this.#passViews(before);
      if (repair.method === "replace") {
        return await replaceKeeping(this.#options, before, () => this.#attach(before));
      }
      return await this.#attach(before);
    } catch (error) {
      if (error instanceof WrongPresumption) return { kind: "disproved" };
      return { kind: "failed", error: errorText(error) };
    } finally {
      if (this.#staging !== null) {
        await dropMade(connection, this.#staging).catch(() => {}); // the next check drops what is left behind
      }
      await this.#held.release();
    }
  }

  /** @returns the parts of the partition right before rows are brought in, once the table bears those that are added */
  async #becomeReady(): Promise<readonly PartHash[]> {
    const { connection, repair, staging } = this.#options;
    for (let waited = false;; waited = true) {
      const before = await this.#proveUnchanged(() => this.#look(waited));
      if (before !== null) return before;
      if (await mergeWhereTooMany(connection, repair, staging, this.#staged.length)) {
        this.#staged = (await this.#parts(staging)).filter(({ active }) => active);
        await this.#proofs.proveStaged(staging);
      }
      // Those who write to the table shall not feel it.
      await waitForRoom(connection, repair, this.#added);
    }
  }

  /**
   * @param waited for room: once is enough
   * @returns the parts of the partition, which is as it was compared; null: the table does not bear what is added
   */
  async #look(waited: boolean): Promise<readonly PartHash[] | null> {
    const { connection, repair, staging } = this.#options;
    const { pair, partitionId } = repair;
    const { uuid, here, staged, partition, load } = await readPartsNow(
      connection,
      pair.here,
      partitionId,
      staging,
    );
    assertSameTable(uuid, pair.here);
    if (!areActive(staged, this.#staged)) {
      this.#staged = staged;
      await this.#proofs.proveStaged(staging);
      return await this.#look(waited);
    }
    if (!waited && !bears(repair, load, this.#added)) return null;
    await this.#proofs.proveUnchanged(partition);
    return here;
  }

  /** Parts that the table gets. Fed rows are written anew: in blocks of the usual size, or as small as those of the staged parts. */
  get #added(): number {
    const { repair } = this.#options;
    const usual = repair.method === "insert" && this.#step === 0;
    return usual ? expectedParts(repair.missing.rows, 1) : this.#staged.length;
  }

  /** Rows still may be brought in, the partition is as it was compared, the claim on it still good. */
  async #proveUnchanged<Proof>(prove: () => Promise<Proof>): Promise<Proof> {
    return await this.#held.proveUnchanged(prove, this.#options.objection);
  }

  /** Fills the staging table and proves that it holds exactly the missing rows. */
  async #stage(): Promise<void> {
    const { connection, repair, staging, remote } = this.#options;
    for (const statement of createStaging(repair.pair.here, staging, connection.oldVersion)) {
      await this.#command(statement);
    }
    this.#step = await stageRows(this.#options, (statement, options) => this.#command(statement, options));
    // The parts before the rows: what is proven is what is brought in.
    this.#staged = (await this.#parts(staging)).filter(({ active }) => active);
    await this.#proofs.proveStaged(staging);
    // Copies of a row have its key: where rows are merged by key, none stands on two shards.
    if (remote.more?.length && !repair.mergesRows) await this.#proofs.proveNoCopies(staging);
  }

  async #attach(before: readonly PartHash[]): Promise<Repaired> {
    const command = (statement: string, options: StatementOptions) => this.#command(statement, options);
    try {
      const proveUnchanged = () => this.#proveUnchanged(() => this.#proofs.proveUnchanged());
      const bringing = { ...this.#options, proofs: this.#proofs, proveUnchanged, step: this.#step, command };
      await attachParts(bringing, before, this.#staged);
    } catch (error) {
      if (mayGoOn(error)) {
        // It may be done yet: until a later check finds both claims, nobody else brings in these rows.
        this.#held.leave();
        this.#staging = null;
      }
      throw error;
    }
    return this.#repaired();
  }

  /** Views are fed, unless their targets hold already what they would make of the rows. */
  async #passViews(before: readonly PartHash[]): Promise<RepairOutcome> {
    const { repair, staging } = this.#options;
    const asked = await askTargets(
      { ...this.#options, step: this.#step },
      repair.feeds ?? [],
      { source: repair.pair.here.id, staged: staging, held: qualified(repair.pair.here.id) },
    );
    const decision = decideFeeding(asked);
    if (decision.way === "neither") return { kind: "held", error: decision.why };
    if (decision.way === "feed") return await this.#feedViews();
    await this.#proveUnchanged(() => this.#proofs.proveUnchanged());
    return { ...await this.#attach(before), pastViews: true };
  }

  /** The same row passes the views once, as an inserted one would; what is not seen to end well is kept aside. */
  async #feedViews(): Promise<RepairOutcome> {
    const { connection, repair, staging, catalog } = this.#options;
    // The catalog takes its time: the last look at the partition comes after it.
    const before = await blocksBefore(connection, await catalog(), repair.pair.name);
    await this.#proveUnchanged(() => this.#proofs.proveUnchanged());
    const name = feedName(staging);
    const feed = { ...markOf(repair), queryId: connection.queryId(name), before };
    await this.#command(markStaging(staging, feed));
    this.#staging = null;
    let fed = staging;
    try {
      await this.#command(bringIn(repair, staging), inSmallerBlocks(feedOptions(name), this.#step));
    } catch (error) {
      const settled = await settleFeed(connection, staging, feed)
        .catch(() => ({ outcome: "open", id: staging } as const)); // the next check tries again
      fed = settled.id;
      if (settled.outcome === "nothing") {
        this.#staging = fed;
        throw error;
      }
      if (settled.outcome !== "everything") {
        return { kind: "views", error: errorText(error), staging: tableName(fed) };
      }
    }
    // The INSERT ended well, so every view has had the rows: whatever follows, they are owed to nobody any more.
    await this.#command(markStaging(fed, null));
    this.#staging = fed;
    await this.#proofs.proveWhole();
    return this.#repaired();
  }

  #parts(id: TableId): Promise<PartHash[]> {
    const { connection, repair: { partitionId } } = this.#options;
    return readPartHashes(connection, id, partitionId);
  }

  async #command(statement: string, options: StatementOptions = {}): Promise<void> {
    this.#queryIds.push(await this.#options.connection.command(statement, options));
  }

  #repaired(): Repaired {
    return { kind: "repaired", rows: this.#options.repair.missing.rows, queryIds: this.#queryIds };
  }
}
