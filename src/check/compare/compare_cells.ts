/** Partitions that lack few rows all over: cut into cells as they are digested, which tell the hashes of the rows that are missing. */
import { cellsFor, missingHashes } from "../../model/cells.ts";
import { sumDigests } from "../../model/digest.ts";
import type { Partitions } from "../../model/partition.ts";
import type { BucketDigest } from "../../model/scope.ts";
import type { BucketComparison } from "./compare_buckets.ts";
import type { Batch, Extent } from "./cut_into_buckets.ts";
import type { ComparisonContext } from "./comparison_context.ts";

/** Missing rows of a partition, at least: with fewer, its buckets that differ are no more than they are. */
const FEWEST = 1_000n;
/** At most: what each server answers of their cells are 3 MB, and their hashes a statement of 1 MB. */
const MOST = 65_536n;
/** One row in so many is missing, at most. */
const SPARSE = 16n;

/**
 * Whether a partition may lack few rows all over, by what its parts count. Where a site has several shards, that is worth a question: the
 * hashes of one site need not be fetched then, nor those of this site's other shards, to find the rows that are missing.
 */
export function maySpread(
  { ports, partitions, mayPresume }: ComparisonContext,
  partitionId: string,
): boolean {
  if (!mayPresume(partitionId) || (!ports.here.shards && !ports.there.shards)) return false;
  const rows = (of: Partitions) => of.get(partitionId)?.rows ?? 0n;
  return isSparse(rows(partitions.here), rows(partitions.there));
}

function isSparse(here: bigint, there: bigint): boolean {
  const missing = there - here;
  return missing >= FEWEST && missing <= MOST && missing * SPARSE <= there;
}

/**
 * Whether rows are missing all over a partition, by the counts of its buckets: most of its rows are in buckets that lack some. After an
 * outage few are, and nothing need be known of the others.
 */
export function isSpread({ here, there, partial, onlyHere }: BucketComparison): boolean {
  const lacking = sumDigests(partial.map(({ there }) => there)).rows;
  return isSparse(here.rows, there.rows) && lacking * 2n >= there.rows && onlyHere.rows === 0n &&
    partial.every(({ here, there }) => there.rows > here.rows);
}

export interface SpreadDigests {
  readonly here: readonly BucketDigest[];
  readonly there: readonly BucketDigest[];
  /** Null: the cells do not tell them. */
  readonly missingHashes: BigUint64Array | null;
}

/**
 * Digests a partition at both sites by buckets and cells.
 *
 * @param counted its buckets, by their rows
 * @returns null: a server cannot be asked so
 */
export async function digestCells(
  { ports: { here, there }, pair, scope, hashes }: ComparisonContext,
  { bucketing }: Batch,
  { partitionId }: Extent,
  counted: BucketComparison,
): Promise<SpreadDigests | null> {
  const cells = cellsFor(counted.there.rows - counted.here.rows);
  const request = { pair, scope, bucketing, partitionId, cells };
  const [ofHere, ofThere] = await Promise.all([here.cellDigests(request), there.cellDigests(request)]);
  if (ofHere === null || ofThere === null) return null;
  const found = missingHashes(ofThere.cells, ofHere.cells);
  return {
    here: ofHere.digests,
    there: ofThere.digests,
    missingHashes: found && hashes.take(found.length) ? found : null,
  };
}
