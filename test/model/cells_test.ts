/** What cells tell of the rows that one site lacks. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import {
  addCells,
  CELL_BITS,
  CELL_SHIFTS,
  type Cells,
  cellsFor,
  missingHashes,
} from "../../src/model/cells.ts";

/** Its cell of each of the three, as a server finds them. */
function cellsOf(hash: bigint, count: number): number[] {
  return CELL_SHIFTS.map((shift) => Number((hash >> BigInt(shift)) & BigInt(CELL_BITS)) % count);
}

/** As a server cuts its rows. */
function cut(hashes: Iterable<bigint>, count: number): Cells {
  const cells = CELL_SHIFTS.map(() => ({ rows: new Int32Array(count), city: new BigUint64Array(count) }));
  for (const hash of hashes) {
    for (const [at, cell] of cellsOf(hash, count).entries()) {
      cells[at]!.rows[cell]! += 1;
      cells[at]!.city[cell]! += hash;
    }
  }
  const half = (city: BigUint64Array, shift: bigint) =>
    Uint32Array.from(city, (sum) => Number(BigInt.asUintN(32, sum >> shift)));
  return cells.map(({ rows, city }) => ({
    rows,
    low: half(city, 0n),
    high: half(city, 32n),
  })) as unknown as Cells;
}

/** The rows that no cells can tell: each shares all three of its cells with others of these (a 2-core). */
function core(hashes: readonly bigint[], count: number): readonly bigint[] {
  const rows = cut(hashes, count).map(({ rows }) => rows);
  const rest = hashes.filter((hash) => cellsOf(hash, count).every((cell, at) => rows[at]![cell]! > 1));
  return rest.length === hashes.length ? rest : core(rest, count);
}

/** As good as drawn by a hash: splitmix64. @param from what differs brings others */
function drawn(from: bigint, count: number): bigint[] {
  const wrap = (value: bigint) => BigInt.asUintN(64, value);
  return Array.from({ length: count }, (_, at) => {
    let z = wrap(from + wrap(BigInt(at + 1) * 0x9e3779b97f4a7c15n));
    z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  });
}

const sorted = (hashes: Iterable<bigint>) => [...hashes].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
const from = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

Deno.test("rows that are missing are told by their hashes, of shards however they are spread", () => {
  let untold = 0;
  fc.assert(
    fc.property(from, fc.integer({ min: 1000, max: 4000 }), (from, missing) => {
      const hashes = drawn(from, missing * 4);
      const cells = cellsFor(BigInt(missing));
      const shards = (some: readonly bigint[], count: bigint) =>
        addCells(
          Array.from({ length: Number(count) }, (_, at) =>
            cut(some.filter((hash) => hash % count === BigInt(at)), cells)),
        );
      const found = missingHashes(shards(hashes, 2n), shards(hashes.slice(missing), 3n));
      const lacking = hashes.slice(0, missing);
      const told = core(lacking, cells).length === 0;
      if (!told) untold++;
      assert.deepEqual(found && sorted(found), told ? sorted(lacking) : null);
    }),
    { numRuns: 20 },
  );
  // Of 1,000 rows two share all three cells once in 300 times, of more rows hardly ever.
  assert.ok(untold <= 5, `${untold} of 20`);
});

Deno.test("two missing rows that share all three cells are not told, and nothing else is", () => {
  fc.assert(
    fc.property(from, (from) => {
      const [one, ...others] = drawn(from, 50) as [bigint, ...bigint[]];
      const both = [one, one ^ 1n << 63n]; // no cell goes by that bit
      assert.deepEqual(sorted(core([...both, ...others], 1000)), sorted(both));
      assert.equal(missingHashes(cut([...both, ...others], 1000), cut(others, 1000)), null);
      assert.equal(missingHashes(cut([...both, ...others], 1000), cut([], 1000)), null);
    }),
  );
});

/** The rows of one that the other one does not hold, each as often as it holds too few. */
function without(some: readonly bigint[], others: readonly bigint[]): bigint[] {
  const left = [...others];
  return some.filter((hash) => {
    const at = left.indexOf(hash);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

Deno.test("what is told is the difference of the two sites, and nothing only where no cells could tell it", () => {
  const few = fc.array(fc.bigInt({ min: 0n, max: 40n }), { maxLength: 60 }); // the same rows, many times
  const any = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 60 });
  const none = fc.constant([]);
  fc.assert(
    fc.property(
      few,
      few,
      any,
      fc.oneof(none, any),
      fc.integer({ min: 32, max: 80 }),
      (both, twice, missing, surplus, cells) => {
        const there = [...both, ...twice, ...twice, ...missing];
        const here = [...both, ...twice, ...surplus];
        const found = missingHashes(cut(there, cells), cut(here, cells));
        const lacking = without(there, here);
        if (without(here, there).length === 0) {
          const told = core(lacking, cells).length === 0;
          assert.deepEqual(found && sorted(found), told ? sorted(lacking) : null);
        } else if (found !== null) {
          // Small numbers add up to each other. What is told of them is in the same cells, at least.
          assert.deepEqual(addCells([cut(found, cells), cut(here, cells)]), cut(there, cells));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("a row twice, less another one in all its cells, may pass for a third one: copying it will disprove it", () => {
  assert.deepEqual(missingHashes(cut([37n, 37n], 37), cut([0n], 37)), BigUint64Array.of(74n));
});

Deno.test("rows that only this site has are never explained away", () => {
  fc.assert(
    fc.property(
      from,
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      (from, missing, surplus) => {
        const [there, here] = [drawn(from, missing), drawn(from + 1n, surplus)];
        assert.equal(missingHashes(cut(there, 500), cut(here, 500)), null);
      },
    ),
  );
});
