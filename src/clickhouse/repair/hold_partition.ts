/** Holding a partition of one server: from the claim to its end, no other ch-sync brings rows into it. */
import type { Repair } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { type CaughtUp, lastKnownPath, waitUntilCaughtUp } from "./caught_up.ts";
import { claimInKeeper, otherClaimant, UNKNOWN } from "./claim_in_keeper.ts";
import { claimPartition } from "./claim_partition.ts";
import { lookFreshly } from "./fresh_look.ts";
import { dropMade } from "./drop_made.ts";
import { Disproof } from "./disproof.ts";
import { isReplicated } from "./staging_statements.ts";

/** What is written on a staging table whose rows are about to be brought in. */
export function markOf({ pair, partitionId }: Repair) {
  return { table: pair.name, partition: partitionId, since: new Date().toISOString() };
}

const MADE_ANEW =
  "The table has another path in Keeper than a moment ago. Nothing was added; the next check compares it again";

export class HeldPartition {
  /** What claims the partition at the other replicas; null: nothing does, or must go on doing so. */
  #claimed: TableId | null = null;

  constructor(readonly connection: Connection, readonly staging: TableId, readonly repair: Repair) {}

  /** @throws {Disproof} if another one holds it, or this replica does not hold everything that the others do */
  async take(): Promise<void> {
    const { connection, staging, repair: { pair: { here }, partitionId } } = this;
    let other = await claimPartition(connection, staging, markOf(this.repair));
    if (other === null && isReplicated(here)) {
      this.#claimed = { ...staging, name: `${staging.name}c` };
      const path = lastKnownPath(connection, here.id) ?? (await this.#caughtUp()).path;
      other = await claimInKeeper(connection, this.#claimed, path, partitionId);
      // What another replica was given before it let go of its claim has to be here.
      if ((await this.#caughtUp()).path !== path) throw new Disproof(MADE_ANEW);
    }
    refuse(other);
  }

  /**
   * Right before rows are brought in: they still may be, the partition is as it was compared, and the claim on it still good.
   *
   * @param objection why they may not any more; null: they may
   */
  async proveUnchanged<Proof>(
    prove: () => Promise<Proof>,
    objection: () => Promise<string | null> = () => Promise.resolve(null),
  ): Promise<Proof> {
    const assertNoObjection = async () => {
      const objected = await objection();
      if (objected !== null) throw new Disproof(objected);
    };
    const look = async (begin: () => void) => {
      // What another one brought in while the claim was void has to be here when the partition is read.
      if (this.#claimed !== null) await this.#caughtUp();
      await assertNoObjection();
      begin();
      const proof = await prove();
      if (this.#claimed !== null) refuse(await otherClaimant(this.connection, this.#claimed));
      return proof;
    };
    const proof = await this.lookFreshly(look);
    if (this.#bearsTwice) await assertNoObjection();
    return proof;
  }

  /** Looks until what is seen is fresh, where that matters. @throws {Disproof} */
  async lookFreshly<Seen>(look: (begin: () => void) => Promise<Seen>): Promise<Seen> {
    return await (this.#bearsTwice ? look(() => {}) : lookFreshly(look));
  }

  /** Whether a row that comes twice does no harm, as the next merge takes it: nothing is gained by looking until it is fresh. */
  get #bearsTwice(): boolean {
    const { merged, pair: { here } } = this.repair;
    return merged !== null && here.mergeRule.kind !== "collapse";
  }

  /** Its claim at the other replicas stays until a later check finds it: rows may be brought in yet. */
  leave(): void {
    this.#claimed = null;
  }

  /** Never throws. */
  async release(): Promise<void> {
    if (this.#claimed === null) return;
    await dropMade(this.connection, this.#claimed).catch(() => {}); // the next check drops what is left behind
  }

  /** @throws {Disproof} if this replica does not hold everything that the others do */
  async #caughtUp(): Promise<CaughtUp> {
    const { connection, repair: { pair: { here }, partitionId } } = this;
    const found = await waitUntilCaughtUp(connection, here.id, partitionId);
    if (found.doubt === null) return found;
    throw new Disproof(
      `${found.doubt.detail}. Nothing was added; the next check compares the partition again`,
    );
  }
}

function refuse(other: string | null): void {
  if (other === null) return;
  if (other === UNKNOWN) {
    throw new Disproof(
      "The Keeper of this site does not tell whether another ch-sync repairs the partition: bring it back up. Nothing was added; " +
        "the next check compares it again",
    );
  }
  throw new Disproof(
    `Another ch-sync is repairing the partition (staging table ${other}). Nothing was added; the next check ` +
      "compares it again",
  );
}
