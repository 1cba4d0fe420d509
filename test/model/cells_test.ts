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

/** As a server cuts its rows. */
function cut(hashes: Iterable<bigint>, count: number): Cells {
  const cells = CELL_SHIFTS.map(() => ({ rows: new Int32Array(count), city: new BigUint64Array(count) }));
  for (const hash of hashes) {
    for (const [at, shift] of CELL_SHIFTS.entries()) {
      const cell = Number((hash >> BigInt(shift)) & BigInt(CELL_BITS)) % count;
      cells[at]!.rows[cell]! += 1;
      cells[at]!.city[cell]! += hash;
    }
  }
  return cells as unknown as Cells;
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
      assert.deepEqual(found && sorted(found), sorted(hashes.slice(0, missing)));
    }),
    { numRuns: 20 },
  );
});

Deno.test("what is told is the difference of the two sites, or nothing is", () => {
  const few = fc.array(fc.bigInt({ min: 0n, max: 40n }), { maxLength: 60 }); // the same rows, many times
  const any = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 60 });
  fc.assert(
    fc.property(
      few,
      few,
      any,
      any,
      fc.integer({ min: 32, max: 80 }),
      (both, twice, missing, surplus, cells) => {
        const there = [...both, ...twice, ...twice, ...missing];
        const here = [...both, ...twice, ...surplus];
        const found = missingHashes(cut(there, cells), cut(here, cells));
        if (found === null) return;
        assert.deepEqual(sorted([...here, ...found]), sorted(there));
      },
    ),
    { numRuns: 2000 },
  );
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
