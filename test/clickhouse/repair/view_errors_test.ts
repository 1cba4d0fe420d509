/** Which errors of a server are those of a view, which it meets again whenever it is given the same rows. */
import assert from "node:assert/strict";
import { SiteError } from "../../../src/clickhouse/http/errors.ts";
import { failsAgain } from "../../../src/clickhouse/repair/view_errors.ts";

const error = (code: number | null) => new SiteError("local", code, "a problem");

Deno.test("failsAgain() knows what an expression makes of the rows", () => {
  for (const code of [6, 41, 72, 153, 395]) assert.ok(failsAgain(error(code)), String(code));
});

Deno.test("failsAgain() takes nothing for it that may pass: limits, kills, a full disk, no Keeper, no answer", () => {
  for (const code of [60, 159, 202, 210, 241, 242, 243, 252, 394, 439, 497, 999, null]) {
    assert.ok(!failsAgain(error(code)), String(code));
  }
  assert.ok(!failsAgain(new Error("no answer")));
});
