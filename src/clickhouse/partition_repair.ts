/** Repairing one partition: stage, prove, bring in, prove. */
import { addDigests, type Digest, sameDigest, sumDigests } from "../model/digest.ts";
import type { MergedRequest } from "../check/ports.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { Partition } from "../model/partition.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type { Bucket } from "../model/scope.ts";
import { type TableId, tableName } from "../model/table.ts";
import type { Connection, StatementOptions } from "./connection.ts";
import { EXACT_INSERT } from "./settings.ts";
import { decodeDigest, type DigestRow, digestStatement } from "./statements/digest.ts";
import { markFeed } from "./statements/leftovers.ts";
import type { RemoteAccess } from "./statements/remote.ts";
import {
  bringIn,
  createStaging,
  dropStaging,
  fillStaging,
  insertStaging,
  isOrdered,
  partHashes,
} from "./statements/staging.ts";

export interface PartitionRepairOptions {
  readonly connection: Connection;
  readonly repair: Repair;
  readonly staging: TableId;
  readonly remote: RemoteAccess;
  /** For statements that read the remote site. */
  readonly copyOptions: StatementOptions;
  /** The partition as it is now at this site. */
  readonly partition: () => Promise<Partition | null>;
  readonly mergedDifference: (request: MergedRequest) => Promise<MergedDifference>;
}

interface PartHash {
  readonly _chsync_part: string;
  readonly _chsync_hash: string;
}

/** Raised where a proof fails: nothing is wrong with the statement, the rows are not what was planned. */
class Disproof extends Error {}

export class PartitionRepair {
  readonly #options: PartitionRepairOptions;
  readonly #queryIds: string[] = [];

  constructor(options: PartitionRepairOptions) {
    this.#options = options;
  }

  /** Never throws. Drops the staging table, unless its rows may have reached only some of the table's views. */
  async run(): Promise<RepairOutcome> {
    const { connection, repair, staging } = this.#options;
    try {
      await this.#stage();
      await this.#proveUnchanged();
      if (repair.way === "insert") return await this.#feedViews();
      const hashes = await this.#hashes(staging, true);
      await this.#command(bringIn(repair, staging));
      await this.#proveAttached(hashes);
      return this.#repaired();
    } catch (error) {
      return { kind: "failed", error: message(error) };
    } finally {
      if (!this.#kept) {
        await connection.command(dropStaging(staging), {
          settings: { max_table_size_to_drop: "0", max_partition_size_to_drop: "0" },
          unstoppable: true,
        }).catch(() => {}); // the next check drops what is left behind
      }
    }
  }

  #kept = false;

  /** Fills the staging table and proves that it holds exactly the missing rows. */
  async #stage(): Promise<void> {
    const { repair, staging, remote, copyOptions } = this.#options;
    for (const statement of createStaging(repair.pair.here, staging)) await this.#command(statement);
    for (const statement of fillStaging(repair, staging, remote)) {
      await this.#command(statement, {
        ...copyOptions,
        settings: {
          ...copyOptions.settings,
          ...EXACT_INSERT,
          // Several threads would write parts in any order.
          ...(isOrdered(repair.pair.here) ? { max_insert_threads: "1" } : {}),
        },
      });
    }
    const staged = await this.#digest(staging, "all");
    if (!sameDigest(staged, repair.missing)) {
      throw new Disproof(
        `The active site sent ${staged.rows} rows where ${repair.missing.rows} are missing, or other ones: the ` +
          `partition changed there meanwhile. Nothing was added here; the next check compares it again`,
      );
    }
  }

  /** Rows that arrived here since the comparison may be the very ones that are staged. */
  async #proveUnchanged(): Promise<void> {
    const { repair, partition } = this.#options;
    const now = await partition();
    if ((now?.fingerprint ?? null) === repair.fingerprint) return;
    if (repair.way === "replace") {
      throw new Disproof(
        "The partition changed here while the active site's was copied. Nothing was replaced; the next check compares it again",
      );
    }
    if (now?.hasLightweightDeletes || now?.hasPatches) {
      throw new Disproof(
        "Rows of the partition were deleted or updated here while it was being repaired. Nothing was added; the next " +
          "check compares it again",
      );
    }
    const missing = await this.#stillMissing();
    if (missing && sameDigest(missing, repair.missing)) return;
    const before = await this.#affected();
    if (missing || !sameDigest(before, repair.before)) {
      throw new Disproof(
        `Rows of the partition changed here while it was being repaired (${repair.before.rows} before, ` +
          `${before.rows} now). Nothing was added; the next check compares it again`,
      );
    }
  }

  async #proveAttached(staged: readonly PartHash[]): Promise<void> {
    const { repair, staging, partition } = this.#options;
    const there = new Set(
      (await this.#hashes(repair.pair.here.id, false)).map(({ _chsync_hash }) => _chsync_hash),
    );
    const skipped = staged.filter(({ _chsync_hash }) => !there.has(_chsync_hash));
    if (skipped.length > 0) {
      if (!repair.pair.here.engine.startsWith("Replicated")) {
        throw new Disproof(
          `${skipped.length} of ${staged.length} staged parts are not in the table after ${repair.way.toUpperCase()}`,
        );
      }
      // A replicated table passes over a part that it takes for a repeated one (trap 6): its rows go in by another way.
      const parts = skipped.map(({ _chsync_part }) => _chsync_part);
      await this.#command(insertStaging(repair, staging, parts), { long: true, settings: EXACT_INSERT });
    }
    // Into an empty partition nothing else was added if its rows are just those of the parts.
    if (repair.fingerprint === null && (await partition())?.rows === repair.missing.rows) return;
    await this.#proveWhole();
  }

  /** The same row passes the views once, as an inserted one would; what is not seen to end well is kept aside. */
  async #feedViews(): Promise<RepairOutcome> {
    const { repair, staging } = this.#options;
    const feed = { table: repair.pair.name, partition: repair.partitionId, since: new Date().toISOString() };
    await this.#command(markFeed(staging, feed));
    this.#kept = true;
    try {
      await this.#command(bringIn(repair, staging), {
        long: true,
        unstoppable: true, // torn in two, it would leave rows in the table that are in no view
        settings: { ...EXACT_INSERT, max_insert_threads: "1" },
      });
      await this.#proveWhole();
    } catch (error) {
      return { kind: "views", error: message(error), staging: tableName(staging) };
    }
    await this.#command(markFeed(staging, null));
    this.#kept = false;
    return this.#repaired();
  }

  async #proveWhole(): Promise<void> {
    const { repair } = this.#options;
    const missing = await this.#stillMissing();
    if (missing && missing.rows > 0n) {
      throw new Disproof(
        `After the repair ${missing.rows} rows are still missing: others arrived meanwhile. The next check compares ` +
          `the partition again`,
      );
    }
    if (repair.mergesRows) return; // a merge may have changed them already; the parts, or the INSERT, were proof
    const expected = addDigests(repair.before, repair.missing);
    const found = await this.#affected();
    if (!sameDigest(found, expected)) {
      throw new Disproof(
        `After the repair the partition holds ${found.rows} rows where ${expected.rows} were expected: rows ` +
          `arrived here meanwhile. Compare it at the next check before you rely on it`,
      );
    }
  }

  /** What the repair of an engine that merges rows finds missing now; null: the repair is of another kind. */
  async #stillMissing(): Promise<Digest | null> {
    const { repair, mergedDifference } = this.#options;
    if (!repair.merged) return null;
    return (await mergedDifference({ ...repair, ...repair.merged })).missing;
  }

  /** The digest, at this site, of the buckets that the repair touches. */
  async #affected(): Promise<Digest> {
    const { repair } = this.#options;
    const buckets = repair.whole === "all" ? "all" : [...repair.whole, ...repair.partial.flat()];
    return await this.#digest(repair.pair.here.id, buckets);
  }

  async #digest(from: TableId, buckets: readonly Bucket[] | "all"): Promise<Digest> {
    const { connection, repair } = this.#options;
    const { pair, partitionId, scope, bucketing } = repair;
    // What is compared must be digested alike: an absent partition by one hash, rows among others by both.
    const grain = repair.whole === "all" ? "copy" : "partition";
    const request = {
      table: pair.here,
      partitionIds: [partitionId],
      scope,
      bucketing,
      buckets,
      grain,
    } as const;
    const rows = await connection.rows<DigestRow>(digestStatement(request, from), { long: true });
    return sumDigests(rows.map(decodeDigest).map(({ digest }) => digest));
  }

  #hashes(id: TableId, activeOnly: boolean): Promise<PartHash[]> {
    return this.#options.connection.rows<PartHash>(partHashes(id, activeOnly));
  }

  async #command(statement: string, options: StatementOptions = {}): Promise<void> {
    this.#queryIds.push(await this.#options.connection.command(statement, options));
  }

  #repaired(): RepairOutcome {
    return { kind: "repaired", rows: this.#options.repair.missing.rows, queryIds: this.#queryIds };
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
