import assert from "node:assert/strict";
import fc from "fast-check";
import type { Memory } from "../../src/model/memory.ts";
import { formatMemory, parseMemory } from "../../src/state/parse_memory.ts";

const PLAIN = { noNullPrototype: true } as const;
const rows = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const seconds = fc.integer({ min: 0, max: 2 ** 40 });
const partition = fc.record({
  rowsHere: rows,
  rowsActive: rows,
  quiet: fc.boolean(),
  arrivedAt: fc.option(seconds),
  repair: fc.option(
    fc.record({ rows, city: rows, times: fc.integer({ min: 1, max: 9 }), at: seconds }, PLAIN),
  ),
}, PLAIN);
const name = fc.string({ unit: "binary", minLength: 1 });
const map = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 6 }).map((entries) => new Map(entries));
const memory: fc.Arbitrary<Memory> = map(
  fc.record({
    uuid: fc.uuid(),
    checkedAt: seconds,
    settledBefore: fc.integer(),
    settledBeforeDay: fc.integer(),
    partitions: map(partition),
  }, PLAIN),
);

Deno.test("parseMemory() reads what formatMemory() wrote, under the same settings only", () => {
  fc.assert(fc.property(memory, (value) => {
    const text = formatMemory(value, "digest");
    assert.deepEqual(parseMemory(text, "digest"), value);
    assert.deepEqual(parseMemory(text, "other"), new Map());
  }));
});

Deno.test("parseMemory() takes anything, and believes nothing", () => {
  const good = formatMemory(new Map(), "d");
  assert.deepEqual(parseMemory(good, "d"), new Map());
  assert.deepEqual(parseMemory(good.replace('"version":1', '"version":2'), "d"), new Map());
  fc.assert(fc.property(fc.json(), fc.string(), (json, text) => {
    for (
      const input of [json, text, good.slice(0, -3), `{"version":1,"config_digest":"d","tables":${json}}`]
    ) {
      const parsed = parseMemory(input, "d");
      assert.ok(parsed === null || parsed instanceof Map);
    }
  }));
  for (
    const wrong of [
      '{"rows":"-1"}',
      '{"rows":"1/x"}',
      '{"rows":1.5}',
      '{"rows":"1","arrivedAt":"now"}',
      "[]",
      "null",
    ]
  ) {
    const text =
      `{"version":1,"config_digest":"d","tables":{"a.b":{"uuid":"u","checkedAt":1,"settledBefore":1,` +
      `"settledBeforeDay":1,"partitions":{"p":${wrong}}}}}`;
    assert.equal(parseMemory(text, "d"), null, wrong);
  }
});
