import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { lacksSpace } from "../../../src/check/repair/estimate_repair.ts";
import { table } from "../../support/data/tables.ts";

Deno.test("lacksSpace() refuses with figures what does not fit, and counts rows that go through views twice", () => {
  const pair = pairTables("d.t", table("d.t"), table("d.t"));
  const repair = { pair, bytes: 3 * 2 ** 30, method: "attach" } as const;
  assert.equal(lacksSpace(repair, 3 * 2 ** 30), null);
  assert.equal(lacksSpace(repair, null), null);
  const text = lacksSpace(repair, 2 ** 30)!;
  assert.match(text, /3\.0 GiB.*1\.0 GiB.*free.*d\.t/);
  assert.match(
    lacksSpace({ ...repair, method: "replace", keptBytes: 2 ** 30 }, 3 * 2 ** 30)!,
    /about 4\.0 GiB/,
  );
  assert.match(lacksSpace({ ...repair, method: "insert" }, 3 * 2 ** 30)!, /about 6\.0 GiB/);
});
