/** Which rows pair off, and which only seem to. */
import assert from "node:assert/strict";
import { type NearRows, pairOff } from "../../../src/check/compare/pair_off.ts";

const COLUMNS = ["ts", "id", "body", "host", "level"];
const AXIS = { column: "ts", unit: "seconds" } as const;
const KEYS = new Set(["ts", "id"]);

type Values = readonly [ts: number, id: string, body: string, host: string, level: string];
const row = (values: Values) => ({ columns: values.map(String), time: BigInt(values[0]) });

function pairs(surplus: readonly Values[], missing: readonly Values[], common: readonly Values[] = []) {
  const near = [
    ...missing.map((values) => ({ ...row(values), common: false })),
    ...common.map((values) => ({ ...row(values), common: true })),
  ];
  const rows: NearRows = { columns: COLUMNS, surplus: surplus.map(row), near };
  return pairOff(rows, KEYS, AXIS);
}

Deno.test("rows that differ in a key column pair off, and the column is named", () => {
  const found = pairs([[1, "b1", "x", "h", "i"], [2, "b2", "y", "h", "i"]], [[1, "a1", "x", "h", "i"]]);
  assert.deepEqual(found, { looked: 2n, paired: 1n, columns: ["id"], byTime: false });
});

Deno.test("two columns may differ, and not more than fewer than half", () => {
  const found = pairs([[1, "b1", "x", "h2", "i"]], [[1, "a1", "x", "h1", "i"]]);
  assert.deepEqual(found?.columns.toSorted(), ["host", "id"]);
  assert.equal(pairs([[1, "b1", "x", "h2", "i"]], [[1, "a1", "y", "h1", "i"]]), null);
});

Deno.test("what differs outside of the keys is judged by the keys", () => {
  assert.equal(pairs([[1, "a", "x", "h", "i"]], [[1, "a", "y", "h", "i"]]), null);
});

Deno.test("a row that both sites have, and that is as near, speaks against it", () => {
  assert.equal(pairs([[1, "b", "x", "h", "i"]], [[1, "a", "x", "h", "i"]], [[1, "c", "x", "h", "i"]]), null);
});

Deno.test("stamps of one event are near each other", () => {
  assert.equal(pairs([[1, "a", "x", "h", "i"]], [[9, "a", "x", "h", "i"]])?.byTime, true);
  assert.equal(pairs([[1, "a", "x", "h", "i"]], [[900, "a", "x", "h", "i"]]), null);
});
