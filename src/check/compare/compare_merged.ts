/** Comparing one partition of an engine that merges rows, by what remains once everything is merged. */
import type { TablePair } from "../../model/table.ts";
import type { RowScope } from "../../model/scope.ts";
import { chooseHashBuckets, type Extent } from "./cut_into_buckets.ts";
import { compareBuckets } from "./compare_buckets.ts";
import type { MergedComparison } from "../judge/partition_facts.ts";
import { type Answered, totalOf } from "./answered.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/** @param extent a partition that both sites hold, with different rows */
export async function compareMerged(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  { pair, scope }: { readonly pair: TablePair; readonly scope: RowScope },
  { partitionId, rows }: Extent,
): Promise<{ readonly merged: MergedComparison; readonly answered: Answered | null }> {
  const { tells } = pair.here.traits;
  const differs = { difference: "differs", buckets: [], bucketCount: 1 } as const;
  if (tells === "nothing") return { merged: differs, answered: null };
  const bucketCount = chooseHashBuckets(rows);
  const request = { pair, partitionId, scope, bucketCount };
  const [digestsHere, digestsThere] = await Promise.all([
    here.mergedDigests({ ...request, buckets: "all" }),
    there.mergedDigests({ ...request, buckets: "all" }),
  ]);
  const settled = (answer: typeof digestsHere) => answer.map(({ settled }) => settled);
  const answered = { here: totalOf(settled(digestsHere)), there: totalOf(settled(digestsThere)) };
  const { absent, partial, onlyHere } = compareBuckets(digestsHere, digestsThere);
  const buckets = [...absent, ...partial].map(({ bucket }) => bucket);
  if (buckets.length === 0 && onlyHere.rows === 0n) {
    return { merged: { difference: null, buckets, bucketCount }, answered };
  }
  if (tells === "sums") return { merged: differs, answered };
  const bucketsOnlyHere = digestsHere.map(({ bucket }) => bucket).filter((bucket) =>
    !digestsThere.some((other) => other.bucket === bucket)
  );
  const difference = await here.mergedDifference({ ...request, buckets: [...buckets, ...bucketsOnlyHere] });
  return { merged: { difference, buckets, bucketCount }, answered };
}
