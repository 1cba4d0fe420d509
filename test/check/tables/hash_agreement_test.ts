import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import { hashedTypes, typesHashedAlike, withForms } from "../../../src/check/tables/hash_agreement.ts";
import { column, table } from "../../support/data/tables.ts";

const columns = [
  column("a", "Int8"),
  column("b", "JSON"),
  column("c", "JSON"),
  column("d", "UUID", { defaultKind: "MATERIALIZED" }),
  column("e", "Point", { defaultKind: "ALIAS" }),
  column("f", "Ring", { defaultKind: "EPHEMERAL" }),
];
const pair = pairTables("d.t", table("d.t", { columns }), table("d.t", { columns }));

Deno.test("hashedTypes() names each type of a stored column once", () => {
  assert.deepEqual(hashedTypes([pair, pair]), ["Int8", "JSON", "UUID"]);
});

Deno.test("typesHashedAlike() wants the same hash from both servers, and one at all", () => {
  const here = new Map([["same", "1"], ["other", "1"], ["none", null], ["here only", "1"], ["odd", null]]);
  const there = new Map([["same", "1"], ["other", "2"], ["none", null], ["here only", null], ["odd", "1"]]);
  assert.deepEqual(typesHashedAlike(["same", "other", "none", "here only", "odd", "unheard"], here, there), [
    "same",
  ]);
});

Deno.test("withForms() gives the columns of both sites the form of their type, and nothing where there is none", () => {
  const formed = withForms(pair, new Map([["Int8", "value"], ["JSON", "text"]]));
  for (const { columns } of [formed.here, formed.there]) {
    assert.deepEqual(columns.map(({ comparedAs }) => comparedAs), [
      "value",
      "text",
      "text",
      "nothing",
      "value",
      "value",
    ]);
  }
});
