import assert from "node:assert/strict";
import { meansTheSame, overStaging } from "../../../src/clickhouse/catalog/view_over_staging.ts";

const SOURCE = { database: "d", name: "s" };
const over = (select: string) => overStaging(select, SOURCE, { database: "d", name: "staged" });

Deno.test("overStaging() reads the staged rows wherever a UNION ALL reads the source", () => {
  assert.match(over("SELECT a FROM d.s WHERE a > 1")!, /FROM `d`\.`staged` AS `s` WHERE/);
  const united = over(
    "WITH e AS (SELECT a FROM d.s ARRAY JOIN m AS x UNION ALL SELECT (b) FROM d.s AS t UNION ALL SELECT c FROM d.s) SELECT a FROM e",
  );
  assert.equal(united?.match(/FROM `d`\.`staged`/g)?.length, 3);
  assert.doesNotMatch(united!, /FROM d \. s/);
});

Deno.test("overStaging() takes no view that reads its source twice otherwise: rows of two blocks would meet", () => {
  for (
    const select of [
      "SELECT a FROM d.other",
      "SELECT a FROM d.s JOIN (SELECT b FROM d.s) AS t USING (a)",
      "SELECT a, (SELECT max(a) FROM d.s) AS most FROM d.s",
      "SELECT a FROM d.s WHERE a IN (SELECT b FROM d.s UNION ALL SELECT 1)",
      "SELECT a FROM d.s UNION DISTINCT SELECT b FROM d.s",
      "SELECT a FROM d.s WHERE a > (SELECT 1 UNION ALL SELECT 2) AND a < (SELECT max(b) FROM d.s)",
      "SELECT * FROM (SELECT a FROM d.s), (SELECT b FROM d.s UNION ALL SELECT 1)",
    ]
  ) {
    assert.equal(over(select), null, select);
  }
});

Deno.test("meansTheSame() bears the name that was given to the staged rows, which 23.x shows, and no other difference", () => {
  const tree = (
    table: string,
    column = "a",
  ) => ["QUERY id: 0", `    COLUMN id: 1, column_name: ${column}`, `    TABLE id: 2, ${table}`];
  const staged = { database: "d", name: "staged" };
  const before = tree("table_name: d.s");
  assert.ok(meansTheSame(before, tree("alias: s, table_name: d.staged"), SOURCE, staged));
  assert.ok(meansTheSame(before, tree("table_name: d.staged"), SOURCE, staged));
  assert.ok(!meansTheSame(before, tree("alias: s, table_name: d.other"), SOURCE, staged));
  assert.ok(!meansTheSame(before, tree("alias: t, table_name: d.staged"), SOURCE, staged));
  assert.ok(!meansTheSame(before, tree("alias: s, table_name: d.staged", "b"), SOURCE, staged));
});
