/** A column of every type, compared and repaired: by its values, and by its text where two servers hash it differently. */
import assert from "node:assert/strict";
import { type AnswersRelay, startAnswersRelay } from "../../support/links/answers_relay.ts";
import { LONG } from "../../support/cases.ts";
import { SEED } from "../../support/seed.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { reachedAt, type Site, startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";
import { TYPED_COLUMNS } from "../../support/data/typed_columns.ts";

const [ABSENT, PARTLY] = ["2026-01-01", "2026-01-02"];

/** Of all types by their place; a third by the text of their values, another one with each seed, as values are the usual case. */
const ALL = [...TYPED_COLUMNS.keys()];
const BY_TEXT = ALL.filter((index) => LONG || index % 3 === SEED % 3);

/** One table for each of these types; a day that is absent here, and one of which rows are here fewer times or not at all. */
async function fill(sites: TwoSites, types: readonly number[]): Promise<void> {
  await onBoth(sites, "CREATE DATABASE d");
  for (const index of types) {
    const { type, value } = TYPED_COLUMNS[index]!;
    await onBoth(
      sites,
      `CREATE TABLE d.t${index} (ts DateTime('UTC'), v ${type}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ` +
        `ORDER BY ts SETTINGS allow_suspicious_low_cardinality_types = 1, flatten_nested = 0` +
        (type.startsWith("Nullable(Tuple(") ? ", allow_experimental_nullable_tuple_type = 1" : ""),
    );
    const insert = (site: Site, day: string, where: string) =>
      site.query(
        `INSERT INTO d.t${index} SELECT toDateTime('${day} 00:00:00', 'UTC') + intDiv(number, 16) * 600, ` +
          `${value} FROM numbers(80) WHERE ${where}`,
      );
    for (const day of [ABSENT!, PARTLY!]) {
      await insert(sites.primary, day, "1");
      await insert(sites.primary, day, "number % 3 = 1");
    }
    await insert(sites.dr, PARTLY!, "number % 2 = 0");
  }
}

/** Every row of a table as text, and how often it is there. */
async function rowsOf(site: Site, index: number): Promise<string> {
  const { same = "v" } = TYPED_COLUMNS[index]!;
  return await site.query(
    `SELECT ts, text, count() FROM (SELECT ts, toString(${same}) AS text FROM d.t${index}) GROUP BY ALL ORDER BY ALL ` +
      `SETTINGS optimize_injective_functions_in_group_by = 0`,
  );
}

async function repairExactly(sites: TwoSites, types: readonly number[], byText: boolean): Promise<void> {
  const rowsThere = await Promise.all(types.map((index) => rowsOf(sites.primary, index)));
  const report = await checkSites(sites);
  assert.equal(report.error, null);
  for (const { table, warnings } of report.tables) {
    assert.equal(warnings.some((warning) => /column v is compared by its text/.test(warning)), byText, table);
  }
  const expected = types.flatMap((index) => [
    [`d.t${index} 20260101`, "missing, repaired"],
    [`d.t${index} 20260102`, "partial, repaired"],
  ]);
  assert.deepEqual(reasonsOf(report), Object.fromEntries(expected));
  for (const [at, index] of types.entries()) {
    assert.equal(await rowsOf(sites.dr, index), rowsThere[at], TYPED_COLUMNS[index]!.type);
    // A merge lays out JSON, Dynamic and dictionaries anew.
    await sites.dr.query(`OPTIMIZE TABLE d.t${index} FINAL`);
  }
  assert.deepEqual(reasonsOf(await checkSites(sites)), {});
}

Deno.test("a column of any type is compared and repaired exactly", async () => {
  await using sites = await startTwoSites();
  await fill(sites, ALL);
  await repairExactly(sites, ALL, false);
});

/** The primary's answers to questions for hashes of types that `differs` names are not the DR site's. */
function disagree(sites: TwoSites, differs: (type: string, as: "value" | "text") => boolean): AnswersRelay {
  return startAnswersRelay(sites.primary.url, (statement, answer) => {
    if (!asksForHashes(statement)) return answer;
    const whole: { data: [Record<string, string>] } = JSON.parse(answer);
    const as = asksForText(statement) ? "text" : "value";
    const other = Object.entries(whole.data[0]).map(([type, hash]) =>
      [type, differs(type, as) ? `${hash}0` : hash] as const
    );
    return JSON.stringify({ ...whole, data: [Object.fromEntries(other)] });
  });
}

/** Of examples: rows with a tuple that may be NULL are read with a default in its place too. */
function asksForHashes(statement: string): boolean {
  return statement.includes("defaultValueOfTypeName(") && !/\bFROM\b/.test(statement);
}

function asksForText(statement: string): boolean {
  return /(?:toString|toJSONString|hex|toTimeZone|variantType|dynamicType)\((?:_CAST|default)/
    .test(statement);
}

function through({ url }: AnswersRelay, { primary, dr }: TwoSites): TwoSites {
  const there = reachedAt(primary, url);
  return { primary: there, dr, [Symbol.asyncDispose]: () => Promise.resolve() };
}

Deno.test("a column of any type is repaired exactly by its text, where the servers hash no type alike", async () => {
  await using sites = await startTwoSites();
  await fill(sites, BY_TEXT);
  await using relay = disagree(sites, (_, as) => as === "value");
  await repairExactly(through(relay, sites), BY_TEXT, true);
});

const TABLES = [
  "CREATE TABLE d.events (ts DateTime('UTC'), v JSON, n Int32) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts",
  "CREATE TABLE d.plain (ts DateTime('UTC'), n Int32) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts",
];
const ROW = `'{"a":1}', 1`;

async function twoTables(sites: TwoSites): Promise<void> {
  await onBoth(sites, "CREATE DATABASE d", ...TABLES);
  await sites.primary.query(
    `INSERT INTO d.events VALUES ('2026-01-01 00:00:00', ${ROW}), ('2026-01-01 00:00:01', ${ROW})`,
  );
  await sites.primary.query(`INSERT INTO d.plain VALUES ('2026-01-01 00:00:00', 1)`);
  await sites.dr.query(`INSERT INTO d.events VALUES ('2026-01-01 00:00:00', ${ROW})`);
}

/** Statements that ask for hashes of constants, by what they ask for. */
function questions({ statements }: AnswersRelay): string[] {
  return statements.filter(asksForHashes)
    .map((statement) => asksForText(statement) ? "text" : "value");
}

Deno.test("a type that the servers hash differently is compared by its text, in every statement to both", async () => {
  await using sites = await startTwoSites();
  await twoTables(sites);
  await using relay = disagree(sites, (type, as) => type === "JSON" && as === "value");
  const plan = await checkSites(through(relay, sites), { dryRun: true });
  const sql = findingsOf(plan).find(({ table }) => table === "d.events")!.sql.join("\n");
  assert.match(
    sql,
    /cityHash64\(tuple\(`ts`, concat\(toJSONString\(`v`\), [^,]+\(`v`\)\)\), `n`\)\) GLOBAL NOT IN/,
  );
  assert.doesNotMatch(sql, /tuple\(`ts`, `v`/);
  assert.match(
    plan.tables.find(({ table }) => table === "d.events")!.warnings.join(),
    /column v is compared by its text.*JSON/,
  );
  const digests = relay.statements.filter((statement) => statement.includes("_chsync_city"));
  assert.ok(digests.some((statement) => statement.includes("toJSONString(`v`)")));
  assert.ok(!digests.some((statement) => statement.includes("tuple(`ts`, `v`")));
  assert.deepEqual(reasonsOf(await checkSites(through(relay, sites))), {
    "d.events 20260101": "partial, repaired",
    "d.plain 20260101": "missing, repaired",
  });
  assert.equal(await sites.dr.query("SELECT count() FROM d.events"), "2\n");
});

Deno.test("a type that one server cannot hash is compared by its text", async () => {
  await using sites = await startTwoSites();
  await twoTables(sites);
  const text =
    "Code: 48. DB::Exception: Method getDataAt is not supported for JSON. (NOT_IMPLEMENTED) (version 25.8.1.1)";
  await using relay = startAnswersRelay(
    sites.primary.url,
    (statement, answer) =>
      /defaultValueOfTypeName\('JSON'\)/.test(statement) && !asksForText(statement)
        ? { status: 500, text }
        : answer,
  );
  const report = await checkSites(through(relay, sites));
  assert.deepEqual(reasonsOf(report), {
    "d.events 20260101": "partial, repaired",
    "d.plain 20260101": "missing, repaired",
  });
  assert.match(report.tables.find(({ table }) => table === "d.events")!.warnings.join(), /by its text/);
});

Deno.test("a table with a type on whose text the servers differ too is refused by name", async () => {
  await using sites = await startTwoSites();
  await twoTables(sites);
  await using relay = disagree(sites, (type) => type === "JSON");
  const report = await checkSites(through(relay, sites));
  assert.deepEqual(reasonsOf(report), { "d.events": "unsupported", "d.plain 20260101": "missing, repaired" });
  assert.match(findingsOf(report)[0]!.detail, /nor on the text of JSON, the type of column v/);
  assert.equal(await sites.dr.query("SELECT count() FROM d.events"), "1\n");
});

Deno.test("a type of which neither server hashes a value is named as what it is, and not as one of two versions", async () => {
  await using sites = await startTwoSites();
  await onBoth(
    sites,
    "CREATE DATABASE d",
    // A table may have the column, and no row may have a value.
    "CREATE TABLE d.t (ts DateTime, v AggregateFunction(row_number)) ENGINE = MergeTree ORDER BY ts",
  );
  const [found] = findingsOf(await checkSites(sites));
  assert.deepEqual([found!.reason, found!.cause], ["unsupported", "no_hash"]);
  assert.match(found!.detail, /AggregateFunction\(row_number\), the type of column v.*exclude the table/);
  assert.doesNotMatch(found!.detail, /version/);
});

Deno.test("what rows come down to is the same by their text, whatever the engine makes of them", async () => {
  await using sites = await startTwoSites();
  const engines = {
    replacing: "ReplacingMergeTree(n)",
    collapsing: "CollapsingMergeTree(s)",
    coalescing: "CoalescingMergeTree",
    summing: "SummingMergeTree",
    aggregating: "AggregatingMergeTree",
  };
  await onBoth(sites, "CREATE DATABASE d");
  for (const [name, engine] of Object.entries(engines)) {
    await onBoth(
      sites,
      `CREATE TABLE d.${name} (ts DateTime('UTC'), k String, n UInt32, s Int8, v Nullable(String), j JSON, ` +
        `a AggregateFunction(max, UInt64), m SimpleAggregateFunction(max, UInt64)) ENGINE = ${engine} ` +
        `PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) SETTINGS allow_dimensions_outside_sorting_key = 1`,
      `SYSTEM STOP MERGES d.${name}`,
    );
    const insert = (site: Site, month: string, n: number, where: string) =>
      site.query(
        `INSERT INTO d.${name} SELECT '2026-${month}-01 00:00:00', toString(number), ${n}, 1, 'v', ` +
          `concat('{"n":', toString(number), '}'), initializeAggregation('maxState', number), number ` +
          `FROM numbers(20) WHERE ${where}`,
      );
    await insert(sites.primary, "01", 1, "1");
    for (const site of [sites.primary, sites.dr]) await insert(site, "02", 1, "number % 2 = 0");
    await insert(sites.primary, "02", 2, "number < 9");
  }
  // Where the last row wins, a partition that has just changed is looked into later.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  await using relay = disagree(sites, (_, as) => as === "value");
  const settings = { settleSeconds: 0 };
  const found = async (sites: TwoSites) =>
    findingsOf(await checkSites(sites, { settings, dryRun: true })).map((
      { table, partitionId, reason, missing },
    ) => `${table} ${partitionId} ${reason} ${missing}`);
  const byValue = await found(sites);
  const named = (lines: readonly string[]) => lines.map((line) => line.replace(/ \d+$/, ""));
  const partitions = new Set(byValue.map((line) => line.split(" ", 2).join(" ")));
  assert.equal(partitions.size, 2 * Object.keys(engines).length);
  assert.deepEqual(await found(through(relay, sites)), byValue);
  const report = await checkSites(through(relay, sites), { settings });
  assert.deepEqual(findingsOf(report).filter(({ reason }) => reason === "failed"), []);
  const left = await found(sites);
  const refused = named(byValue).filter((line) => /aggregated|independent/.test(line));
  assert.deepEqual(named(left), refused, "the rest is whole");
});

Deno.test("servers are asked for their hashes once for each type, in one statement", async () => {
  await using sites = await startTwoSites();
  await twoTables(sites);
  await using relay = disagree(sites, (type, as) => type === "JSON" && as === "value");
  const agreements = new Map();
  await checkSites(through(relay, sites), { agreements });
  assert.deepEqual(questions(relay), ["value", "text"]);
  await checkSites(through(relay, sites), { agreements });
  assert.deepEqual(questions(relay), ["value", "text"]);
  await onBoth(sites, "CREATE TABLE d.more (ts DateTime('UTC'), u UUID) ENGINE = MergeTree ORDER BY ts");
  await checkSites(through(relay, sites), { agreements });
  assert.deepEqual(questions(relay), ["value", "text", "value"]);
});
