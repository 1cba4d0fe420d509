import assert from "node:assert/strict";
import fc from "fast-check";
import { REASONS } from "../../src/model/reason.ts";
import {
  formatHeader,
  formatPage,
  formatTable,
  parseHeader,
  parseLine,
  parsePage,
} from "../../src/state/parse_memory.ts";
import { arbitraryPartition, arbitraryTable } from "./arbitrary_memory.ts";

const name = fc.string({ unit: "binary", minLength: 1 });
const map = <T>(value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(name, value), { maxLength: 6 }).map((entries) => new Map(entries));

Deno.test("parseLine() and parsePage() read what was written, on one line each", () => {
  fc.assert(fc.property(name, fc.nat(), arbitraryTable, name, name, map(arbitraryPartition), (
    table,
    generation,
    known,
    first,
    last,
    partitions,
  ) => {
    const line = formatTable({ name: table, generation, pages: 3, table: known });
    assert.deepEqual(parseLine(line), { name: table, generation, pages: 3, table: known });
    const page = formatPage({ name: table, generation, first, last }, partitions);
    assert.deepEqual(parseLine(page), { name: table, generation, first, last });
    assert.deepEqual(parsePage(page), partitions);
    assert.ok(!line.includes("\n") && !page.includes("\n"));
  }));
});

Deno.test("parseHeader() tells a memory of other settings, or of another format, from what is none", () => {
  const header = formatHeader("d");
  assert.equal(parseHeader(header, "d"), true);
  assert.equal(parseHeader(header, "other"), false);
  assert.equal(parseHeader(header.replace(/"version":\d/, '"version":99'), "d"), false);
  for (const wrong of ["", "{", "[]", "null", "{}", "1"]) assert.equal(parseHeader(wrong, "d"), null, wrong);
});

Deno.test("no line is believed that is not what it should be", () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
    parseLine(text);
    assert.ok(parsePage(text) instanceof Map);
  }));
  const page = (content: string) => `["a.b",1,"p","p",{"p":${content}}]`;
  assert.equal(parsePage(page('{"rows":"1"}')).size, 1);
  for (
    const wrong of [
      '{"rows":"-1"}',
      '{"rows":"1/x"}',
      '{"rows":1.5}',
      '{"rows":"1","arrivedAt":"now"}',
      '{"rows":"1","proof":["a","b","1","2","nonsense","3"]}',
      '{"rows":"1","proof":["a","b","1"]}',
      "[]",
      "null",
    ]
  ) assert.equal(parsePage(page(wrong)).size, 0, wrong);
  assert.ok(Object.hasOwn(REASONS, "surplus"));
});
