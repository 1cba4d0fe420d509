import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { comparedColumns, copiedColumns, hashedRow } from "../../../src/clickhouse/sql/canonical_row.ts";
import { literal } from "../../../src/clickhouse/sql/quoting.ts";
import { type Column } from "../../../src/model/table.ts";
import { startOneSite } from "../../support/sites/one_site.ts";
import { openConnection } from "../../support/sites/open_connection.ts";
import { column } from "../../support/data/tables.ts";

/** A value as SQL, and as a text that is equal for values that are the same telemetry. */
interface Value {
  readonly sql: string;
  /** The same with the entries of every map the other way round. */
  readonly reordered: string;
  readonly meaning: string;
}

interface Kind {
  readonly type: string;
  readonly value: fc.Arbitrary<Value>;
}

const text: Kind = {
  type: "String",
  value: fc.constantFrom("", "0", "a", "b", "ab", "NULL", "\0", "'").map((s) =>
    same(literal(s), JSON.stringify(s))
  ),
};
const number: Kind = {
  type: "Int8",
  value: fc.integer({ min: -1, max: 2 }).map((n) => same(String(n), String(n))),
};

function same(sql: string, meaning: string, reordered = sql): Value {
  return { sql, reordered, meaning };
}

function nullable({ type, value }: Kind): Kind {
  return { type: `Nullable(${type})`, value: fc.option(value).map((some) => some ?? same("NULL", "null")) };
}

function array({ type, value }: Kind): Kind {
  return {
    type: `Array(${type})`,
    value: fc.array(value, { maxLength: 3 }).map((items) => listed("[", items, "]")),
  };
}

/** Keys may be doubled, as ClickHouse allows. The order of the entries means nothing. */
function map(key: Kind, { type, value }: Kind): Kind {
  return {
    type: `Map(${key.type}, ${type})`,
    value: fc.array(fc.tuple(key.value, value), { maxLength: 3 }).map((entries) => {
      const pairs = (field: keyof Value) => entries.map(([k, v]) => `${k[field]}:${v[field]}`);
      const braces = (pairs: readonly string[]) => `{${pairs.join(", ")}}`;
      return same(
        braces(pairs("sql")),
        braces(pairs("meaning").sort()),
        braces(pairs("reordered").reverse()),
      );
    }),
  };
}

/** With names that a parser of types may stumble over. */
function tuple(...kinds: Kind[]): Kind {
  const names = ["plain", "`a b`", "`Map(`", "`c,d)`"];
  return {
    type: `Tuple(${kinds.map(({ type }, index) => `${names[index]} ${type}`).join(", ")})`,
    value: fc.tuple(...kinds.map(({ value }) => value)).map((items) => listed("(", items, ")")),
  };
}

function listed(open: string, items: readonly Value[], close: string): Value {
  const all = (field: keyof Value) => open + items.map((item) => item[field]).join(", ") + close;
  return same(all("sql"), all("meaning"), all("reordered"));
}

const KINDS: readonly Kind[] = [
  text,
  text,
  nullable(text),
  nullable(number),
  { type: "LowCardinality(Nullable(String))", value: nullable(text).value },
  { type: "LowCardinality(String)", value: text.value },
  array(number),
  array(nullable(text)),
  array(array(number)),
  map(text, text),
  map({ type: "LowCardinality(String)", value: text.value }, nullable(number)),
  map(text, array(number)),
  array(map(text, number)),
  tuple(map(text, text), nullable(number), array(map(number, text))),
  nullable(tuple(number, nullable(text))),
  nullable(tuple(map(text, nullable(number)), array(nullable(number)))),
  map(text, map(text, map(text, number))),
  map(text, tuple(map(text, number), text)),
  array(tuple(map(text, text), text)),
  map(text, array(map(text, number))),
  {
    type: "Enum8('Map(' = 0, ',\\')' = 1)",
    value: fc.constantFrom(0, 1).map((n) => same(String(n), String(n))),
  },
];

Deno.test("canonical rows hash alike if and only if they are the same telemetry", async (t) => {
  await using one = await startOneSite();
  const connection = openConnection(one.site);
  await connection.command("CREATE DATABASE d");
  const columns = KINDS.map(({ type }, index) => column(`c${index}`, type));
  await connection.command(
    `CREATE TABLE d.t (id UInt32, ${columns.map(({ name, type }) => `${name} ${type}`).join(", ")}) ` +
      `ENGINE = MergeTree ORDER BY id`,
  );
  const types = await connection.rows<{ name: string; type: string }>(
    "SELECT name, type FROM system.columns WHERE database = 'd' AND table = 't' ORDER BY position",
  );
  const printed = types.slice(1).map(({ name, type }) => column(name, type));

  /** Both hashes of every row, of the columns given. */
  async function hashes(rows: readonly (readonly Value[])[], of: readonly Column[]) {
    await connection.command("TRUNCATE TABLE d.t");
    const values = rows.map((row, id) => `(${[String(id), ...row.map(({ sql }) => sql)].join(", ")})`);
    await connection.command(`INSERT INTO d.t VALUES ${values.join(", ")}`);
    return await connection.rows<{ city: string; xxh: string }>(
      `SELECT toString(${hashedRow(of, "cityHash64")}) AS city, toString(${hashedRow(of, "xxh3")}) AS xxh ` +
        "FROM d.t ORDER BY id",
    );
  }

  const row = fc.tuple(...KINDS.map(({ value }) => value));

  for (const comparedAs of ["value", "null_apart", "text"] as const) {
    const of = printed.map((column) => ({ ...column, comparedAs }));
    await t.step(`one by one, whatever the type, as ${comparedAs}`, async () => {
      for (const [index, { type, value }] of KINDS.entries()) {
        await fc.assert(
          fc.asyncProperty(row, fc.array(value, { minLength: 40, maxLength: 40 }), async (base, values) => {
            const both = values.flatMap((some) => [some, { ...some, sql: some.reordered }]);
            const found = await hashes(both.map((some) => base.with(index, some)), [of[index]!]);
            assertAgree(found, both.map(({ meaning }) => meaning), type);
          }),
          { numRuns: casesOf("rowsOfAType") },
        );
      }
    });

    await t.step(
      `all columns together, also where values stand in another column, as ${comparedAs}`,
      async () => {
        await fc.assert(
          fc.asyncProperty(
            row,
            fc.array(fc.tuple(fc.nat(KINDS.length - 1), row), { minLength: 20 }),
            async (base, changes) => {
              const rows = [base, base, ...changes.map(([index, other]) => base.with(index, other[index]!))];
              const meanings = rows.map((values) => JSON.stringify(values.map(({ meaning }) => meaning)));
              assertAgree(await hashes(rows, of), meanings, "all columns");
            },
          ),
          { numRuns: casesOf("rowsOfAllTypes") },
        );
      },
    );
  }

  await t.step("texts that moved to the next column", async () => {
    const [a, b] = [printed[0]!, printed[1]!];
    const base = fc.sample(row, 1)[0]!;
    const pairs = [["ab", ""], ["a", "b"], ["", "ab"], ["b", "a"]];
    const rows = pairs.map(([x, y]) => base.with(0, same(literal(x!), x!)).with(1, same(literal(y!), y!)));
    assertAgree(await hashes(rows, [a, b]), pairs.map((pair) => pair.join("|")), "texts");
  });
  await connection.close();
});

/** Two rows have the same hash exactly where they have the same meaning, by either hash alone. */
function assertAgree(
  hashes: readonly { city: string; xxh: string }[],
  meanings: readonly string[],
  what: string,
): void {
  assert.equal(hashes.length, meanings.length);
  for (const kind of ["city", "xxh"] as const) {
    const byMeaning = new Map<string, string>();
    const byHash = new Map<string, string>();
    for (const [index, meaning] of meanings.entries()) {
      const hash = hashes[index]![kind];
      assert.equal(byMeaning.get(meaning) ?? hash, hash, `${what}: ${meaning} has two hashes by ${kind}`);
      assert.equal(
        byHash.get(hash) ?? meaning,
        meaning,
        `${what}: one hash by ${kind} for ${meaning} and another`,
      );
      byMeaning.set(meaning, hash);
      byHash.set(hash, meaning);
    }
  }
}

Deno.test("canonical rows of Nested and of simple aggregates do not depend on the order of keys", async () => {
  await using one = await startOneSite();
  const connection = openConnection(one.site);
  await connection.command("CREATE DATABASE d");
  await connection.command(
    "CREATE TABLE d.t (id UInt8, n Nested(`k ey` String, m Map(String, UInt8)), " +
      "s SimpleAggregateFunction(anyLast, Map(String, UInt8))) ENGINE = MergeTree ORDER BY id",
    { settings: { flatten_nested: 0 } },
  );
  await connection.command(
    "INSERT INTO d.t VALUES (0, [('x', {'a':1,'b':2})], {'c':1,'d':2}), (1, [('x', {'b':2,'a':1})], {'d':2,'c':1}), " +
      "(2, [('x', {'a':1,'b':3})], {'c':1,'d':2}), (3, [('x', {'a':1,'b':2})], {'c':1,'d':3})",
  );
  const columns = (await connection.rows<{ name: string; type: string }>(
    "SELECT name, type FROM system.columns WHERE database = 'd' AND table = 't' AND name != 'id' ORDER BY position",
  )).map(({ name, type }) => column(name, type));
  assert.match(columns[0]!.type, /^Nested\(/);
  const rows = await connection.rows<{ h: string }>(
    `SELECT toString(${hashedRow(columns, "cityHash64")}) AS h FROM d.t ORDER BY id`,
  );
  const [a, b, c, d] = rows.map(({ h }) => h);
  assert.equal(a, b);
  assert.equal(new Set([a, c, d]).size, 3);
  await connection.close();
});

Deno.test("LowCardinality is hashed by its dictionary, by the function of the row, unless there may be no hash of it", () => {
  const rows = (of: Column) => (["cityHash64", "xxh3"] as const).map((hash) => hashedRow([of], hash));
  for (const type of ["LowCardinality(String)", "LowCardinality(FixedString(2))", "LowCardinality(Date)"]) {
    const of = column("c", type);
    assert.deepEqual(rows(of), ["cityHash64(tuple(cityHash64(`c`)))", "xxh3(tuple(xxh3(`c`)))"], type);
    const expiring = { ...of, expiry: { rules: ["t"], now: 1 } };
    for (const other of [expiring, { ...of, comparedAs: "text" as const }]) {
      for (const row of rows(other)) assert.ok(!/(?:cityHash64|xxh3)\(`c`\)/.test(row), row);
    }
  }
  for (const type of ["LowCardinality(Nullable(String))", "Array(LowCardinality(String))", "String"]) {
    assert.deepEqual(rows(column("c", type)), ["cityHash64(tuple(`c`))", "xxh3(tuple(`c`))"], type);
  }
});

Deno.test("comparedColumns() and copiedColumns() leave out what a copy cannot or need not carry", () => {
  const columns = (["", "DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL"] as const)
    .map((defaultKind) => column(defaultKind || "plain", "String", { defaultKind }));
  const names = (some: readonly Column[]) => some.map(({ name }) => name);
  assert.deepEqual(names(comparedColumns(columns)), ["plain", "DEFAULT"]);
  assert.deepEqual(names(copiedColumns(columns)), ["plain", "DEFAULT", "MATERIALIZED"]);
});
