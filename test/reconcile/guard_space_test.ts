import assert from "node:assert/strict";
import { pairTables } from "../../src/reconcile/shared_rules.ts";
import { lacksSpace } from "../../src/reconcile/guard_space.ts";
import { table } from "../sites/tables.ts";

Deno.test("lacksSpace() refuses with figures what does not fit, and counts rows that go through views twice", () => {
  const pair = pairTables("d.t", table("d.t"), table("d.t"));
  const repair = { pair, bytes: 3 * 2 ** 30, way: "attach" } as const;
  assert.equal(lacksSpace(repair, 3 * 2 ** 30), null);
  assert.equal(lacksSpace(repair, null), null);
  const text = lacksSpace(repair, 2 ** 30)!;
  assert.match(text, /about 3\.0 GiB, and 1\.0 GiB are free on the disks of d\.t/);
  assert.match(lacksSpace({ ...repair, way: "replace", keptBytes: 2 ** 30 }, 3 * 2 ** 30)!, /about 4\.0 GiB/);
  assert.match(lacksSpace({ ...repair, way: "insert" }, 3 * 2 ** 30)!, /about 6\.0 GiB/);
});
