import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { Cell, Tone } from "../../src/model/board.ts";
import { drawFields, toneOf } from "../../src/status/fields.ts";
import { TONES } from "../../src/status/tones.ts";

const cell = (tone: Tone): Cell => {
  const nothing = { rowsHere: 0n, rowsActive: 0n, missing: 0n, provenAt: null, detail: null };
  return { partitionId: "p", tone, ...nothing };
};
const tones = Object.keys(TONES) as Tone[];
const maps = fc.integer({ min: 1, max: 40 }).chain((width) =>
  fc.array(
    fc.array(fc.option(fc.constantFrom(...tones).map(cell)), { minLength: width, maxLength: width }),
    { minLength: 1, maxLength: 12 },
  )
);

Deno.test("drawFields() leaves out no cell, keeps their order, and holds its limit", () => {
  fc.assert(fc.property(maps, fc.integer({ min: 12, max: 200 }), (rows, limit) => {
    const drawn = drawFields(rows, limit);
    assert.deepEqual(drawn.rows.map((fields) => fields.flat()), rows);
    assert.ok(drawn.rows.flat().length <= limit);
    assert.ok(drawn.rows.flat().every((field) => field.length > 0));
  }));
});

Deno.test("drawFields() draws each cell by itself where there is room", () => {
  const row = [cell("sync"), cell("sync"), null, null, cell("missing")];
  assert.deepEqual(drawFields([row], 4).rows, [[[row[0]], [row[1]], [null, null], [row[4]]]]);
  const { rows, block } = drawFields([row], 3);
  assert.deepEqual([rows, block], [[[[row[0], row[1]], [null, null], [row[4]]]], 1]);
});

Deno.test("toneOf() a field is the gravest of its cells", () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...tones), { minLength: 1 }), (of) => {
    const worst = of.toSorted((a, b) => tones.indexOf(a) - tones.indexOf(b))[0];
    assert.equal(toneOf(of.map(cell)), worst);
  }));
  assert.equal(toneOf([null, cell("sync"), cell("hot"), cell("partial"), null]), "partial");
  assert.equal(toneOf([null]), null);
});

Deno.test("every sign is of one reason alone", () => {
  const letters = tones.map((tone) => TONES[tone].letter);
  assert.equal(new Set(letters).size, letters.length);
});
