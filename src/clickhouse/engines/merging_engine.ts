/** What ch-sync knows of an engine that merges rows, and what those engines have in common. */
import type { MergeRule } from "../../model/merge_rule.ts";
import type { Bucket, RowScope } from "../../model/scope.ts";
import type { Table, TablePair } from "../../model/table.ts";
import { allOf, listed, sql } from "../sql/layout.ts";
import type { RemoteAccess } from "../sql/remote_table.ts";
import { inPartition, type RowHashes } from "../sql/rows_in_scope.ts";
import { hashableKey } from "./hashable.ts";

/** The rule of one kind, such as `RuleOf<"replace">`. */
export type RuleOf<Kind extends MergeRule["kind"]> = Extract<MergeRule, { kind: Kind }>;

/**
 * Reads the rule off an engine clause.
 *
 * @param name without `Replicated` or `Shared`
 * @param args as the clause has them, without path and replica's name
 * @returns null where it is another engine, or one of a form that is not known
 */
export type ParseEngine<Kind extends MergeRule["kind"]> = (
  name: string,
  args: readonly string[],
) => RuleOf<Kind> | null;

/** One partition of a table, or some buckets of it. */
export interface MergedRequest {
  /** The table, for its columns, its key and its rule: the same for both sites. */
  readonly table: Table;
  readonly partitionId: string;
  readonly scope: RowScope;
  /** Buckets are the hash of the key modulo this. */
  readonly bucketCount: number;
  readonly buckets: readonly Bucket[] | "all";
}

export interface MergedPairRequest extends Omit<MergedRequest, "table"> {
  readonly pair: TablePair;
}

/** What an engine makes of rows, as SQL. */
export interface MergingEngine {
  /** Two hashes of what makes rows the same thing: their key. */
  readonly keyHashes: (table: Table) => RowHashes;
  /**
   * A SELECT of rows as they would read once everything were merged, so that merge timing is no difference. One row for
   * each key: its hashes (`KEY`), `_chsync_merged`, the pair of hashes of what its rows come down to, and `_chsync_young`: 1 where one
   * of them is inside the settle window.
   *
   * @param from the table as SQL, of either site
   */
  readonly mergedRows: (request: MergedRequest, from: string) => string;
  /** Null: it can be told that the sites differ, and not which rows are missing. */
  readonly missing: MissingRows | null;
}

/** How it is told, key by key, which rows are missing. */
export interface MissingRows {
  /** What is put together of a key on both sites: aggregates, in which `_chsync_active` is 1 for the active site, else 0. */
  readonly sides: readonly string[];
  /**
   * What follows, of those and of `_chsync_unsettled`, `_chsync_is_there` and `_chsync_is_here` (0 or 1):
   *
   * - `_chsync_missing`: how many rows must come here; `_chsync_missing_city`, `_chsync_missing_xxh`: the sums of their hashes
   * - `_chsync_conflict`: 1 where neither site's row is known to be the right one
   * - `_chsync_unknown`: how many rows may be missing here or surplus: what would tell was merged away
   * - `_chsync_surplus`: 1 where only this site has it, or has it newer
   *
   * All of them are 0 for a key that is not settled, but for what it lacks of the time before it was written last.
   */
  readonly verdicts: readonly string[];
  /**
   * How the missing rows of a key change the pair of sums that it comes down to here; null: it comes down to what it does
   * there.
   */
  readonly mended: readonly [city: string, xxh: string] | null;
  /**
   * A SELECT of the missing rows, with the columns that a copy has, in their order.
   *
   * @param differences for a WITH clause: `_chsync_differences`, which has the verdicts of each key
   */
  readonly select: (request: MergedPairRequest, remote: RemoteAccess, differences: string) => string;
}

/** The hashes of a key, as they are called. */
export const KEY = "_chsync_key_city, _chsync_key_xxh";

/** For a SELECT. */
export function namedKey({ city, xxh }: RowHashes): string {
  return listed([`${city} AS _chsync_key_city`, `${xxh} AS _chsync_key_xxh`]);
}

/** Of the sorting key. */
export function sortingKeyHashes(table: Table): RowHashes {
  const key = `tuple(${hashableKey(table)})`;
  return { city: `cityHash64(${key})`, xxh: `xxh3(${key})` };
}

/** Conditions: rows of the wanted buckets, settled or not. */
export function inKeyBuckets(
  { partitionId, scope, bucketCount, buckets }: Omit<MergedRequest, "table">,
  key: RowHashes,
): string {
  const among = buckets === "all" ? null : `toInt64(${key.city} % ${bucketCount}) IN (${buckets.join(", ")})`;
  return allOf([inPartition(partitionId, scope), among]);
}

/**
 * Conditions: rows of the wanted buckets whose keys have something missing here.
 *
 * @param differences the common table expressions that end in `_chsync_differences`
 */
export function ofMissingKeys(
  request: Omit<MergedRequest, "table">,
  key: RowHashes,
  differences: string,
): string {
  // GLOBAL: without it the subquery would run at the remote site and find other rows there.
  return sql`
    ${inKeyBuckets(request, key)}
      AND (${key.city}, ${key.xxh}) GLOBAL IN (
        WITH
          ${differences}
        SELECT ${KEY}
        FROM _chsync_differences
        WHERE _chsync_missing > 0
      )
  `;
}

/** The first block of a part, from its name: partition, first block, last block, level. */
const BLOCK = "toUInt64OrZero(splitByChar('_', _part)[2])";

/** Later for a row that was inserted later. */
export const INSERTED = `${BLOCK}, _part_offset`;
