import assert from "node:assert/strict";
import { fc } from "../../support/seed.ts";
import { allOf, listed, sql } from "../../../src/clickhouse/sql/layout.ts";
import { identifier, literal } from "../../../src/clickhouse/sql/quoting.ts";

Deno.test("sql`` takes the template's own indentation away and indents pieces of several lines", () => {
  const inner = sql`
    SELECT a
    FROM t
    WHERE ${allOf(["a > 1", null, "b IN (1, 2)"])}
  `;
  const outer = sql`
    WITH
      x AS (
        ${inner}
      )
    SELECT ${1}, ${2n}
    FROM x
    ${null}
    ${"LIMIT 3"}
  `;
  assert.deepEqual(outer.split("\n"), [
    "WITH",
    "  x AS (",
    "    SELECT a",
    "    FROM t",
    "    WHERE a > 1",
    "      AND b IN (1, 2)",
    "  )",
    "SELECT 1, 2",
    "FROM x",
    "LIMIT 3",
  ]);
  assert.equal(listed(["a", "b"]), "a,\nb");
});

Deno.test("sql`` leaves a quoted value as it is, whatever it holds and however deep it stands", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("\n", "  ", "\0", "$&", "$1", "'", "`", "\\", "\n\n", "x")).map((units) =>
      units.join("")
    ),
  );
  fc.assert(fc.property(text, (value) => {
    const inner = sql`
      SELECT ${literal(value)}
        AS ${identifier(value)}
    `;
    const outer = sql`
      FROM (
        ${inner}
      )
    `;
    assert.equal(outer, `FROM (\n  SELECT ${literal(value)}\n    AS ${identifier(value)}\n)`);
  }));
});

Deno.test("a quoted value holds no line break: one in a statement is a line of it", () => {
  assert.equal(literal("a\nb"), "'a\\nb'");
  assert.equal(identifier("a\nb"), "`a\\nb`");
});
