/** How far back the rows reach that are missing. */
import type { Bucketing } from "../model/scope.ts";
import type { PartitionFacts } from "./partition_facts.ts";

/**
 * Unix seconds of the beginning of the earliest bucket that lacks rows: the oldest of them is no older. Null where
 * nothing is missing, or where rows have no time.
 */
export function oldestMissing(
  { scope: { axis }, comparison: { whole }, differences }: PartitionFacts,
  bucketing: Bucketing,
): number | null {
  if (axis === null || bucketing.kind !== "time") return null;
  const lacking = [
    ...whole.map(({ bucket }) => bucket),
    ...differences.filter(({ missing }) => missing.rows > 0n).map(({ bucket }) => bucket),
  ].filter((bucket) => bucket !== null);
  if (lacking.length === 0) return null;
  const first = lacking.reduce((low, bucket) => bucket < low ? bucket : low);
  const time = bucketing.origin + first * bucketing.width;
  return Number(axis.unit === "days" ? time * 86_400n : time);
}
