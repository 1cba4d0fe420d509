/** Partitions that lack few rows all over: cut into cells as they are digested, which tell the hashes of the rows that are missing. */
import { cellsFor, missingHashes } from "../../model/cells.ts";
import { sumDigests } from "../../model/digest.ts";
import type { BothPartitions, Partitions } from "../../model/partition.ts";
import type { BucketDigest } from "../../model/scope.ts";
import { isAllSettled } from "../../model/time_units.ts";
import type { BucketComparison } from "./compare_buckets.ts";
import { hasMoreThere } from "./compare_rows.ts";
import type { Batch, Extent } from "./cut_into_buckets.ts";
import type { ComparisonContext } from "./comparison_context.ts";

/** Missing rows of a partition, at least: with fewer, few of its buckets differ anyway. */
const FEWEST = 1_000n;
/** At most: what each server answers of their cells is 3 MB, and their hashes a statement of less than the megabyte that proxies let through. */
const MOST = 60_000n;
/** One row in so many is missing, at most. */
const SPARSE = 16n;
/** Rows of a partition, at least: smaller ones may be repaired together, which takes fewer statements. Not where there are shards. */
const LARGE = 1_000_000n;

/** Whether it pays to ask if a partition lacks few rows all over, by what its parts count: of rows that are still coming that tells nothing. */
export function lacksFew(
  { ports, partitions, scope, mayPresume, hashBudget }: ComparisonContext,
  { partitionId, to }: Extent,
): boolean {
  const missing = lacking(partitions, partitionId);
  const pays = rowsOf(partitions.here, partitionId) > LARGE || ports.here.shards !== undefined ||
    ports.there.shards !== undefined;
  return pays && mayPresume(partitionId) && isAllSettled(scope, to) &&
    isSparse(missing, rowsOf(partitions.there, partitionId)) && hashBudget.has(missing);
}

function rowsOf(partitions: Partitions, partitionId: string): bigint {
  return partitions.get(partitionId)?.rows ?? 0n;
}

/** Rows that are missing of a partition, as far as its parts tell. */
function lacking({ here, there }: BothPartitions, partitionId: string): bigint {
  return rowsOf(there, partitionId) - rowsOf(here, partitionId);
}

function isSparse(missing: bigint, there: bigint): boolean {
  return missing >= FEWEST && missing <= MOST && missing * SPARSE <= there;
}

/**
 * Whether rows are missing all over a partition, by the counts of its buckets: most of its rows are in buckets that lack some. After an
 * outage few are, and nothing need be known of the others.
 */
export function isSpread({ here, there, partial, onlyHere }: BucketComparison): boolean {
  const among = sumDigests(partial.map(({ there }) => there)).rows;
  return isSparse(there.rows - here.rows, there.rows) && among * 2n >= there.rows && onlyHere.rows === 0n &&
    partial.every(hasMoreThere);
}

export interface SparseDigests {
  readonly here: readonly BucketDigest[];
  readonly there: readonly BucketDigest[];
  /** Null: the cells do not tell them. */
  readonly missingHashes: BigUint64Array | null;
}

/** Digests a partition at both sites by buckets and cells. @returns null: a server cannot be asked so */
export async function digestCells(
  { ports: { here, there }, pair, partitions, scope, hashBudget }: ComparisonContext,
  { bucketing }: Batch,
  { partitionId }: Extent,
): Promise<SparseDigests | null> {
  const cells = cellsFor(lacking(partitions, partitionId));
  const request = { pair, scope, bucketing, partitionId, cells };
  const [ofHere, ofThere] = await Promise.all([here.cellDigests(request), there.cellDigests(request)]);
  if (ofHere === null || ofThere === null) return null;
  const found = missingHashes(ofThere.cells, ofHere.cells);
  return {
    here: ofHere.digests,
    there: ofThere.digests,
    missingHashes: found && hashBudget.take(BigInt(found.length)) ? found : null,
  };
}
