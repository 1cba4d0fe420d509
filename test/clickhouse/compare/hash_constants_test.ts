/** Whatever type a server can store, it makes and hashes example values of it. */
import assert from "node:assert/strict";
import { askHashes } from "../../../src/clickhouse/compare/ask_hashes.ts";
import { openConnection } from "../../support/sites/open_connection.ts";
import { startOneSite } from "../../support/sites/one_site.ts";

/** By family the types to try; those that are not named here need no arguments. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  AggregateFunction: [
    "uniq, LowCardinality(String)",
    "1, sumMap, Array(LowCardinality(String)), Array(UInt8)",
    "count",
  ],
  Array: ["LowCardinality(Nullable(String))"],
  DateTime64: ["3", "9, 'Asia/Tokyo'"],
  Decimal: ["9, 3", "76, 20"],
  Decimal32: ["3"],
  Decimal64: ["3"],
  Decimal128: ["3"],
  Decimal256: ["3"],
  Enum: ["'a' = 1, 'b' = 2"],
  Enum8: ["'a' = -1, 'b)' = 2"],
  Enum16: ["'a' = 1"],
  FixedString: ["4"],
  LowCardinality: ["FixedString(3)", "Nullable(DateTime)"],
  Map: ["String, UInt8", "LowCardinality(String), AggregateFunction(any, LowCardinality(String))"],
  Nested: ["a Int8, b LowCardinality(String)"],
  Nullable: ["Float64", "Enum8('a' = 5)"],
  QBit: ["Float32, 8"],
  SimpleAggregateFunction: ["max, Enum8('a' = 5)", "anyLast, LowCardinality(Nullable(String))"],
  Time64: ["6"],
  Tuple: ["", "a Int8, b AggregateFunction(uniq, LowCardinality(String)), c Enum8('x' = 3)"],
  Variant: ["Array(UInt8), JSON(a Int32, SKIP b)"],
};
const PARAMETERS = ["", "(2)", "(0.5)", "(10, 0.5)", "('(?1)(?2)')", "(1, 10, 1)", "(100, 0.1)"];
const TAKES = [
  "LowCardinality(String)",
  "LowCardinality(String), UInt8",
  "Array(LowCardinality(String)), Array(UInt64)",
  "LowCardinality(Nullable(String))",
  "Map(LowCardinality(String), UInt64)",
  "UInt64",
  "Float64, UInt64",
  "DateTime, UInt8, UInt8",
  "Array(UInt64)",
  "Point",
  "",
];

Deno.test("a server hashes example values of every type of which it can store a value", async () => {
  await using one = await startOneSite();
  const { site } = one;
  const connection = openConnection(site);
  const names = async (sql: string) => (await site.query(sql)).split("\n").filter(Boolean);
  const families = await names(
    "SELECT name FROM system.data_type_families WHERE alias_to = '' ORDER BY name",
  );
  const functions = await names(
    "SELECT name FROM system.functions WHERE is_aggregate AND alias_to = '' ORDER BY name",
  );
  const can = (sql: string) => connection.command(sql).then(() => true, () => false);
  const stored: string[] = [];
  let tried = 0;

  /** Whether a table can have a column of the type; remembers the table if a row of it can have a value. */
  async function tryType(type: string): Promise<boolean> {
    const table = `t${tried++}`;
    if (!await can(`CREATE TABLE default.${table} (k UInt8, v ${type}) ENGINE = MergeTree ORDER BY k`)) {
      return false;
    }
    if (await can(`INSERT INTO default.${table} (k) VALUES (1)`)) stored.push(table);
    return true;
  }

  for (const family of families) {
    const types = ARGUMENTS[family]?.map((args) => `${family}(${args})`) ?? [family];
    for (const type of types) {
      for (
        const wrapped of [
          type,
          `Array(${type})`,
          `Tuple(a ${type})`,
          `AggregateFunction(argMin, ${type}, String)`,
        ]
      ) {
        await tryType(wrapped);
      }
    }
  }
  for (const name of functions) {
    search: for (const parameters of PARAMETERS) {
      for (const takes of TAKES) {
        if (await tryType(`AggregateFunction(${name}${parameters}${takes && `, ${takes}`})`)) break search;
      }
    }
  }
  const printed = await site.rows<{ type: string }>(
    `SELECT DISTINCT type FROM system.columns WHERE name = 'v' AND table IN (${
      stored.map((table) => `'${table}'`)
    })`,
  );
  const types = printed.map(({ type }) => type);
  assert.ok(types.length > 200, `only ${types.length} types could be stored`);
  for (const as of ["value", "text"] as const) {
    const hashes = await askHashes(connection, types, as);
    assert.deepEqual([...hashes].filter(([, hash]) => hash === null), [], as);
  }
  await connection.close();
});
