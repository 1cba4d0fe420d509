/** What is proven about the rows of one partition while it is repaired. */
import type { MergedRequest } from "../../check/ports/readable_site.ts";
import { addDigests, type Digest, sameDigest, sumDigests } from "../../model/digest.ts";
import type { MergedDifference } from "../../model/merge_rule.ts";
import type { Partition } from "../../model/partition.ts";
import type { Repair } from "../../model/repair.ts";
import { areCopied, COPIES } from "../../model/shard_copies.ts";
import type { Bucket } from "../../model/scope.ts";
import type { TableId } from "../../model/table.ts";
import type { Connection } from "../http/connection.ts";
import { sql } from "../sql/layout.ts";
import { qualified } from "../sql/quoting.ts";
import { rowHashes } from "../sql/rows_in_scope.ts";
import { decodeDigest, type DigestRow, digestStatement } from "../compare/digest_statement.ts";
import { counted, grouped } from "../../text/readable.ts";
import { Disproof } from "./disproof.ts";
import { proveSameTable } from "./same_table.ts";

export interface PartitionProofsOptions {
  readonly connection: Connection;
  /** To the other shards of this site, whose rows count too; absent: `connection` leads to all that is proven about. */
  readonly elsewhere?: readonly Connection[];
  readonly repair: Repair;
  /** The partition as it is now at this site. */
  readonly partition: () => Promise<Partition | null>;
  readonly mergedDifference: (request: MergedRequest) => Promise<MergedDifference>;
}

/** What was presumed to be missing is not what is. */
export class WrongPresumption extends Error {}

/** Every proof that fails throws a `Disproof`, or a `WrongPresumption`. */
export class PartitionProofs {
  readonly #options: PartitionProofsOptions;
  /** The partition as it was when its rows were last proven to be those that were compared; absent: they never were. */
  #proven: string | null | undefined;

  constructor(options: PartitionProofsOptions) {
    this.#options = options;
  }

  /** The staging table holds exactly the missing rows. @returns what each server holds of them */
  async proveStaged(staging: TableId): Promise<readonly Digest[]> {
    const { repair } = this.#options;
    const each = await this.#digests(staging, "all");
    const staged = sumDigests(each);
    if (sameDigest(staged, repair.missing)) return each;
    if (repair.presumed) throw new WrongPresumption();
    throw new Disproof(
      `The active site sent ${counted(staged.rows, "row")} where ${
        counted(repair.missing.rows, "is", "are")
      } missing, or other ones: the ` +
        `partition changed there meanwhile, or this server stores such values otherwise. Nothing was added here; the ` +
        `next check compares it again`,
    );
  }

  /** Of several shards: the staged rows are not those of one shard and their copies of another. */
  async proveNoCopies(staging: TableId): Promise<void> {
    const { repair: { pair: { here, covers }, repeated, rowsHere } } = this.#options;
    if (covers) return;
    const { city } = rowHashes(here.columns);
    // Grouped, unlike counted by uniqExact, hashes of ever so many rows are put on disk where memory is short.
    const statement = sql`
      SELECT toString(sum(_chsync_times)) AS counted, toString(count()) AS apart
      FROM (SELECT count() AS _chsync_times FROM ${qualified(staging)} GROUP BY ${city})
    `;
    // Rows that are alike are staged on one shard.
    const sums = await this.#each((connection) =>
      connection.one<{ counted: string; apart: string }>(statement, { long: true })
    );
    const [all, apart] = (["counted", "apart"] as const).map((name) =>
      sums.reduce((sum, answer) => sum + BigInt(answer[name]), 0n)
    ) as [bigint, bigint];
    if (areCopied(all, all - apart + repeated, rowsHere)) {
      throw new Disproof(
        `${counted(all, "row is", "rows are")} missing, of which ${
          counted(apart, "differs", "differ")
        } from each other and ${counted(repeated, "is", "are")} here already. ${COPIES}`,
      );
    }
  }

  /**
   * Rows that arrived here since the comparison may be the very ones that are staged.
   *
   * @param seen the partition as it was just now, of the very table; absent: it is asked for, and whether it is that table's
   */
  async proveUnchanged(seen?: Partition | null): Promise<void> {
    const { connection, repair, partition } = this.#options;
    if (seen === undefined) await proveSameTable(connection, repair.pair.here);
    const now = seen === undefined ? await partition() : seen;
    const fingerprint = now?.fingerprint ?? null;
    if (fingerprint === repair.fingerprint || fingerprint === this.#proven) return;
    if (this.#proven === undefined || repair.merged) await this.proveRows(now);
    else await this.#proveAsMany(now);
    this.#proven = fingerprint;
  }

  /** Since its rows were proven, none has come: that they are as many takes a fraction of the time that they are the same takes. */
  async #proveAsMany(now: Partition | null): Promise<void> {
    const { repair: { before } } = this.#options;
    const rewritten = now?.hasLightweightDeletes || now?.hasPatches;
    if (rewritten || (await this.affected("count")).rows !== before.rows) await this.proveRows(now);
  }

  /** The same by the rows, whatever parts they are in. @param now the partition */
  async proveRows(now: Partition | null): Promise<void> {
    const { repair } = this.#options;
    if (repair.method === "replace") {
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
    const before = await this.affected();
    if (missing || !sameDigest(before, repair.before)) {
      throw new Disproof(
        `Rows of the partition changed here while it was being repaired (${
          grouped(repair.before.rows)
        } before, ` +
          `${grouped(before.rows)} now). Nothing was added; the next check compares it again`,
      );
    }
  }

  /** Nothing is missing any more, and nothing came twice. */
  async proveWhole(): Promise<void> {
    const { repair } = this.#options;
    const missing = await this.#stillMissing();
    if (missing && missing.rows > 0n) {
      throw new Disproof(
        `After the repair ${
          counted(missing.rows, "row is", "rows are")
        } still missing: others arrived meanwhile. The next check compares ` +
          `the partition again`,
      );
    }
    // A merge may have changed them already; the parts, or the INSERT, were proof.
    if (repair.mergesRows || repair.pair.groups.length > 0) return;
    const expected = addDigests(repair.before, repair.missing);
    const found = await this.affected();
    if (!sameDigest(found, expected)) {
      throw new Disproof(
        `After the repair the partition holds ${counted(found.rows, "row")} where ${
          counted(expected.rows, "was", "were")
        } expected: rows ` +
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
  async affected(counted?: "count"): Promise<Digest> {
    const { repair } = this.#options;
    const buckets = repair.absent === "all"
      ? "all"
      : [...repair.absent, ...repair.partial.flatMap(({ buckets }) => buckets)];
    return sumDigests(await this.#digests(repair.pair.here.id, buckets, counted));
  }

  /** Of each server. */
  async #digests(from: TableId, buckets: readonly Bucket[] | "all", counted?: "count"): Promise<Digest[]> {
    const { repair } = this.#options;
    const { pair, partitionId, scope, bucketing } = repair;
    // What is compared must be digested alike: an absent partition by one hash, rows among others by both. So are states that
    // are added again, whose bytes may change places on their way.
    const states = repair.merged !== null && pair.here.mergeRule.kind === "aggregate";
    const grain = counted ?? (repair.absent === "all" || states ? "copy" : "partition");
    const request = {
      table: pair.here,
      partitionIds: [partitionId],
      scope,
      bucketing,
      buckets,
      grain,
    } as const;
    const rows = await this.#each((connection) =>
      connection.rows<DigestRow>(digestStatement(request, from), { long: true })
    );
    return rows.map((some) => sumDigests(some.map(decodeDigest).map(({ digest }) => digest)));
  }

  async #each<Answer>(ask: (connection: Connection) => Promise<Answer>): Promise<Answer[]> {
    const { connection, elsewhere = [] } = this.#options;
    return await Promise.all([connection, ...elsewhere].map(ask));
  }
}
