import assert from "node:assert/strict";
import { computedColumns, siteMadeKeys, unstableColumns } from "../../../src/check/tables/made_up_values.ts";
import type { Column, DefaultKind, Table } from "../../../src/model/table.ts";
import { column } from "../../support/data/tables.ts";

const UNSTEADY = new Set(["now", "rand", "generateuuidv4"]);

function defaulted(name: string, defaultExpression: string, defaultKind: DefaultKind = "DEFAULT") {
  return column(name, "String", { defaultKind, defaultExpression });
}

/** Names of the columns that are unstable where a part lacks all that are computed. */
function unstable(...columns: ReturnType<typeof defaulted>[]): string[] {
  return unstableColumns(columns, new Set(computedColumns(columns)), UNSTEADY).map(({ name }) => name);
}

Deno.test("unstableColumns() goes by the functions that a default calls, in whatever letters", () => {
  assert.deepEqual(
    unstable(defaulted("a", "generateUUIDv4()"), defaulted("b", "NOW()"), defaulted("c", "f(rand ())")),
    [
      "a",
      "b",
      "c",
    ],
  );
  assert.deepEqual(
    unstable(defaulted("a", "concat(`it's`, toString(now()))"), defaulted("b", "concat('`', rand())")),
    ["a", "b"],
    "a quote in a name, or a backtick in a string, opens nothing",
  );
  assert.deepEqual(
    unstable(
      defaulted("a", "'now()'"),
      defaulted("b", "concat('it''s now()', x)"),
      defaulted("c", "nowhere(1)"),
    ),
    [],
  );
});

Deno.test("unstableColumns() follows the columns that a default reads", () => {
  assert.deepEqual(
    unstable(
      defaulted("a", "lower(`b c`)"),
      defaulted("b c", "toString(d)"),
      defaulted("d", "rand()", "ALIAS"),
    ),
    [
      "a",
      "b c",
    ],
  );
  assert.deepEqual(unstable(defaulted("a", "b"), defaulted("b", "rand()", "MATERIALIZED")), ["a"]);
  assert.deepEqual(unstable(defaulted("a", "b"), defaulted("b", "a")), [], "also in a circle");
  // Each column once, however many ways lead to it.
  const chain = Array.from(
    { length: 200 },
    (_, n) => defaulted(`c${n}`, `concat(c${n + 1}, c${n + 1}, c${n + 2})`),
  );
  assert.deepEqual(unstable(...chain), []);
  assert.equal(unstable(...chain, defaulted("c200", "rand()")).length, 201);
});

Deno.test("unstableColumns() trusts what is stored", () => {
  const columns = [defaulted("a", "toDate(b)"), defaulted("b", "now()")];
  const names = (missing: string[]) =>
    unstableColumns(columns, new Set(missing), UNSTEADY).map(({ name }) => name);
  assert.deepEqual(names(["a"]), []);
  assert.deepEqual(names(["b"]), ["b"]);
  assert.deepEqual(names(["a", "b"]), ["a", "b"]);
  assert.deepEqual(names([]), []);
});

Deno.test("siteMadeKeys() follows the columns that the default of a key reads", () => {
  const names = (...columns: Column[]) => {
    const [first, ...rest] = columns;
    const keyed = [{ ...first!, inPartitionKey: true }, ...rest];
    return siteMadeKeys({ columns: keyed } as unknown as Table, null).map(({ name }) => name);
  };
  const chain = Array.from(
    { length: 200 },
    (_, n) => defaulted(`c${n}`, `concat(c${n + 1}, c${n + 1}, c${n + 2})`),
  );
  assert.deepEqual(names(...chain), []);
  assert.deepEqual(names(...chain, defaulted("c200", "now()")), ["c0"]);
  assert.deepEqual(names(defaulted("a", "b"), defaulted("b", "a")), [], "also in a circle");
  assert.deepEqual(names(defaulted("a", "toDate(b)"), defaulted("b", "now()", "MATERIALIZED")), ["a"]);
  assert.deepEqual(names(defaulted("a", "toDate(b)"), { ...defaulted("b", ""), defaultKind: "" }), []);
});
