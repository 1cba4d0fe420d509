/**
 * Cells: groups of rows by their hash, of which each row is in three. Where few rows are missing, some cell lacks one row alone, and the
 * difference of the two sites' sums is its hash; with that row taken out of its other two cells, these lack one row less (an invertible
 * Bloom lookup table, with sums in place of XOR).
 */

/**
 * The rows of each cell, counted and their `cityHash64` summed modulo 2^64, in halves of 32 bits: there are tens of thousands of cells, and
 * a BigInt for each takes ten times as long.
 */
export interface CellSums {
  readonly rows: Int32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
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
  const found: number[] = []; // the low and the high half of each
  const open: (readonly [at: number, cell: number])[] = [];
  // Loops over numbers here and below: by iterators all this takes three times as long.
  for (const [at, { rows }] of left.entries()) {
    for (let cell = 0; cell < rows.length; cell++) if (rows[cell] === 1) open.push([at, cell]);
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, cell] = next;
    const [low, high] = [left[at]!.low[cell]!, left[at]!.high[cell]!];
    const cells = cellsOf(low, high, left[0].rows.length);
    // It has lost its row meanwhile, or is a sum of several, some of them surplus: that hardly ever looks like a row of this cell.
    if (left[at]!.rows[cell] !== 1 || cells[at] !== cell) continue;
    found.push(low, high);
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at]!;
      add(left[at]!, cell, -1, 1, low, high);
      if (left[at]!.rows[cell] === 1) open.push([at, cell]);
    }
  }
  const isZero = (sum: number) => sum === 0;
  const explained = left.every(({ rows, low, high }) =>
    rows.every(isZero) && low.every(isZero) && high.every(isZero)
  );
  // The low half comes first in the memory of every machine that Deno runs on.
  return explained ? new BigUint64Array(Uint32Array.from(found).buffer) : null;
}

/** By `CELL_SHIFTS`, of the halves of a hash. */
function cellsOf(low: number, high: number, count: number): number[] {
  return [
    (low & CELL_BITS) % count,
    ((low >>> 21 | high << 11) & CELL_BITS) % count,
    (high >>> 10 & CELL_BITS) % count,
  ];
}

function combine(a: Cells, b: Cells, sign: 1 | -1): Cells {
  const of = (a: CellSums, b: CellSums): CellSums => {
    const sums = { rows: a.rows.slice(), low: a.low.slice(), high: a.high.slice() };
    for (let cell = 0; cell < sums.rows.length; cell++) {
      add(sums, cell, sign, b.rows[cell]!, b.low[cell]!, b.high[cell]!);
    }
    return sums;
  };
  return [of(a[0], b[0]), of(a[1], b[1]), of(a[2], b[2])];
}

/** The arrays take what is assigned modulo 2^32; before that it is exact. */
function add(
  sums: CellSums,
  cell: number,
  sign: 1 | -1,
  rows: number,
  low: number,
  high: number,
): void {
  const sum = sums.low[cell]! + sign * low;
  sums.rows[cell]! += sign * rows;
  sums.low[cell] = sum;
  sums.high[cell]! += sign * high + Math.floor(sum / 2 ** 32); // what is carried, or borrowed
}
