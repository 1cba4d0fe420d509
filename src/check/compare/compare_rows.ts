/** What only its rows can tell about a partition that is partly here. */
import { EMPTY_DIGEST, sameDigest, subtractDigests, sumDigests } from "../../model/digest.ts";
import type { BucketDifference, BucketDigest } from "../../model/scope.ts";
import { planSlices } from "./cut_into_buckets.ts";
import type { BucketComparison, PartialBucket } from "./compare_buckets.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { type PairedOff, pairOff } from "./pair_off.ts";
import { siteMadeKeys, withDefaults } from "../tables/made_up_values.ts";
import { rowTotals } from "./row_totals.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { PartitionsRequest } from "../ports/readable_site.ts";

export type RowFacts = Pick<
  PartitionFacts,
  "differences" | "twins" | "twinsAmong" | "madeUp" | "free" | "presumed" | "pairedOff"
>;

/** Buckets of which rows are looked at to see whether they pair off, at most. */
const LOOKED_INTO = 16;

/** @param presume that buckets with more rows there than here hold no surplus, without looking */
export async function compareRows(
  ports: Pick<CheckPorts, "here">,
  request: Omit<PartitionsRequest, "buckets">,
  comparison: BucketComparison,
  presume: boolean,
): Promise<RowFacts> {
  const differences = await differRowByRow(ports, request, comparison.partial, presume);
  const made = siteMadeKeys(request.pair.here, request.scope.axis?.column ?? null);
  if (made.length > 0) {
    return {
      differences,
      ...assumeTwins(comparison, differences),
      madeUp: withDefaults(made),
      presumed: presume,
    };
  }
  const twins = await countTwins(ports, request, differences, comparison.partial);
  const { missing, surplus } = rowTotals({ comparison, differences });
  const open = missing > twins.twins && surplus > twins.twins;
  const pairedOff = open ? await lookForPairs(ports, request, comparison, differences) : null;
  return { differences, ...twins, presumed: presume, ...(pairedOff ? { pairedOff } : {}) };
}

/** Whether presuming asks nothing: no row can be here that the active site lacks. */
export function presumesAll({ partial, onlyHere }: BucketComparison): boolean {
  return partial.every(hasMoreThere) && onlyHere.rows === 0n;
}

/** Looks at some of the rows that only this site has, from all over the partition. */
async function lookForPairs(
  { here }: Pick<CheckPorts, "here">,
  request: Omit<PartitionsRequest, "buckets">,
  { bucketsOnlyHere }: BucketComparison,
  differences: readonly BucketDifference[],
): Promise<PairedOff | null> {
  const { pair, scope: { axis } } = request;
  const surplus = differences.filter(({ surplus }) => surplus.rows > 0n).map(({ bucket }) => bucket);
  const all = [...surplus, ...bucketsOnlyHere];
  const every = Math.max(1, all.length / LOOKED_INTO);
  const buckets = all.filter((_, at) => Math.floor(at / every) > Math.floor((at - 1) / every));
  const rows = await here.nearRows({ ...request, buckets });
  const keys = pair.here.columns.filter(({ inSortingKey, partsInSortingKey, inPartitionKey }) =>
    inSortingKey || partsInSortingKey || inPartitionKey
  );
  const identifying = new Set([...keys.map(({ name }) => name), ...(axis ? [axis.column] : [])]);
  return pairOff(rows, identifying, axis);
}

/** Most likely rows are missing, and none is surplus. */
export function hasMoreThere({ here, there }: PartialBucket): boolean {
  return there.rows > here.rows;
}

/**
 * What differs within buckets that hold different rows here and there. If the rows that are not here at all make up the
 * difference of the digests, that is all; only in other buckets is every row counted at both sites.
 *
 * @param presume that they do, without looking
 */
async function differRowByRow(
  { here }: Pick<CheckPorts, "here">,
  request: Omit<PartitionsRequest, "buckets">,
  partial: readonly PartialBucket[],
  presume: boolean,
): Promise<BucketDifference[]> {
  const slices = (some: readonly PartialBucket[]) =>
    planSlices(some.map(({ bucket, here, there }) => ({ bucket, rows: here.rows + there.rows })));
  const likely = partial.filter(hasMoreThere);
  const lacking = ({ here, there }: PartialBucket) => subtractDigests(there, here);
  const absent: Pick<BucketDigest, "bucket" | "digest">[] = presume
    ? likely.map((one) => ({ bucket: one.bucket, digest: lacking(one) }))
    : [];
  const expected = {
    here: sumDigests(likely.map(({ here }) => here)).rows,
    missing: sumDigests(likely.map(lacking)).rows,
  };
  for (const buckets of presume ? [] : slices(likely)) {
    absent.push(...await here.absentRows({ ...request, buckets, expected }));
  }
  const missingBy = new Map(absent.map(({ bucket, digest }) => [bucket, digest]));
  const explained = partial.flatMap((one): BucketDifference[] => {
    const missing = missingBy.get(one.bucket);
    return missing && sameDigest(missing, lacking(one))
      ? [{ bucket: one.bucket, missing, repeated: 0n, surplus: EMPTY_DIGEST }]
      : [];
  });
  const known = new Set(explained.map(({ bucket }) => bucket));
  const counted: BucketDifference[] = [];
  for (const buckets of slices(partial.filter(({ bucket }) => !known.has(bucket)))) {
    counted.push(...await here.differences({ ...request, buckets }));
  }
  return [...explained, ...counted];
}

type TwinCount = Pick<PartitionFacts, "twins" | "twinsAmong" | "free">;

/**
 * Only buckets with both missing and surplus rows can hold twins. Their number is set against the missing rows of
 * buckets that are partly here: the many rows of an outage must not hide that all others have a twin.
 */
async function countTwins(
  { here }: Pick<CheckPorts, "here">,
  request: Omit<PartitionsRequest, "buckets">,
  differences: readonly BucketDifference[],
  partial: readonly PartialBucket[],
): Promise<TwinCount> {
  const twinsAmong = differences.reduce((sum, { missing }) => sum + missing.rows, 0n);
  const both = new Set(
    differences.filter(({ missing, surplus }) => missing.rows > 0n && surplus.rows > 0n)
      .map(({ bucket }) => bucket),
  );
  const lacking = differences.filter(({ missing }) => missing.rows > 0n);
  const free = lacking.filter(({ bucket }) => !both.has(bucket)).map(({ bucket, missing }) => ({
    bucket,
    digest: missing,
  }));
  let twins = 0n;
  const sizes = partial.filter(({ bucket }) => both.has(bucket))
    .map(({ bucket, here, there }) => ({ bucket, rows: here.rows + there.rows }));
  for (const buckets of planSlices(sizes)) {
    for (const found of await here.twins({ ...request, buckets })) {
      twins += found.twins;
      if (found.free.rows > 0n) free.push({ bucket: found.bucket, digest: found.free });
    }
  }
  return { twins, twinsAmong, free };
}

/** If each site makes up keys of its own, any surplus row may be the twin of any missing one. */
function assumeTwins(comparison: BucketComparison, differences: readonly BucketDifference[]): TwinCount {
  const { missing, surplus } = rowTotals({ comparison, differences });
  return { twins: missing < surplus ? missing : surplus, twinsAmong: missing };
}
