/** How a partition is compared: by what its row counts suggest. They prove nothing, but save a second look. */
import type { MergeTraits } from "../../model/merge_rule.ts";
import type { Partitions } from "../../model/partition.ts";

/**
 * - `absent`: this site has no row of it, so there is nothing to compare with.
 * - `counted`: rows are counted by bucket, and digested only where the counts differ.
 * - `alike`: as many rows on both sites, most likely the same: one digest each tells.
 * - `apart`: not as many, so it is digested by bucket.
 * - `merging`: the engine merges rows, so what is compared is what they come down to.
 */
export type CompareMethod = "absent" | "counted" | "alike" | "apart" | "merging";

/** Partitions of one table on both sites. */
export interface BothPartitions {
  readonly here: Partitions;
  readonly there: Partitions;
}

/** @param byCounts partitions of which the rows are only counted as long as the counts agree */
export function compareMethodOf(
  { partitions: { here, there }, byCounts }: {
    readonly partitions: BothPartitions;
    readonly byCounts: ReadonlySet<string>;
  },
  partitionId: string,
  { mergesRows }: MergeTraits,
): CompareMethod {
  const mine = here.get(partitionId);
  if (!mine || mine.rows === 0n) return "absent";
  if (mergesRows) return "merging";
  if (byCounts.has(partitionId)) return "counted";
  return mine.rows === there.get(partitionId)?.rows ? "alike" : "apart";
}
