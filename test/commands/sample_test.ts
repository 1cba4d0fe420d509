/** `--sample` as an operator runs it, between two real sites. */
import assert from "node:assert/strict";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

const DAY = "toDateTime('2026-01-05 00:00:00', 'UTC')";

Deno.test("--sample", async (t) => {
  await using sites = await startTwoSites();
  const both = async (statement: string) => {
    for (const site of [sites.primary, sites.dr]) await site.query(statement);
  };
  await both("CREATE DATABASE s");
  await both(
    `CREATE TABLE s.logs (ts DateTime('UTC'), id UInt64, body Nullable(String), attributes Map(String, String), ` +
      `inserted_at DateTime64(3) DEFAULT now64(3)) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (id, ts)`,
  );
  await both(
    `INSERT INTO s.logs SELECT ${DAY} + number, number, 'same', map('k', 'v'), ${DAY} FROM numbers(3000)`,
  );
  const rows = (ids: string, body: string, at: string) =>
    `INSERT INTO s.logs SELECT ${DAY} + number, number, ${body}, map('k', 'v'), ${at} FROM numbers(${ids})`;
  // Twins by their key; a row that is missing alone; one that is only here; a value that would move the cursor.
  await sites.primary.query(rows("5000, 2", "'\\x1b[2J canary'", `${DAY} + 1`));
  await sites.dr.query(rows("5000, 2", "'\\x1b[2J canary'", `${DAY} + 2`));
  await sites.primary.query(rows("7000, 1", "repeat('long', 100)", DAY));
  await sites.dr.query(rows("8000, 1", "NULL", DAY));
  // Of a day that the active site alone has, and of one that this one alone has.
  await sites.primary.query(rows("100000, 30", "'other day'", DAY));
  await sites.dr.query(rows("200000, 3", "'own day'", DAY));
  await both(
    "CREATE TABLE s.versions (id UInt64, v UInt64, body String) ENGINE = ReplacingMergeTree(v) ORDER BY id",
  );
  await sites.primary.query("INSERT INTO s.versions VALUES (1, 1, 'a'), (2, 1, 'there')");
  await sites.dr.query("INSERT INTO s.versions VALUES (1, 1, 'a'), (2, 1, 'here')");
  const types = [
    "AggregateFunction(uniq, UInt64)",
    "Array(AggregateFunction(sum, UInt64))",
    "SimpleAggregateFunction(max, UInt8)",
    "Array(Tuple(a Int8, b Nullable(String)))",
    "LowCardinality(Nullable(String))",
    "Nested(x Int8, y String)",
    "Variant(Int8, String)",
    "Dynamic",
    "JSON",
    "FixedString(3)",
    "Enum8('a' = 0)",
    "IPv6",
    "Map(LowCardinality(String), Array(Nullable(Float64)))",
    "Point",
  ];
  await both(
    `CREATE TABLE s.types (id UInt64, ${types.map((type, at) => `c${at} ${type}`).join(", ")}) ` +
      "ENGINE = MergeTree ORDER BY id SETTINGS allow_nullable_key = 1",
  );
  await sites.primary.query("INSERT INTO s.types (id) VALUES (1), (2)");
  await sites.dr.query("INSERT INTO s.types (id, c9) VALUES (1, 'x\\xffy')");
  await both("CREATE TABLE s.nothing (id UInt64) ENGINE = MergeTree ORDER BY id");
  await sites.primary.query("CREATE TABLE s.drift (id UInt64, more String) ENGINE = MergeTree ORDER BY id");
  await sites.dr.query("CREATE TABLE s.drift (id UInt64) ENGINE = MergeTree ORDER BY id");

  await using program = await installChSync({
    ...environmentOf("dr", sites.dr, sites.primary),
    SETTLE_SECONDS: "0",
  });
  const sample = async (...args: string[]) =>
    await program.run(["--sample", ...args, "--log-level", "debug"]);

  await t.step("shows twins side by side, and what has none alone", async () => {
    const { code, stdout, stderr } = await sample("s.logs:20260105", "--json");
    assert.equal(code, 0, stderr);
    const { columns, missing, surplus } = JSON.parse(stdout);
    assert.deepEqual(columns, ["ts", "id", "body", "attributes", "inserted_at"]);
    // deno-lint-ignore no-explicit-any
    const told = (rows: any[]) =>
      rows.map(({ values, twin }) => [values[1].text, twin?.differing_columns ?? null]).sort();
    assert.deepEqual(told(missing), [["5000", ["inserted_at"]], ["5001", ["inserted_at"]], ["7000", null]]);
    assert.deepEqual(told(surplus), [["8000", null]]);
    // deno-lint-ignore no-explicit-any
    const long = missing.find(({ values }: any) => values[1].text === "7000").values[2];
    assert.deepEqual([long.text.length, long.bytes], [200, 400]);
    assert.equal(surplus[0].values[2].text, null);
    assert.doesNotMatch(stderr, /canary|longlong/);
  });

  await t.step("prints no control character, and at most twenty rows of each side", async () => {
    const { code, stdout, stderr } = await sample("s.logs");
    assert.equal(code, 0, stderr);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f]/);
    assert.match(stdout, /20 missing rows and 4 surplus rows/);
    assert.match(stdout, /own day/);
    for (const { password } of [sites.dr.writer, sites.primary.reader]) {
      assert.ok(!(stdout + stderr).includes(password));
    }
  });

  await t.step("shows the rows of a merging engine as they are stored", async () => {
    const { stdout } = await sample("s.versions", "--json");
    const { missing, surplus, remarks } = JSON.parse(stdout);
    assert.deepEqual(
      missing.map(({ twin }: { twin: { differing_columns: string[] } }) => twin.differing_columns),
      [[
        "body",
      ]],
    );
    assert.equal(surplus.length, 0);
    assert.equal(remarks.length, 1);
  });

  await t.step("shows values of any type", async () => {
    const { code, stdout, stderr } = await sample("s.types", "--json");
    assert.equal(code, 0, stderr);
    const { missing, columns } = JSON.parse(stdout);
    assert.equal(columns.length, types.length + 2); // Nested is two
    assert.deepEqual(
      missing.map(({ twin }: { twin: { differing_columns: string[] } | null }) =>
        twin?.differing_columns ?? null
      ).sort(),
      [["c9"], null],
    );
  });

  await t.step("says why there is nothing to show", async () => {
    const refused = async (code: number, says: RegExp, ...args: string[]) => {
      const { stderr, stdout, ...ended } = await sample(...args);
      assert.match(stderr.split("\n").slice(-4).join("\n"), says);
      assert.deepEqual([ended.code, stdout], [code, ""]);
    };
    await refused(2, /s\.lgos; the nearest is s\.logs/, "s.lgos");
    await refused(2, /has a partition 20260109/, "s.logs:20260109");
    await refused(2, /must be one DB\.TABLE or DB\.TABLE:PARTITION, and no pattern/, "s.*");
    await refused(2, /--sample is given twice/, "s.logs", "--sample", "s.drift");
    await refused(1, /Table s\.drift is not compared.*drifted: .*more/, "s.drift");
    await refused(1, /neither site holds a row of it/, "s.nothing");
  });
});
