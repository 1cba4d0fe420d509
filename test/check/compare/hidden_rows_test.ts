import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import type { StoredPart, VisiblePart } from "../../../src/model/partition.ts";
import { hiddenRows, remedyOf } from "../../../src/check/compare/hidden_rows.ts";

const stored = (name: string, rows: bigint): StoredPart => ({
  partitionId: "p",
  name,
  rows,
});
const visible = (name: string, rows: bigint): VisiblePart => ({
  partitionId: "p",
  name,
  rows,
  from: null,
  to: null,
});

Deno.test("hiddenRows() finds nothing where a SELECT sees every row", () => {
  const sizes = fc.dictionary(fc.string(), fc.bigInt({ min: 1n, max: 1_000_000n }));
  fc.assert(fc.property(sizes, (parts) => {
    const of = <Part>(make: (name: string, rows: bigint) => Part) =>
      Object.entries(parts).map(([name, rows]) => make(name, rows));
    assert.deepEqual(hiddenRows({ stored: of(stored), visible: of(visible).reverse() }), []);
  }));
});

Deno.test("hiddenRows() names every part of which some or all rows are hidden, or too many are seen", () => {
  const parts = [stored("whole", 5n), stored("some", 5n), stored("all", 5n), stored("more", 5n)];
  const seen = [visible("whole", 5n), visible("some", 4n), visible("more", 6n)];
  assert.deepEqual(hiddenRows({ stored: parts, visible: seen }), [
    { part: parts[1], seen: 4n },
    { part: parts[2], seen: 0n },
    { part: parts[3], seen: 6n },
  ]);
});

Deno.test("hiddenRows() leaves parts alone that a merge made while the SELECT ran", () => {
  assert.deepEqual(hiddenRows({ stored: [], visible: [visible("new", 3n)] }), []);
});

Deno.test("remedyOf() names deleted rows where there may be any, which old servers hide from ch-sync too", () => {
  const one = { part: { partitionId: "202601", name: "202601_1_1_0", rows: 3n }, seen: 2n };
  const partition = {
    id: "202601",
    rows: 3n,
    bytes: 1n,
    fingerprint: "1",
    written: 1n,
    insertedAt: 0,
    changedAt: 0,
    hasLightweightDeletes: true,
    hasPatches: false,
  };
  assert.match(remedyOf(one, partition), /23\.10.*PARTITION ID '202601' FINAL/);
  for (const other of [undefined, { ...partition, hasLightweightDeletes: false }]) {
    assert.doesNotMatch(remedyOf(one, other), /OPTIMIZE/);
  }
});
