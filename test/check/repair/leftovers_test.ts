import assert from "node:assert/strict";
import { isLeftover, type StagingTable } from "../../../src/model/staging.ts";

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
