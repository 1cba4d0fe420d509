import assert from "node:assert/strict";
import fc from "fast-check";
import { type PartLoad, roomForParts } from "../../src/model/part_load.ts";

const load = fc.record({
  limits: fc.record({
    delay: fc.integer({ min: 0, max: 40 }),
    refuse: fc.integer({ min: 1, max: 40 }),
    total: fc.integer({ min: 1, max: 100 }),
  }),
  parts: fc.dictionary(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 50 }))
    .map((parts) => new Map(Object.entries(parts))),
});

Deno.test("whoever writes to a table that got as many parts as there is room for is not refused, nor delayed but by one part", () => {
  fc.assert(fc.property(load, fc.constantFrom("a", "d"), (load: PartLoad, partition) => {
    const { limits, parts } = load;
    const room = roomForParts(load, partition);
    if (room === 0) return;
    const after = new Map(parts).set(partition, (parts.get(partition) ?? 0) + room);
    const counts = [...after.values()];
    assert.ok(counts.every((count) => count < limits.refuse));
    assert.ok(limits.delay === 0 || after.get(partition)! < limits.delay + (room === 1 ? 1 : 0));
    assert.ok(counts.reduce((sum, count) => sum + count, 0) < limits.total);
  }));
});

Deno.test("there is room for half of what an empty table bears, then for one part at a time", () => {
  const limits = { delay: 10, refuse: 30, total: 1000 };
  const room = (parts: number) => roomForParts({ limits, parts: new Map([["a", parts]]) }, "a");
  assert.deepEqual([0, 1, 4, 5, 8, 9, 10, 30].map(room), [5, 4, 1, 1, 1, 1, 0, 0]);
  assert.equal(roomForParts({ limits, parts: new Map([["a", 9]]) }, "a", true), 5);
  assert.equal(roomForParts({ limits, parts: new Map([["b", 30]]) }, "a"), 0);
});
