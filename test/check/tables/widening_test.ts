import assert from "node:assert/strict";
import { widening } from "../../../src/check/tables/widening.ts";
import { startOneSite } from "../../support/sites/one_site.ts";

/** Values at the ends of what a type holds, which any change of type has to keep. */
const EXTREMES: Readonly<Record<string, readonly string[]>> = {
  UInt8: ["0", "255"],
  UInt64: ["0", "18446744073709551615"],
  Int8: ["-128", "127"],
  Int32: ["-2147483648", "2147483647"],
  Int64: ["-9223372036854775808", "9223372036854775807"],
  Float32: ["0.5", "16777216"],
  Float64: ["0.1", "1e300"],
  String: ["'x'", "''", "'12'"],
  "LowCardinality(String)": ["'x'", "''"],
  "Nullable(String)": ["NULL", "'x'"],
  "Nullable(UInt8)": ["NULL", "255"],
  "FixedString(2)": ["'a'", "'ab'"],
  Date: ["'1970-01-01'", "'2149-06-06'"],
  Date32: ["'1900-01-01'", "'2299-12-31'"],
  "DateTime('UTC')": ["'1970-01-01 00:00:00'", "'2106-02-07 06:28:15'"],
  "DateTime64(3, 'UTC')": ["'1900-01-01 00:00:00.001'", "'2299-12-31 23:59:59.999'"],
  "DateTime64(6, 'UTC')": ["'1900-01-01 00:00:00.000001'", "'2299-12-31 23:59:59.999999'"],
  "DateTime64(9, 'UTC')": ["'1900-01-01 00:00:00.000000001'", "'2262-04-11 23:47:16.854775807'"],
  "Decimal(9, 2)": ["-9999999.99", "9999999.99"],
  "Decimal(18, 4)": ["-99999999999999.9999", "0.0001"],
  "Decimal(18, 10)": ["99999999.9999999999", "0"],
  "Enum8('a' = 1, 'b' = 2)": ["'a'", "'b'"],
  "Enum8('a' = 1, 'b' = 2, 'c' = 3)": ["'c'", "'b'"],
  "Enum16('b' = 2, 'a' = 1, 'z' = 1000)": ["'z'", "'a'"],
  "Enum8('b' = 1, 'a' = 2)": ["'a'", "'b'"],
  "Array(UInt8)": ["[]", "[255, 0]"],
  "Array(Nullable(UInt64))": ["[NULL]", "[18446744073709551615]"],
  UUID: ["'61f0c404-5cb3-11e7-907b-a6006ad3dba0'"],
  IPv4: ["'192.0.2.1'"],
  "Map(String, UInt8)": ["map('a', 255)"],
};

/** As text, without what only shows the precision of a type. */
const SHOWN =
  "replaceRegexpOne(ifNull(toString(v), 'NULL'), '(:\\\\d\\\\d(?:\\\\.\\\\d*[1-9])?)\\\\.?0+$', '\\\\1')";

Deno.test("widening() takes only types that a real server changes without losing a value, also of parts that lack the column", async () => {
  await using one = await startOneSite();
  const { site } = one;
  await site.query("CREATE DATABASE d");
  const types = Object.keys(EXTREMES);
  let [wide, at] = [0, 0];
  for (const from of types) {
    for (const to of types.filter((type) => type !== from)) {
      const holds = widening(from, to);
      if (holds === null) continue;
      wide++;
      const table = `d.t${at++}`;
      await site.query(`CREATE TABLE ${table} (k UInt8) ENGINE = MergeTree ORDER BY k`);
      if (holds === "always") await site.query(`INSERT INTO ${table} VALUES (0)`);
      await site.query(`ALTER TABLE ${table} ADD COLUMN v ${from}`);
      for (const value of EXTREMES[from]!) await site.query(`INSERT INTO ${table} VALUES (1, ${value})`);
      const read = () => site.query(`SELECT k, ${SHOWN} AS shown FROM ${table} ORDER BY k, shown`);
      const before = await read();
      await site.query(`ALTER TABLE ${table} MODIFY COLUMN v ${to} SETTINGS mutations_sync = 2`);
      assert.equal(await read(), before, `${from} to ${to}`);
    }
  }
  assert.ok(wide >= 20, String(wide));
});

Deno.test("widening() never takes what is narrower, or merely different", () => {
  for (
    const [from, to] of [
      ["UInt64", "UInt8"],
      ["UInt8", "Int8"],
      ["Int8", "UInt64"],
      ["Nullable(UInt8)", "UInt8"],
      ["Nullable(UInt8)", "UInt64"],
      ["String", "UInt64"],
      ["UInt64", "String"],
      ["String", "FixedString(9)"],
      ["Int64", "Float64"],
      ["Float64", "Float32"],
      ["DateTime64(6)", "DateTime64(3)"],
      ["DateTime64(3)", "DateTime64(9)"],
      ["DateTime64(3)", "DateTime"],
      ["DateTime", "Date"],
      ["DateTime('UTC')", "DateTime('Europe/Berlin')"],
      ["DateTime64(3, 'UTC')", "DateTime64(6)"],
      ["Decimal(18, 4)", "Decimal(18, 2)"],
      ["Decimal(18, 4)", "Decimal(18, 6)"],
      ["Enum8('a' = 1, 'b' = 2)", "Enum8('a' = 1)"],
      ["Enum8('a' = 1)", "Enum8('b' = 1)"],
      ["Enum16('a' = 1)", "Enum8('a' = 1, 'b' = 2)"],
      ["Array(UInt64)", "Array(UInt8)"],
      ["Array(UInt8)", "UInt8"],
      ["Tuple(a UInt8)", "Tuple(a UInt16)"],
      ["AggregateFunction(sum, UInt8)", "AggregateFunction(sum, UInt16)"],
    ] as const
  ) assert.equal(widening(from, to), null, `${from} to ${to}`);
  assert.equal(widening("String", "LowCardinality(String)"), "always");
  assert.equal(widening("UInt8", "Nullable(UInt16)"), "stored");
  assert.equal(widening("Enum8('b' = 2)", "Enum8('a' = 1, 'b' = 2)"), "stored");
});
