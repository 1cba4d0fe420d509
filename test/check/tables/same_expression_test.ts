import assert from "node:assert/strict";
import { sameExpression } from "../../../src/check/tables/same_expression.ts";

/** As 26.7 and 25.8 print the same definition; both were asked. */
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
