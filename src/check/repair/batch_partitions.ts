/** Which partitions of a table are repaired together: many small ones share their statements, each keeps its own proof. */
import type { PartitionPlan } from "../../model/plan.ts";
import type { Repair } from "../../model/repair.ts";

/** With fewer, nothing is gained by it. */
const FEWEST = 4;
/** Between the last look at the partitions and the end of what brings rows in lie one or two milliseconds for each of them. */
const MOST = 100;
/** Missing rows of a batch, and their compressed bytes: one block, so that each partition gets one part. */
const ROWS = 1_000_000n;
const BYTES = 256_000_000;
/** Rows of this site whose hashes travel: what they take of the other server's memory. */
const HASHED_ROWS = 5_000_000n;
/** Characters of what one statement says of the partitions; servers take 262,144. */
const CHARACTERS = 100_000;

/**
 * Groups repairs, in their order. What a batch cannot prove of each partition by itself is left out, and repaired alone: engines
 * that merge rows or are replicated, tables that feed views, rows that are here fewer times, twins. What is copied by its hashes goes alone too.
 *
 * @returns groups of four or more; whatever is in none goes by itself
 */
export function batchPartitions(plans: readonly PartitionPlan[]): Repair[][] {
  return batchRepairs(plans.flatMap(({ finding, repair }) => finding && repair ? repair.repair : []));
}

/** The same of the repairs of one table alone. */
export function batchRepairs(repairs: readonly Repair[]): Repair[][] {
  const alike = Map.groupBy(repairs.filter(isPlain), likeness);
  return [...alike.values()].flatMap(cut).filter(({ length }) => length >= FEWEST);
}

function isPlain(
  { pair: { here, groups }, method, merged, repeated, besidesTwins, missing, hashes }: Repair,
): boolean {
  return here.engine === "MergeTree" && groups.length === 0 && method === "attach" && merged === null &&
    repeated === 0n && !besidesTwins && hashes === undefined && missing.rows > 0n;
}

/** What partitions have in common that one statement copies: which rows count, and how they are cut into buckets. */
function likeness({ absent, scope, bucketing }: Repair): string {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, one) => typeof one === "bigint" ? `${one}n` : one);
  return absent === "all" ? `absent ${text(scope)}` : `partial ${text(scope)} ${text(bucketing)}`;
}

/** One that is more than half of what a batch may be gains nothing by company. */
function cut(repairs: readonly Repair[]): Repair[][] {
  const batches: Repair[][] = [];
  let sum: Size = NOTHING;
  for (const repair of repairs) {
    const size = sizeOf(repair);
    if (!fits(add(size, size))) continue;
    const current = batches.at(-1);
    if (current && current.length < MOST && fits(add(sum, size))) {
      current.push(repair);
      sum = add(sum, size);
    } else {
      batches.push([repair]);
      sum = size;
    }
  }
  return batches;
}

interface Size {
  readonly rows: bigint;
  readonly bytes: number;
  readonly hashed: bigint;
  readonly characters: number;
}

const NOTHING: Size = { rows: 0n, bytes: 0, hashed: 0n, characters: 0 };

function sizeOf({ pair, partitionId, missing, bytes, absent, partial, rowsHere }: Repair): Size {
  const buckets = absent === "all"
    ? 0
    : absent.length + partial.reduce((sum, { buckets }) => sum + buckets.length, 0);
  return {
    rows: missing.rows,
    bytes,
    hashed: absent === "all" ? 0n : rowsHere,
    // Its name where it is moved, and with each of its buckets; a bucket's number stands in three places.
    characters: partitionId.length + pair.name.length + 100 + buckets * (partitionId.length + 40),
  };
}

function add(a: Size, b: Size): Size {
  return {
    rows: a.rows + b.rows,
    bytes: a.bytes + b.bytes,
    hashed: a.hashed + b.hashed,
    characters: a.characters + b.characters,
  };
}

/** Whether as many repairs of this size are no more than a batch may be. */
export function fitsTimes(repair: Repair, times: number): boolean {
  const { rows, bytes, hashed } = sizeOf(repair);
  const many = BigInt(times);
  return fits({ rows: rows * many, bytes: bytes * times, hashed: hashed * many, characters: 0 });
}

function fits({ rows, bytes, hashed, characters }: Size): boolean {
  return rows <= ROWS && bytes <= BYTES && hashed <= HASHED_ROWS && characters <= CHARACTERS;
}
