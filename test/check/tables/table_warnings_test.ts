import assert from "node:assert/strict";
import { pairTables } from "../../../src/check/tables/shared_rules.ts";
import type { Table } from "../../../src/model/table.ts";
import { definitionWarnings, unknownTimeColumns } from "../../../src/check/tables/table_warnings.ts";
import { column, table } from "../../support/data/tables.ts";
import { eachSays, says } from "../../support/says.ts";

const warnings = (here: Partial<Table>, there: Partial<Table>) =>
  definitionWarnings({
    ...pairTables("d.t", table("d.t", here), table("d.t", there)),
    ttlStatement: "ALTER …",
  });

Deno.test("definitionWarnings() says nothing of equal definitions, whatever the order of their elements", () => {
  assert.deepEqual(warnings({}, {}), []);
  assert.deepEqual(
    warnings({ elements: ["`a` Int8", "`b` Int8"] }, { elements: ["`b` Int8", "`a` Int8"] }),
    [],
  );
});

Deno.test("definitionWarnings() tells the TTLs and settings of both sites", () => {
  eachSays(warnings({ ttl: "ts + toIntervalDay(5)" }, { settings: null }), [
    ["TTL", "ts + toIntervalDay(5) here", "none at the active site", "ALTER …"],
    ["settings", "index_granularity = 8192 here", "none at the active site"],
  ]);
});

Deno.test("definitionWarnings() names the elements that differ, each once", () => {
  const here = ["`a b` Int8 CODEC(ZSTD(1))", "INDEX i a TYPE minmax GRANULARITY 1", "`same` Int8"];
  const there = ["`a b` Int8", "PROJECTION p (SELECT a)", "CONSTRAINT c CHECK a > 0", "`same` Int8"];
  const [warning, ...others] = warnings({ elements: here }, { elements: there });
  says(warning, "CONSTRAINT c, INDEX i, PROJECTION p, column `a b`", "SHOW CREATE TABLE");
  assert.doesNotMatch(warning!, /same/);
  assert.deepEqual(others, []);
});

Deno.test("definitionWarnings() names the columns that are compared by their text", () => {
  const columns = (["value", "text", "nothing", "text"] as const)
    .map((comparedAs, index) => column("abcd"[index]!, "JSON", { comparedAs }));
  const named = warnings({ columns }, { columns }).map((warning) => /^column (\w)/.exec(warning)![1]);
  assert.deepEqual(named, ["b", "d"]);
});

Deno.test("unknownTimeColumns() names the entries of TIME_COLUMNS that are no column's", () => {
  const tables = [table("d.t", { columns: [column("at", "UInt64"), column("id", "UInt64")] })];
  const said = (...patterns: string[]) =>
    unknownTimeColumns(tables, patterns.map((pattern) => ({ pattern, unit: "milliseconds" })));
  assert.deepEqual(said("d.t.at", "*.id", "d.*"), []);
  assert.deepEqual(said(), []);
  const [warning, ...others] = said("d.t.at", "d.t.time", "*.id");
  assert.match(warning!, /d\.t\.time/);
  assert.deepEqual(others, []);
});
