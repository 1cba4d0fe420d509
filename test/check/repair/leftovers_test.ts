import assert from "node:assert/strict";
import { isLeftover, isMark, markName, type StagingTable } from "../../../src/model/staging.ts";

function staging(fields: Partial<StagingTable> = {}): StagingTable {
  const id = { database: "d", name: "_chsync_dr_aaaa1111_1" };
  return { id, checkId: "aaaa1111", ageSeconds: 0, running: false, feed: null, ...fields };
}

Deno.test("isLeftover() takes back at once what its own installation staged, running or not", () => {
  assert.equal(isLeftover(staging(), "aaaa"), true);
  assert.equal(isLeftover(staging({ running: true }), "aaaa"), true);
});

Deno.test("isLeftover() leaves another installation's table alone until it is ten minutes old and nothing runs", () => {
  const foreign = (ageSeconds: number, running: boolean) =>
    isLeftover(staging({ ageSeconds, running }), "bbbb");
  assert.equal(foreign(600, false), false);
  assert.equal(foreign(601, false), true);
  assert.equal(foreign(86_400, true), false);
});

Deno.test("isMark() tells what marks a partition from what holds rows, whatever their numbers are", () => {
  for (const name of ["_chsync_dr_aaaa1111_1", "_chsync_primary_1m2345678_12", "_chsync_dr_aaaa1111_1c"]) {
    assert.equal(isMark(staging({ id: { database: "d_1m1", name } })), false);
    assert.equal(isMark(staging({ id: { database: "d", name: markName(name, 0) } })), !name.endsWith("c"));
    assert.equal(isMark(staging({ id: { database: "d", name: markName(name, 99) } })), !name.endsWith("c"));
  }
});
