import assert from "node:assert/strict";
import {
  sameColumn,
  sameExpression,
  sameKey,
  sameSettings,
} from "../../../src/check/tables/same_expression.ts";
import { fc } from "../../support/seed.ts";
import { column } from "../../support/data/tables.ts";
import { condition, number, spelled, text } from "../../support/versions/spelled.ts";

/** As two versions print the same definition; they were asked. */
const SAME: readonly (readonly [string, string])[] = [
  ["(a) + 1", "a + 1"],
  ["(a + 1)", "a + 1"],
  ["-(a)", "-a"],
  ["tuple((a + 1))", "tuple(a + 1)"],
  ["toString((a))", "toString(a)"],
  ["NOT (a)", "NOT a"],
  ["CAST((a), 'Int32')", "CAST(a, 'Int32')"],
  ["[(a), (b + 1)]", "[a, b + 1]"],
  ["if((a > 1), (b), (c + 1))", "if(a > 1, b, c + 1)"],
  ["('x')", "'x'"],
  ["(NULL)", "NULL"],
  ["(a >= (1)) AND (a <= (b + 1))", "(a >= 1) AND (a <= (b + 1))"],
  ["[a, b][(1)]", "[a, b][1]"],
  ["(a) IS NULL", "a IS NULL"],
  ["(concat(a, b))", "concat(a, b)"],
  ["1 - (-(a))", "1 - (-a)"],
  ["(-1) + a", "-1 + a"],
  ["(toYYYYMM(ts))", "toYYYYMM(ts)"],
  ["(toYYYYMM(ts), (a))", "(toYYYYMM(ts), a)"],
  ["(a % 10), b", "a % 10, b"],
  ["tuple((a % 10), b)", "(a % 10, b)"],
  ["((a + 1), (`b c`))", "(a + 1, `b c`)"],
  ["(a) DESC, (b + 1) DESC", "a DESC, b + 1 DESC"],
  [
    "SELECT (a + 1) AS b, (c) FROM t WHERE (d != '') GROUP BY (e)",
    "SELECT a + 1 AS b, c FROM t WHERE d != '' GROUP BY e",
  ],
  ["toDateTime((now()))", "toDateTime(now())"],
  ["plus(a, 1)", "a + 1"],
  ["and(equals(a, 1), b)", "(a = 1) AND b"],
  ["array(a, b)", "[a, b]"],
  ["tupleElement((a, b), 1)", "(a, b).1"],
  ["tupleElement(t, 'keys')", "t.keys"],
  ["arrayElement([a, b], 1)", "[a, b][1]"],
  ["in(a, (1, 2))", "a IN (1, 2)"],
  ["isNotNull(a)", "a IS NOT NULL"],
  ["isNotDistinctFrom(a, 1)", "a <=> 1"],
  ["plus(now(), toIntervalDay(1))", "now() + toIntervalDay(1)"],
  ["CAST(a, 'Decimal(9, 2)')", "CAST(a AS Decimal(9, 2))"],
  ["tuple(a DESC, b)", "(a DESC, b)"],
  ["m.`values`", "m.values"],
  ["INDEX i (a + x) TYPE set(100) GRANULARITY 4", "INDEX i a + x TYPE set(100) GRANULARITY 4"],
  ["CONSTRAINT c CHECK (a > 1)", "CONSTRAINT c CHECK a > 1"],
  ["ts + toIntervalDay(3) WHERE (a = 1)", "ts + toIntervalDay(3) WHERE a = 1"],
  ["ts GROUP BY a SET x = (max(x) + 1), b = min(b)", "ts GROUP BY a SET x = max(x) + 1, b = min(b)"],
];

/** No two of them mean the same. */
const OTHERS: readonly string[] = [
  "a",
  "`a b`",
  "'a'",
  "'(a)'",
  "-a",
  "(a + b) * c",
  "a + (b * c)",
  "-(a + 1)",
  "(-a) + 1",
  "NOT (a AND b)",
  "(NOT a) AND b",
  "(a, b)",
  "f(a, b)",
  "f((a, b))",
  "tuple(a)",
  "f()",
  "f(())",
  "f(g)(x)",
  "f(g, x)",
  "a - (b - c)",
  "(a - b) - c",
  "(a, b).1",
  "arrayMap(x -> (x + 1), b)",
  "arrayMap(x -> x, b)",
  "a IN (1, 2)",
  "a IN (1)",
  "`true`",
  "true",
  "a.b",
  "`a.b`",
  "(a AND b) OR c",
  "a AND (b OR c)",
  "[(a, b)]",
  "[a, b]",
  "a = (b = c)",
  "(a = b) = c",
  "((a",
  "a) (b",
  "a + ",
];

Deno.test("sameExpression() passes over brackets that say nothing", () => {
  for (const [a, b] of SAME) assert.ok(sameExpression(a, b) && sameExpression(b, a), `${a} and ${b}`);
});

Deno.test("sameExpression() minds the brackets that keep operators and values apart", () => {
  for (const [at, a] of OTHERS.entries()) {
    for (const b of OTHERS.slice(at + 1)) assert.ok(!sameExpression(a, b), `${a} and ${b}`);
    assert.ok(sameExpression(a, a));
  }
});

Deno.test("sameExpression() knows an expression in whatever way it is written, and no other by it", () => {
  const node = fc.oneof(number, text, condition);
  const ways = fc.array(fc.nat(11), { minLength: 5, maxLength: 23 });
  const write = (
    of: typeof number extends fc.Arbitrary<infer Node> ? Node : never,
    ways: readonly number[],
  ) => {
    let at = 0;
    return spelled(of, (count) => ways[at++ % ways.length]! % count);
  };
  fc.assert(fc.property(node, node, ways, ways, (one, other, some, more) => {
    assert.ok(sameExpression(write(one, some), write(one, more)));
    assert.equal(
      sameExpression(write(one, some), write(other, more)),
      JSON.stringify(one) === JSON.stringify(other),
    );
  }));
});

Deno.test("a text that is none is itself, however long and however deep", () => {
  for (const part of ["(", "-", "NOT ", "a + ", "a || ", "a[", "a, ", "a.1", "f(", "x -> ", "CASE "]) {
    assert.ok(sameExpression(part.repeat(20_000), part.repeat(20_000)));
    assert.ok(!sameExpression(part.repeat(20_000), part.repeat(19_999)));
  }
});

Deno.test("sameKey() takes brackets for a list, and no key for an empty one", () => {
  const alike = [["", "tuple()"], ["a", "(a)"], ["a, b", "(a, b)"], ["a, b", "tuple(a, b)"], [
    "a % 2",
    "(modulo(a, 2))",
  ]];
  for (const [a, b] of alike as [string, string][]) {
    assert.ok(sameKey(a, b) && sameKey(b, a), `${a} and ${b}`);
  }
  const others = ["", "a", "b, a", "a, b", "a % 2", "(a + b) * 2", "a + (b * 2)"];
  for (const [at, a] of others.entries()) {
    for (const b of others.slice(at + 1)) assert.ok(!sameKey(a, b), `${a} and ${b}`);
  }
});

Deno.test("sameColumn() takes a whole number for the same as a text where the type makes the same of both", () => {
  const same = (type: string, a: string, b: string) =>
    sameColumn(
      column("x", type, { defaultKind: "DEFAULT", defaultExpression: a }),
      column("x", type, { defaultKind: "DEFAULT", defaultExpression: b }),
    );
  for (const type of ["UInt8", "Int64", "Nullable(Int32)", "LowCardinality(String)", "String"]) {
    assert.ok(same(type, "'0'", "0") && same(type, "12", "'12'"), type);
    assert.ok(!same(type, "'0'", "1") && !same(type, "''", "0"), type);
  }
  assert.ok(same("Int8", "-1", "'-1'"));
  assert.ok(!same("UInt8", "-1", "'-1'") && !same("UInt8", "300", "'300'") && !same("String", "'007'", "7"));
  for (const type of ["Enum8('0' = 1, 'a' = 0)", "DateTime", "Bool", "Date"]) {
    assert.ok(!same(type, "'0'", "0"), type);
  }
});

Deno.test("sameSettings() minds no order, no way to write a value, and none that only allows", () => {
  assert.ok(sameSettings("a = 1, b = 'x'", "b = 'x', a = 1"));
  assert.ok(sameSettings("a = true, b = -1", "b = '-1', a = 1"));
  assert.ok(sameSettings(null, "allow_nullable_key = 1"));
  assert.ok(
    !sameSettings("a = 1", "a = 2") && !sameSettings("a = 1", null) && !sameSettings("a = 1", "a = 1, b = 1"),
  );
});
