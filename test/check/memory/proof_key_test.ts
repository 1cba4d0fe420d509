/** By what key proofs are kept: that of an older ch-sync where it still means the same, and another one where it does not. */
import assert from "node:assert/strict";
import { identityOf, isUnchanged } from "../../../src/check/memory/proof_key.ts";
import type { Column } from "../../../src/model/table.ts";
import { EMPTY_TABLE } from "../../support/data/remembered.ts";
import { column, table } from "../../support/data/tables.ts";

async function keyOf(...columns: Column[]): Promise<string> {
  const one = table("d.t", { columns });
  const pair = { name: "d.t", here: one, there: one, deletes: [], groups: [], early: [], untaken: [] };
  const none = { here: new Map(), there: new Map() };
  return (await identityOf({ ...pair, ttlStatement: null }, none)).proofKey;
}

/** The keys that an older ch-sync made of tables with one such column. */
const OLDER: readonly [Column, string][] = [
  [column("c", "String"), "21dd03337d06218d68fc4576cddb602b03bd7dd0077423fd3903be603cb00f35"],
  [
    column("c", "LowCardinality(Nullable(String))"),
    "416619f43a884dc6e58e98963bbce6cd88b95d3e0d3317669eb703064b1290da",
  ],
  [
    column("c", "LowCardinality(String)", { comparedAs: "text" }),
    "e1650f6aed6e621a614dc84483f3838a80ddc55954fd94549ec320a813211439",
  ],
  [
    column("c", "LowCardinality(String)", { expiry: { rules: ["ts + 1"], now: 0 } }),
    "2d856dc7ac1f9f77a1189ac11fde938aefe6ef660eb1784bea822a0508bf0967",
  ],
];

Deno.test("what an older ch-sync proved still counts, unless a column is hashed by its dictionary now", async () => {
  for (const [of, key] of OLDER) assert.equal(await keyOf(of), key, of.type);
  const older = "a4eb93822b39fc0cced19d78089b3ca9d432216ecc68caf8237aa95cd224fc39";
  assert.notEqual(await keyOf(column("c", "LowCardinality(String)")), older);
});

Deno.test("isUnchanged() believes no proof of a time that has not come yet: a clock was set back", () => {
  const remembered = { ...EMPTY_TABLE, partitions: 2, checkedAt: 200, oldestDigest: 100 };
  assert.equal(isUnchanged(remembered, remembered, 200), true);
  assert.equal(isUnchanged(remembered, remembered, 199), false); // the other digest may be of then
  assert.equal(isUnchanged(remembered, remembered, 99), false);
});
