/** How many rows of a partition differ. */
import { sumDigests } from "../../model/digest.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";

/** Rows that are missing here, and rows that only this site has; keys of an engine that merges rows. */
export function rowTotals(
  { comparison: { absent, onlyHere }, differences, merged }: Pick<
    PartitionFacts,
    "comparison" | "differences" | "merged"
  >,
): { missing: bigint; surplus: bigint } {
  const difference = merged?.difference;
  if (typeof difference === "object" && difference !== null) {
    return { missing: difference.missing.rows, surplus: difference.surplus };
  }
  const missing = [...absent.map(({ digest }) => digest), ...differences.map(({ missing }) => missing)];
  const surplus = [onlyHere, ...differences.map(({ surplus }) => surplus)];
  return { missing: sumDigests(missing).rows, surplus: sumDigests(surplus).rows };
}
