import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { REASONS } from "../../src/model/reason.ts";
import {
  formatPage,
  formatTable,
  parsePage,
  parseTable,
  type StoredTable,
} from "../../src/state/parse_memory.ts";
import { arbitraryPartition, arbitraryProvenSum, arbitraryTable } from "../support/data/arbitrary_memory.ts";

const name = fc.string({ unit: "binary", minLength: 1 });
const map = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 6 }).map((entries) => new Map(entries));
const stored: fc.Arbitrary<StoredTable> = fc.record({
  name,
  configDigest: fc.string(),
  pages: fc.array(
    fc.record({
      id: fc.nat(),
      first: name,
      last: name,
      digest: fc.string(),
      proven: fc.option(arbitraryProvenSum),
    }, { noNullPrototype: true }),
  ),
  table: arbitraryTable,
}, { noNullPrototype: true });
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("parseTable() and parsePage() read what was written", () => {
  fc.assert(fc.property(stored, map(arbitraryPartition), (table, partitions) => {
    assert.deepEqual(parseTable(formatTable(table)), table);
    assert.deepEqual(parsePage(formatPage([...partitions.keys()], partitions)), partitions);
  }));
});

Deno.test("proofs of an older ch-sync are read: it did not keep what was written, and one before it kept a second sum of hashes", () => {
  const proofOf = (proof: string) =>
    parsePage(bytes(`[["p",{"rows":"1","digestedAt":5,"proof":${proof}}]]`))?.get("p")?.proof;
  const proof = { here: "h", active: "a", city: 1n };
  const [plain, withSurplus] = [{ reason: null, surplus: 0n }, { reason: "surplus", surplus: 3n }];
  assert.deepEqual(proofOf('["h","a","1"]'), { ...proof, written: null, ...plain });
  assert.deepEqual(proofOf('["h","a","1","surplus","3"]'), { ...proof, written: null, ...withSurplus });
  // Such a sum is that of no partition, so that what was written since is looked into.
  assert.deepEqual(proofOf('["h","a","1","2"]'), { ...proof, written: 2n, ...plain });
  assert.deepEqual(proofOf('["h","a","1","2","surplus","3"]'), { ...proof, written: 2n, ...withSurplus });
  const [table] = fc.sample(stored, 1);
  const older = { ...JSON.parse(new TextDecoder().decode(formatTable(table!))), xxh: "7" };
  assert.deepEqual(parseTable(bytes(JSON.stringify(older))), table);
});

Deno.test("no part of the memory is believed that is not what it should be", () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string(), fc.constant("[]"), fc.constant("{}")), (text) => {
    assert.equal(parseTable(bytes(text)), null);
    const page = parsePage(bytes(text));
    assert.ok(page === null || page.size === 0 && JSON.parse(text).length === 0);
  }));
  for (const wrong of ["", "{", "[]", "null", "{}", "1"]) assert.equal(parseTable(bytes(wrong)), null, wrong);
  const page = (content: string) => parsePage(bytes(`[["p",${content}]]`));
  assert.equal(page('{"rows":"1"}')?.size, 1);
  for (
    const wrong of [
      '{"rows":"-1"}',
      '{"rows":"1/x"}',
      '{"rows":1.5}',
      '{"rows":"1","arrivedAt":"now"}',
      '{"rows":"1","proof":["a","b","1","2","nonsense","3"]}',
      '{"rows":"1","proof":["a","b"]}',
      "[]",
      "null",
    ]
  ) assert.equal(page(wrong), null, wrong);
  assert.ok(Object.hasOwn(REASONS, "surplus"));
});
