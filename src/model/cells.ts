/**
 * Cells: groups of rows by their hash, of which each row is in three. Where few rows are missing, some cell lacks one row alone, and the
 * difference of the two sites' sums is its hash; with that row taken out of its other two cells, these lack one row less (an invertible
 * Bloom lookup table, with sums in place of XOR).
 */

/** The rows of each cell, counted and their `cityHash64` summed modulo 2^64: as typed arrays, for there are tens of thousands. */
export interface CellSums {
  readonly rows: Int32Array;
  readonly city: BigUint64Array;
}

/** By the lowest, the middle and the highest bits of the hash: each row is in one cell of each. */
export type Cells = readonly [CellSums, CellSums, CellSums];

/** By how many bits the hash is shifted for each, and how many of it are taken: the same in SQL. */
export const CELL_SHIFTS = [0, 21, 42] as const;
export const CELL_BITS = 2 ** 21 - 1;

/** @param missing rows, as far as counts tell @returns cells of each of the three: with 1.23 in all for each row it begins to work */
export function cellsFor(missing: bigint): number {
  return Math.ceil(Number(missing) * 0.5) + 32;
}

/** Of all shards of a site. */
export function addCells(shards: readonly Cells[]): Cells {
  return shards.reduce((sum, cells) => combine(sum, cells, 1));
}

/**
 * The hashes of the rows that are there and not here. Where rows are only here, they are as good as certain: whoever copies them proves it.
 *
 * @returns null: the difference could not be explained so, or there are rows here that are not there
 */
export function missingHashes(there: Cells, here: Cells): BigUint64Array | null {
  const left = combine(there, here, -1);
  const found: bigint[] = [];
  const open = left.flatMap(({ rows }, at) =>
    [...rows.keys()].filter((cell) => rows[cell] === 1).map((cell) => [at, cell] as const)
  );
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, cell] = next;
    const hash = left[at]!.city[cell]!;
    const cells = cellsOf(hash, left[0].rows.length);
    // It has lost its row meanwhile, or is a sum of several, some of them surplus: that hardly ever looks like a row of this cell.
    if (left[at]!.rows[cell] !== 1 || cells[at] !== cell) continue;
    found.push(hash);
    for (const [at, cell] of cells.entries()) {
      const { rows, city } = left[at]!;
      city[cell]! -= hash;
      if (--rows[cell]! === 1) open.push([at, cell]);
    }
  }
  const explained = left.every(({ rows, city }) =>
    rows.every((n) => n === 0) && city.every((sum) => sum === 0n)
  );
  return explained ? BigUint64Array.from(found) : null;
}

function cellsOf(hash: bigint, count: number): number[] {
  return CELL_SHIFTS.map((shift) => Number(hash >> BigInt(shift) & BigInt(CELL_BITS)) % count);
}

function combine(a: Cells, b: Cells, sign: 1 | -1): Cells {
  const of = (a: CellSums, b: CellSums): CellSums => ({
    rows: a.rows.map((n, cell) => n + sign * b.rows[cell]!),
    city: a.city.map((sum, cell) => sum + BigInt(sign) * b.city[cell]!),
  });
  return [of(a[0], b[0]), of(a[1], b[1]), of(a[2], b[2])];
}
