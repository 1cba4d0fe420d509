/** Comparing the buckets of one partition by their digests. */
import { type Digest, sameDigest, sumDigests } from "../../model/digest.ts";
import type { Bucket, BucketDigest } from "../../model/scope.ts";

/** How the buckets of a partition compare. Buckets in neither list are equal, or hold nothing there. */
export interface BucketComparison {
  /** The settled rows of the whole partition. */
  readonly here: Digest;
  readonly there: Digest;
  /** Buckets that hold rows there and none here. */
  readonly absent: readonly BucketDigest[];
  /** Buckets that hold different rows here and there: only the rows themselves can tell what is missing. */
  readonly partial: readonly PartialBucket[];
  /** Rows in buckets that hold nothing there. */
  readonly onlyHere: Digest;
  readonly bucketsOnlyHere: readonly Bucket[];
  /** As in `BucketDigest`: of the active site, and of this one. */
  readonly copied?: BucketDigest["copied"];
  readonly copiedHere?: BucketDigest["copied"];
}

export interface PartialBucket {
  readonly bucket: Bucket;
  readonly here: Digest;
  readonly there: Digest;
}

/** Compares the digests of one partition, of which each site gives one for every bucket that holds rows. */
export function compareBuckets(
  here: readonly BucketDigest[],
  there: readonly BucketDigest[],
): BucketComparison {
  const hereBy = new Map(here.map(({ bucket, digest }) => [bucket, digest]));
  const thereBy = new Map(there.map(({ bucket, digest }) => [bucket, digest]));
  const absent = there.filter(({ bucket }) => !hereBy.has(bucket));
  const partial = there.flatMap(({ bucket, digest }) => {
    const digestHere = hereBy.get(bucket);
    return digestHere && !sameDigest(digestHere, digest) ? [{ bucket, here: digestHere, there: digest }] : [];
  });
  const copiedAt = (site: readonly BucketDigest[]) => site.find(({ copied }) => copied)?.copied;
  const [copied, copiedHere] = [copiedAt(there), copiedAt(here)];
  const onlyHere = here.filter(({ bucket }) => !thereBy.has(bucket));
  return {
    here: sumDigests(hereBy.values()),
    there: sumDigests(thereBy.values()),
    absent,
    partial,
    onlyHere: sumDigests(onlyHere.map(({ digest }) => digest)),
    bucketsOnlyHere: onlyHere.map(({ bucket }) => bucket),
    ...(copied ? { copied } : {}),
    ...(copiedHere ? { copiedHere } : {}),
  };
}
