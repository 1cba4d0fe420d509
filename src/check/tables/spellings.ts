/** The words of ClickHouse that a definition is made of, and what they are as calls. */

import { QUOTED_NAME, QUOTED_STRING } from "../../text/quoted.ts";

export const TOKEN = new RegExp(
  `${QUOTED_STRING}|${QUOTED_NAME}|` +
    String.raw`[A-Za-z_]\w*|\d[\w.]*(?:(?<=\d[eE])[+-]\d+)?|->|::|\|\||<=>|<=|>=|!=|<>|==|\S`,
  "g",
);

interface Infix {
  readonly words: readonly string[];
  readonly call: string;
  /** The higher, the tighter. */
  readonly binds: number;
  /** What follows it: something that binds tighter, the same (`x -> y -> z`), or nothing. */
  readonly right: "tighter" | "same" | "none";
  /** `a AND b AND c` is one call of three. */
  readonly chains: boolean;
}

const infix = (words: string, call: string, binds: number, more: Partial<Infix> = {}): Infix => ({
  words: words.split(" "),
  call,
  binds,
  right: "tighter",
  chains: false,
  ...more,
});

/** In this order: what begins like another, and is longer, comes first. */
export const INFIX: readonly Infix[] = [
  infix("->", "lambda", 1, { right: "same" }),
  infix("OR", "or", 3, { chains: true }),
  infix("AND", "and", 4, { chains: true }),
  infix("IS NOT NULL", "isNotNull", 6, { right: "none" }),
  infix("IS NULL", "isNull", 6, { right: "none" }),
  infix("=", "equals", 9),
  infix("==", "equals", 9),
  infix("!=", "notEquals", 9),
  infix("<>", "notEquals", 9),
  infix("<=>", "isNotDistinctFrom", 9),
  infix("<=", "lessOrEquals", 9),
  infix(">=", "greaterOrEquals", 9),
  infix("<", "less", 9),
  infix(">", "greater", 9),
  infix("LIKE", "like", 9),
  infix("ILIKE", "ilike", 9),
  infix("NOT LIKE", "notLike", 9),
  infix("NOT ILIKE", "notILike", 9),
  infix("IN", "in", 9),
  infix("NOT IN", "notIn", 9),
  infix("GLOBAL IN", "globalIn", 9),
  infix("GLOBAL NOT IN", "globalNotIn", 9),
  infix("REGEXP", "match", 9),
  infix("||", "concat", 10, { chains: true }),
  infix("+", "plus", 11),
  infix("-", "minus", 11),
  infix("*", "multiply", 12),
  infix("/", "divide", 12),
  infix("%", "modulo", 12),
  infix("MOD", "modulo", 12),
  infix("DIV", "intDiv", 12),
];

export const PREFIX: ReadonlyMap<string, { readonly call: string; readonly binds: number }> = new Map([
  ["NOT", { call: "not", binds: 5 }],
  ["-", { call: "negate", binds: 13 }],
]);

/** Words that begin no expression, as servers print them; what follows is one, or another such word. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  ("SELECT DISTINCT FROM WHERE PREWHERE GROUP BY HAVING ORDER LIMIT OFFSET SETTINGS UNION ALL INTERSECT EXCEPT REPLACE APPLY " +
    "AS ASC DESC NULLS COLLATE JOIN ON USING LEFT RIGHT INNER OUTER FULL CROSS SEMI ANTI ASOF ANY GLOBAL ARRAY FINAL SAMPLE " +
    "WITH TOTALS TIES FILL STEP INTERPOLATE OVER PARTITION ROWS RANGE BETWEEN WINDOW QUALIFY THEN WHEN ELSE CASE END INTERVAL " +
    "AND OR IS IN LIKE ILIKE REGEXP DIV MOD TTL DEFAULT MATERIALIZED ALIAS EPHEMERAL COMMENT CHECK ASSUME CONSTRAINT INDEX " +
    "PROJECTION PRIMARY KEY TYPE GRANULARITY TO DELETE RECOMPRESS SET").split(" "),
);

/** Elements of a definition whose name a bracket may follow. */
export const NAMED: ReadonlySet<string> = new Set(["INDEX", "CONSTRAINT", "PROJECTION"]);

/** What would be a value without quotes. */
export const LITERALS: ReadonlySet<string> = new Set(["true", "false", "null", "inf", "nan"]);
