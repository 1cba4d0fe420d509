/** Digests of multisets of rows: a count and sums of row hashes, modulo 2^64. */

/**
 * Stands for the rows of a whole table: one hash is enough to tell whether two of them are equal. Sums, unlike XOR, do not
 * cancel pairs, and can be added and subtracted like the multisets they stand for.
 */
export interface TableDigest {
  readonly rows: bigint;
  /** Sum of `cityHash64` of the canonical rows, modulo 2^64. */
  readonly city: bigint;
}

/** Stands for rows that are told apart by it: by two hash functions, which fail independently. */
export interface Digest extends TableDigest {
  /** Sum of `xxh3` of the canonical rows, modulo 2^64; 0 where one hash is enough. */
  readonly xxh: bigint;
}

/** The digest of no rows. */
export const EMPTY_DIGEST: Digest = { rows: 0n, city: 0n, xxh: 0n };

/** The digest of both multisets together. */
export function addDigests(a: Digest, b: Digest): Digest {
  return { rows: a.rows + b.rows, city: wrap(a.city + b.city), xxh: wrap(a.xxh + b.xxh) };
}

/** The digest of `a` after the rows of `b` are taken out. */
export function subtractDigests(a: Digest, b: Digest): Digest {
  return { rows: a.rows - b.rows, city: wrap(a.city - b.city), xxh: wrap(a.xxh - b.xxh) };
}

export function sameDigest(a: Digest, b: Digest): boolean {
  return a.rows === b.rows && a.city === b.city && a.xxh === b.xxh;
}

export function sumDigests(digests: Iterable<Digest>): Digest {
  let sum = EMPTY_DIGEST;
  for (const digest of digests) sum = addDigests(sum, digest);
  return sum;
}

/** The digest of all of a table's partitions together. */
export function tableDigest(partitions: Iterable<TableDigest>): TableDigest {
  let [rows, city] = [0n, 0n];
  for (const partition of partitions) {
    rows += partition.rows;
    city += partition.city;
  }
  return { rows, city: wrap(city) };
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
