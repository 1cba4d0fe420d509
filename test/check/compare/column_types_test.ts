/** A column of every type, compared and repaired: by its values, and by its text where two servers hash it differently. */
import assert from "node:assert/strict";
import { isHashedLoosely } from "../../../src/model/table.ts";
import { type AnswersRelay, startAnswersRelay } from "../../support/links/answers_relay.ts";
import { LONG } from "../../support/cases.ts";
import { SEED } from "../../support/seed.ts";
import { checkSites, findingsOf, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { reachedAt, type Site, startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";
import { STORED_OTHERWISE, TYPED_COLUMNS } from "../../support/data/typed_columns.ts";
import { casesOfRun, ofToday } from "../../support/versions/engine_of_run.ts";
import { taken } from "../../support/versions/not_taken.ts";

const [ABSENT, PARTLY] = ["2026-01-01", "2026-01-02"];

/** Every fourth of all types where an engine starts anew for each statement, others with each seed. */
const EVERY = 4 / casesOfRun(4);

/** Types by their place, without those of which two versions have no bytes in common where a site is of another version. */
const ALL = [...TYPED_COLUMNS.entries()]
  .filter(([index, { type }]) =>
    index % EVERY === SEED % EVERY && (ofToday() || !STORED_OTHERWISE.test(type))
  )
  .map(([index]) => index);

/** A third by the text of their values, another one with each seed, as values are the usual case. */
const BY_TEXT = ALL.filter((_, at) => LONG || at % 3 === SEED % 3);

/**
 * One table for each of these types, with a day that is absent here, and one of which rows are here fewer times or not at all.
 * Answers the types: all of them, but those that a site of another version does not know.
 */
async function fill(sites: TwoSites, types: readonly number[]): Promise<number[]> {
  await onBoth(sites, "CREATE DATABASE d");
  const known: number[] = [];
  for (const index of types) {
    const both = [sites.primary, sites.dr].map((site) => fillAt(site, index, site === sites.dr));
    if (await taken(...both) && await alike(sites, index)) known.push(index);
    else await onBoth(sites, `DROP TABLE IF EXISTS d.t${index}`);
  }
  return known;
}

async function fillAt(site: Site, index: number, partly: boolean): Promise<void> {
  const { type, value } = TYPED_COLUMNS[index]!;
  await site.query(
    `CREATE TABLE d.t${index} (ts DateTime('UTC'), v ${type}) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ` +
      `ORDER BY ts SETTINGS allow_suspicious_low_cardinality_types = 1` +
      (type.startsWith("Nested(") ? ", flatten_nested = 0" : "") +
      (type.startsWith("Nullable(Tuple(") ? ", allow_experimental_nullable_tuple_type = 1" : ""),
  );
  const insert = (day: string, where: string) =>
    site.query(
      `INSERT INTO d.t${index} SELECT toDateTime('${day} 00:00:00', 'UTC') + intDiv(number, 16) * 600, ` +
        `${value} FROM numbers(80) WHERE ${where}`,
    );
  if (partly) return void await insert(PARTLY!, "number % 2 = 0");
  for (const day of [ABSENT!, PARTLY!]) {
    await insert(day, "1");
    await insert(day, "number % 3 = 1");
  }
}

/** Older servers take `Geometry` for another word for String, and `Time` for one for Int64: with such a table sites differ. */
async function alike({ primary, dr }: TwoSites, index: number): Promise<boolean> {
  const stored = `SELECT type FROM system.columns WHERE (database, table, name) = ('d', 't${index}', 'v')`;
  return await primary.query(stored) === await dr.query(stored);
}

/** Every row of a table as text, and how often it is there. */
async function rowsOf(site: Site, index: number): Promise<string> {
  const { same = "v" } = TYPED_COLUMNS[index]!;
  // Not `toString()`, which a server may take for as good as its argument where it groups.
  return await site.query(
    `SELECT ts, text, count() FROM (SELECT ts, concat(toString(${same}), '') AS text FROM d.t${index}) ` +
      "GROUP BY ts, text ORDER BY ts, text",
  );
}

/** Whether two versions may have no form of this type in common. */
function mayBeUnlike(index: number): boolean {
  return !ofToday() &&
    /\b(?:JSON|Dynamic|Variant|Geometry|AggregateFunction)\b/.test(TYPED_COLUMNS[index]!.type);
}

/** @param byText the form in which all columns are compared; null: one that two versions have in common */
async function repairExactly(
  sites: TwoSites,
  types: readonly number[],
  byText: boolean | null,
): Promise<void> {
  const rowsThere = await Promise.all(types.map((index) => rowsOf(sites.primary, index)));
  const report = await checkSites(sites);
  assert.equal(report.error, null);
  const refused = types.filter((index) =>
    mayBeUnlike(index) &&
    findingsOf(report).some(({ table, cause }) => table === `d.t${index}` && cause === "no_common_hash")
  ).map((index) => `d.t${index}`);
  for (const { table, warnings } of report.tables.filter(({ table }) => !refused.includes(table))) {
    const found = warnings.some((warning) => /column v is compared by its text/.test(warning));
    // Beside their values, which is nothing to warn of.
    const loosely = types.some((index) =>
      `d.t${index}` === table && isHashedLoosely(TYPED_COLUMNS[index]!.type)
    );
    assert.equal(found, loosely ? false : byText ?? found, table);
  }
  const compared = types.filter((index) => !refused.includes(`d.t${index}`));
  const expected = compared.flatMap((index) => [
    [`d.t${index} 20260101`, "missing, repaired"],
    [`d.t${index} 20260102`, "partial, repaired"],
  ]);
  const others = Object.fromEntries(refused.map((table) => [table, "unsupported"]));
  assert.deepEqual(reasonsOf(report), { ...Object.fromEntries(expected), ...others });
  for (const [at, index] of types.entries()) {
    if (!compared.includes(index)) continue;
    assert.equal(await rowsOf(sites.dr, index), rowsThere[at], TYPED_COLUMNS[index]!.type);
    // A merge lays out JSON, Dynamic and dictionaries anew.
    await sites.dr.query(`OPTIMIZE TABLE d.t${index} FINAL`);
  }
  assert.deepEqual(reasonsOf(await checkSites(sites)), others);
}

Deno.test("a column of any type is compared and repaired exactly", async () => {
  await using sites = await startTwoSites();
  await repairExactly(sites, await fill(sites, ALL), ofToday() ? false : null);
});

/** The primary's answers to questions for hashes of types that `differs` names are not the DR site's. */
function disagree(sites: TwoSites, differs: (type: string, as: "value" | "text") => boolean): AnswersRelay {
  return startAnswersRelay(sites.primary.url, (statement, answer) => {
    if (!asksForHashes(statement) || !answer.startsWith("{")) return answer;
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
  const types = await fill(sites, BY_TEXT);
  await using relay = disagree(sites, (_, as) => as === "value");
  await repairExactly(through(relay, sites), types, true);
});

/** A type of which versions hash values differently, one of these and its text; one that all have, where a site is of another version. */
const DISPUTED = ofToday()
  ? {
    type: "Variant(String, UInt64)",
    value: "'a'",
    text: "tuple(toString(variantType(`v`)), toString(`v`))",
  }
  : { type: "UUID", value: "'61f0c404-5cb3-11e7-907b-a6006ad3dba0'", text: "toString(`v`)" };

const TABLES = [
  `CREATE TABLE d.events (ts DateTime('UTC'), v ${DISPUTED.type}, n Int32) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts`,
  "CREATE TABLE d.plain (ts DateTime('UTC'), n Int32) ENGINE = MergeTree PARTITION BY toDate(ts) ORDER BY ts",
];
const ROW = `${DISPUTED.value}, 1`;

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
  await using relay = disagree(sites, (one, as) => one === DISPUTED.type && as === "value");
  const plan = await checkSites(through(relay, sites), { dryRun: true });
  const sql = findingsOf(plan).find(({ table }) => table === "d.events")!.sql.join("\n");
  assert.ok(sql.includes(`cityHash64(tuple(\`ts\`, ${DISPUTED.text}, \`n\`)) GLOBAL NOT IN`), sql);
  assert.doesNotMatch(sql, /tuple\(`ts`, `v`/);
  assert.match(
    plan.tables.find(({ table }) => table === "d.events")!.warnings.join(),
    new RegExp(`column v is compared by its text.*${RegExp.escape(DISPUTED.type)}`),
  );
  const digests = relay.statements.filter((statement) => statement.includes("_chsync_city"));
  assert.ok(digests.some((statement) => statement.includes(DISPUTED.text)));
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
  const refusal =
    `Code: 48. DB::Exception: Method getDataAt is not supported for ${DISPUTED.type}. (NOT_IMPLEMENTED) (version 25.8.1.1)`;
  await using relay = startAnswersRelay(
    sites.primary.url,
    (statement, answer) =>
      statement.includes(`defaultValueOfTypeName('${DISPUTED.type}')`) && !asksForText(statement)
        ? { status: 500, text: refusal }
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
  await using relay = disagree(sites, (one) => one === DISPUTED.type);
  const report = await checkSites(through(relay, sites));
  assert.deepEqual(reasonsOf(report), { "d.events": "unsupported", "d.plain 20260101": "missing, repaired" });
  assert.match(
    findingsOf(report)[0]!.detail,
    new RegExp(`nor on the text of ${RegExp.escape(DISPUTED.type)}, the type of column v`),
  );
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
  const known: string[] = [];
  await onBoth(sites, "CREATE DATABASE d");
  for (const [name, engine] of Object.entries(engines)) {
    const create =
      `CREATE TABLE d.${name} (ts DateTime('UTC'), k String, n UInt32, s Int8, v Nullable(String), j ${
        ofToday() ? "JSON" : "String"
      }, ` +
      `a AggregateFunction(max, UInt64), m SimpleAggregateFunction(max, UInt64)) ENGINE = ${engine} ` +
      `PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) SETTINGS allow_dimensions_outside_sorting_key = 1`;
    if (!await taken(sites.primary.query(create), sites.dr.query(create))) {
      await onBoth(sites, `DROP TABLE IF EXISTS d.${name}`);
      continue;
    }
    known.push(name);
    await onBoth(sites, `SYSTEM STOP MERGES d.${name}`);
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
  assert.equal(partitions.size, 2 * known.length);
  assert.deepEqual(await found(through(relay, sites)), byValue);
  const report = await checkSites(through(relay, sites), { settings });
  assert.deepEqual(findingsOf(report).filter(({ reason }) => reason === "failed"), []);
  const left = await found(sites);
  const refused = named(byValue).filter((line) => /aggregated|independent|unsupported/.test(line));
  assert.deepEqual(named(left), refused, "the rest is whole");
});

Deno.test("servers are asked for their hashes once for each type, in one statement", async () => {
  await using sites = await startTwoSites();
  await twoTables(sites);
  await using relay = disagree(sites, (one, as) => one === DISPUTED.type && as === "value");
  const agreements = new Map();
  await checkSites(through(relay, sites), { agreements });
  assert.deepEqual(questions(relay), ["value", "text"]);
  await checkSites(through(relay, sites), { agreements });
  assert.deepEqual(questions(relay), ["value", "text"]);
  await onBoth(sites, "CREATE TABLE d.more (ts DateTime('UTC'), a IPv4) ENGINE = MergeTree ORDER BY ts");
  await checkSites(through(relay, sites), { agreements });
  assert.deepEqual(questions(relay), ["value", "text", "value"]);
});
