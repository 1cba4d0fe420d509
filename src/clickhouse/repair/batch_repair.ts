/** Repairing several partitions of one table together: stage, prove each, move those that are proven, prove each again. */
import type { Admitted, WritableSite } from "../../check/ports/writable_site.ts";
import type { RepairProgress } from "../../check/ports/observer.ts";
import { EMPTY_DIGEST, sameDigest } from "../../model/digest.ts";
import type { Repair, RepairOutcome } from "../../model/repair.ts";
import type { TableId } from "../../model/table.ts";
import { errorText } from "../../text/error_text.ts";
import { hasGrant } from "../catalog/preflight.ts";
import { decodeDigest, type DigestRow } from "../compare/digest_statement.ts";
import type { Connection } from "../http/connection.ts";
import type { StatementOptions } from "../http/connection_options.ts";
import { mayGoOn, SiteError } from "../http/errors.ts";
import { ADDS_PARTS, EXACT_INSERT, NO_DDL } from "../http/statement_settings.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import {
  anyOf,
  attachRight,
  attachTogether,
  type Batch,
  digestTogether,
  fillTogether,
  moveTogether,
  type PartRow,
  partsTogether,
} from "./batch_statements.ts";
import { notBroughtIn } from "./attach_parts.ts";
import { ClaimTogether } from "./claim_together.ts";
import { areActive, type PartHash } from "./part_hashes.ts";
import { readPartLoad } from "./part_load.ts";
import { PartitionProofs } from "./partition_proofs.ts";
import { dropMade } from "./drop_made.ts";
import { borneTogether } from "./fit_parts.ts";
import { timedLook } from "./fresh_look.ts";
import { inTurn } from "./in_turn.ts";
import { createStaging } from "./staging_table.ts";

/** What is needed of the site that is written to. */
type Site = Pick<WritableSite, "partitionsOf" | "mergedDifference"> & {
  readonly remote: RemoteAccess;
  /** For statements that read the remote site. */
  readonly bounds: StatementOptions;
};

export interface BatchRepairOptions {
  readonly connection: Connection;
  readonly site: Site;
  readonly batch: Batch;
  readonly staging: TableId;
  readonly progress: RepairProgress;
  /** To which of these partitions rows may be brought now. */
  readonly admitted: Admitted;
}

/** The parts of one partition. */
interface Parts {
  readonly here: readonly PartHash[];
  readonly staged: readonly PartHash[];
}

export class BatchRepair {
  readonly #options: BatchRepairOptions;
  readonly #claim: ClaimTogether;
  readonly #queryIds: string[] = [];
  readonly #outcomes = new Map<string, RepairOutcome>();
  /** The parts that were proven, by partition: no others are brought in. */
  #staged: ReadonlyMap<string, readonly PartHash[]> = new Map();
  #began = 0;
  /** Whether rows may still be on their way: until a later check finds the claims, nobody else brings them in. */
  #underWay = false;

  constructor(options: BatchRepairOptions) {
    this.#options = options;
    this.#claim = new ClaimTogether(options.connection, options.staging, options.batch);
  }

  /** Never throws. What went wrong before rows were brought in is not told: each partition goes by itself then. */
  async run(): Promise<Map<string, RepairOutcome>> {
    this.#began = performance.now();
    try {
      const proven = await this.#stage();
      if (proven.length > 0) await this.#bringIn(proven);
    } catch {
      // Nothing was added, or the outcomes say so.
    } finally {
      await this.#clear();
    }
    return this.#outcomes;
  }

  /** @returns those whose missing rows, and no others, are staged, in parts that the table bears */
  async #stage(): Promise<readonly Repair[]> {
    const { connection, site: { remote }, batch, staging } = this.#options;
    const create = createStaging(anyOf(batch).pair.here, staging, connection.oldVersion);
    for (const statement of create) await this.#command(statement);
    // The claims are made while the rows are copied; both have ended before anything follows.
    const [copied, claimed] = await Promise.allSettled([
      this.#command(fillTogether(batch, staging, remote), this.#copying()),
      this.#claim.make(),
    ]);
    if (copied.status === "rejected") throw copied.reason;
    if (claimed.status === "rejected") throw claimed.reason;
    // The parts before the rows: what is proven is what is brought in.
    const parts = await this.#parts();
    this.#staged = new Map([...parts].map(([id, { staged }]) => [id, staged.filter(({ active }) => active)]));
    const rows = await connection.rows<DigestRow>(digestTogether(batch, staging), { long: true });
    const staged = new Map(rows.map(decodeDigest).map(({ partitionId, digest }) => [partitionId, digest]));
    return batch.filter(({ partitionId, missing }) =>
      !claimed.value.has(partitionId) && sameDigest(staged.get(partitionId) ?? EMPTY_DIGEST, missing)
    );
  }

  /** One thread writes one part of each partition; what is pinned here lets it write as many as there are. */
  #copying(): StatementOptions {
    const { site: { bounds }, progress } = this.#options;
    return {
      ...bounds,
      settings: { ...bounds.settings, ...EXACT_INSERT, ...NO_DDL, max_insert_threads: "1" },
      onWritten: ({ rows, bytes }) => progress.written(rows, bytes),
    };
  }

  /** One batch of a table after the other, so that nothing of what is asked grows old, and no other one's parts come between. */
  async #bringIn(proven: readonly Repair[]): Promise<void> {
    const { connection, staging } = this.#options;
    const { here } = anyOf(proven).pair;
    const mayAttach = await hasGrant(connection, attachRight(here.id)) === true;
    const together = mayAttach ? attachTogether : moveTogether;
    let brought: readonly Repair[] = [];
    try {
      const { before, lost } = await inTurn(connection, here.id, async () => {
        const { unchanged, before } = await this.#look(proven);
        brought = unchanged;
        return { before, lost: brought.length === 0 ? null : await this.#send(together(brought, staging)) };
      });
      await this.#prove(brought, before, lost);
    } catch (error) {
      if (brought.length === 0) throw error;
      this.#underWay = mayGoOn(error);
      // Rows may be in the table: no partition without an outcome is left to be repaired once more.
      for (const { partitionId } of brought) {
        if (!this.#outcomes.has(partitionId)) {
          this.#outcomes.set(partitionId, { kind: "failed", error: errorText(error) });
        }
      }
    }
  }

  /** @returns those that may be brought in and are as they were compared, with the parts of all */
  async #look(proven: readonly Repair[]) {
    const { connection, site, admitted } = this.#options;
    const { here } = anyOf(proven).pair;
    const load = await readPartLoad(connection, here);
    const wanted = await admitted(proven);
    const isFresh = timedLook();
    const [before, now] = [await this.#parts(), await site.partitionsOf(here)];
    const staged = (id: string) => this.#staged.get(id) ?? [];
    // Of what has changed since it was compared, the missing rows may have come.
    const isAsProven = ({ partitionId: id, fingerprint }: Repair) =>
      (now.get(id)?.fingerprint ?? null) === fingerprint && staged(id).length > 0 &&
      areActive(before.get(id)?.staged ?? [], staged(id));
    const borne = borneTogether(wanted, (id) => staged(id).length, load).filter(isAsProven);
    return { unchanged: isFresh() ? borne : [], before }; // what was told late goes by itself
  }

  /** @returns why the statement did not end well, though it has ended; null: it did @throws {SiteError} where it may go on */
  async #send(statement: string): Promise<SiteError | null> {
    try {
      await this.#command(statement, { long: true, unstoppable: true, atOnce: true, settings: ADDS_PARTS });
      return null;
    } catch (error) {
      if (error instanceof SiteError && (error.code !== null || error.fate === "ended")) return error;
      throw error;
    }
  }

  /** An error leaves what came before it in the table: each partition is looked at, whatever the statement said. */
  async #prove(
    moved: readonly Repair[],
    before: ReadonlyMap<string, Parts>,
    lost: SiteError | null,
  ): Promise<void> {
    if (moved.length === 0) return;
    const after = await this.#parts();
    const seconds = Math.round((performance.now() - this.#began) / moved.length) / 1000;
    for (const repair of moved) {
      const { partitionId, missing: { rows } } = repair;
      const [{ here }, now] = [before.get(partitionId)!, after.get(partitionId)?.here ?? []];
      const came = this.#staged.get(partitionId) ?? [];
      const skipped = came.filter(({ hash }) => !now.some((part) => part.hash === hash)).length;
      const whole = areActive(now, [...here, ...came].filter(({ active }) => active));
      // Nothing of it was added, so it goes by itself.
      if (!whole && skipped === came.length) continue;
      const doubt = skipped > 0
        ? notBroughtIn(skipped, came.length)
        : whole
        ? null
        : await this.#doubt(repair);
      const error = doubt === null || lost === null ? doubt : `${errorText(lost)}: ${doubt}`;
      const repaired = { kind: "repaired", rows, queryIds: this.#queryIds, seconds } as const;
      this.#outcomes.set(partitionId, error === null ? repaired : { kind: "failed", error });
    }
  }

  /** Its parts were merged already, or others came: why its rows are not what they should be; null: they are. */
  async #doubt(repair: Repair): Promise<string | null> {
    const { connection, site } = this.#options;
    const partition = async () => (await site.partitionsOf(repair.pair.here)).get(repair.partitionId) ?? null;
    const mergedDifference: WritableSite["mergedDifference"] = (request) => site.mergedDifference(request);
    try {
      if (repair.fingerprint === null && (await partition())?.rows === repair.missing.rows) return null;
      await new PartitionProofs({ connection, repair, partition, mergedDifference }).proveWhole();
      return null;
    } catch (error) {
      return errorText(error);
    }
  }

  async #parts(): Promise<Map<string, Parts>> {
    const { connection, batch, staging } = this.#options;
    const rows = await connection.rows<PartRow>(partsTogether(batch, staging));
    const of = (some: readonly PartRow[], staged: boolean) =>
      some.filter((row) => (row._chsync_staged === 1) === staged).map((row): PartHash => ({
        name: row._chsync_part,
        hash: row._chsync_hash,
        active: row._chsync_active === 1,
      }));
    const byPartition = Map.groupBy(rows, ({ _chsync_partition }) => _chsync_partition);
    return new Map(
      [...byPartition].map(([id, some]) => [id, { here: of(some, false), staged: of(some, true) }]),
    );
  }

  /** The marks outlive the staging table: while it is there, rows may come from it. */
  async #clear(): Promise<void> {
    const { connection, staging } = this.#options;
    try {
      // Those that nothing was sent for go by themselves.
      if (this.#underWay) return await this.#claim.end((partitionId) => !this.#outcomes.has(partitionId));
      await dropMade(connection, staging);
      await this.#claim.end();
    } catch {
      // the next check drops what is left behind
    }
  }

  async #command(statement: string, options: StatementOptions = {}): Promise<void> {
    this.#queryIds.push(await this.#options.connection.command(statement, options));
  }
}
