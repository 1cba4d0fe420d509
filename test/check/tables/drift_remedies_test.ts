/** No statement that is printed for a drifted table loses a value, whoever follows it: on two real sites. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import type { CheckReport } from "../../../src/model/report.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

const TYPES = [
  "UInt8",
  "UInt32",
  "Int16",
  "Int64",
  "Nullable(UInt32)",
  "String",
  "LowCardinality(String)",
  "Decimal(9, 2)",
  "Decimal(18, 4)",
  "DateTime('UTC')",
  "DateTime64(3, 'UTC')",
  "Date",
  "Date32",
  "Enum8('1' = 1, '2' = 2, '200' = 3)",
  "Enum8('0' = 0, '1' = 1, '2' = 2, '200' = 3)",
];

/** What one of the sites does to its table before the check; what its server refuses does not happen. Not every version takes a text for a time. */
const NAMES = ["a", "b", "c", "d"];
const name = fc.constantFrom(...NAMES);
const type = fc.constantFrom(...TYPES);
const deed = fc.oneof(
  fc.tuple(name, type).map(([column, type]) => `ADD COLUMN ${column} ${type}`),
  fc.tuple(name, type).map(([column, type]) => `ADD COLUMN ${column} ${type} DEFAULT 1`),
  fc.tuple(name, type).map(([column, type]) => `MODIFY COLUMN ${column} ${type}`),
  fc.tuple(name, name).map(([from, to]) => `RENAME COLUMN ${from} TO ${to}`),
  name.map((column) => `DROP COLUMN ${column}`),
  name.map((column) => `MODIFY COLUMN ${column} DEFAULT 2`),
  name.map((column) => `MODIFY COLUMN ${column} REMOVE DEFAULT`),
);

interface Start {
  readonly first: string;
  readonly second: string;
  readonly keys: readonly [string, string];
  readonly here: readonly string[];
  readonly there: readonly string[];
}

const start = fc.record({
  first: type,
  second: type,
  keys: fc.oneof(
    { weight: 3, arbitrary: fc.constant(["ORDER BY k", "ORDER BY k"] as const) },
    { weight: 1, arbitrary: fc.constant(["ORDER BY k", "PARTITION BY k % 3 ORDER BY k"] as const) },
  ),
  here: fc.array(deed, { maxLength: 2 }),
  there: fc.array(deed, { minLength: 1, maxLength: 3 }),
});

let tables = 0;

async function make({ primary, dr }: TwoSites, { first, second, keys, here, there }: Start): Promise<string> {
  const table = `d.t${tables++}`;
  const both = [[dr, keys[0], here], [primary, keys[1], there]] as const;
  for (const [site, key, deeds] of both) {
    await site.query(`CREATE TABLE ${table} (k UInt32, a ${first}, b ${second}) ENGINE = MergeTree ${key}`);
    // Each value of every type, as far as the type takes it.
    for (const value of ["1", "2", "200"]) {
      await site.query(`INSERT INTO ${table} (k, a) VALUES (${value}, '${value}')`).catch(() => {});
      await site.query(`INSERT INTO ${table} (k, b) VALUES (${value}, '${value}')`).catch(() => {});
    }
    for (const deed of deeds) {
      await site.query(`ALTER TABLE ${table} ${deed} SETTINGS mutations_sync = 2`).catch(() => {});
      await site.query(`INSERT INTO ${table} (k) VALUES (7)`);
    }
  }
  return table;
}

/** Of every column the values of each key, sorted, as text that does not tell how wide the type is. */
async function values(site: Site, table: string): Promise<Map<string, string>> {
  const columns = await site.rows<{ name: string }>(
    `SELECT name FROM system.columns WHERE concat(database, '.', table) = '${table}'`,
  );
  const found = new Map<string, string>();
  for (const { name } of columns) {
    const text = `ifNull(toString(${name}), 'NULL')`;
    const shown = `if(${text} LIKE '%.%', replaceRegexpOne(${text}, '\\\\.?0+$', ''), ${text})`;
    found.set(name, await site.query(`SELECT k, ${shown} AS shown FROM ${table} ORDER BY k, shown`));
  }
  return found;
}

function assertKept(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  statements: readonly string[],
): void {
  for (const [column, text] of before) {
    const renamed = statements.map((sql) => /RENAME COLUMN IF EXISTS `(.*)` TO `(.*)`$/.exec(sql))
      .find((found) => found?.[1] === column)?.[2];
    const kept = [column, renamed].some((name) => name !== undefined && after.get(name) === text);
    assert.ok(kept, `${column} is not what it was after\n${statements.join("\n")}`);
  }
}

function printed(report: CheckReport): { statements: readonly string[]; detail: string } {
  const [found] = findingsOf(report);
  return { statements: found?.sql ?? [], detail: found?.detail ?? "" };
}

const TOLD = /no statement|perhaps|may be a new name|merge them first|cannot be altered/;

Deno.test("whatever definitions and values: what is printed loses none, and either ends the drift or says that it does not", async () => {
  await using sites = await startTwoSites();
  const { dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const numRuns = casesOf("driftRemedies");
  let [followed, mended] = [0, 0];
  await fc.assert(
    fc.asyncProperty(start, fc.boolean(), async (start, onlyLast) => {
      const table = await make(sites, start);
      const check = () => checkSites(sites, { only: [table], dryRun: true });
      const { statements, detail } = printed(await check());
      // Of a choice, an operator may take the second one.
      const run = onlyLast ? statements.filter((sql) => !/RENAME/.test(sql)) : statements;
      // A deed that its server began and cannot finish leaves a table that nobody can read.
      const before = await values(dr, table).catch(() => null);
      fc.pre(before !== null);
      for (const statement of run) {
        assert.doesNotMatch(statement, /\bDROP\b/);
        await dr.query(`${statement}${/^ALTER/.test(statement) ? " SETTINGS mutations_sync = 2" : ""}`);
        followed++;
      }
      assertKept(before!, await values(dr, table), run);
      const left = findingsOf(await check()).filter(({ reason }) => reason === "drifted");
      if (left.length > 0) assert.match(detail, TOLD);
      else if (run.length > 0) mended++;
      await onBoth(sites, `DROP TABLE ${table} SYNC`);
      await dr.query(`DROP TABLE IF EXISTS ${table}_recreated SYNC`);
    }),
    { numRuns },
  );
  assert.ok(followed > 10 && mended > 5, `${followed} followed, ${mended} mended`);
});

Deno.test("a column that was renamed at the active site is renamed here, with its values, or added beside them", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    "CREATE TABLE d.t (ts DateTime('UTC'), v String, n UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
    "INSERT INTO d.t SELECT toDateTime('2026-01-01', 'UTC') + number, toString(number), number FROM numbers(100)",
  );
  await primary.query("ALTER TABLE d.t RENAME COLUMN v TO w");
  const { statements, detail } = printed(await checkSites(sites));
  assert.match(detail, /perhaps v is called w/);
  assert.deepEqual(statements.map((sql) => /RENAME|ADD|DROP/.exec(sql)?.[0]), ["RENAME", "ADD"]);
  for (const statement of statements) await dr.query(statement);
  assert.deepEqual(findingsOf(await checkSites(sites)), []);
});

Deno.test("a TTL is printed only if it takes nothing that is here", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  const table = (name: string, ttl: string) =>
    `CREATE TABLE d.${name} (ts DateTime('UTC'), k UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY k ${ttl}`;
  await onBoth(sites, "CREATE DATABASE d");
  const cases = [
    ["longer", "TTL ts + INTERVAL 5000 DAY", "TTL ts + INTERVAL 6000 DAY", true],
    ["none", "TTL ts + INTERVAL 5000 DAY", "", true],
    ["shorter", "TTL ts + INTERVAL 5000 DAY", "TTL ts + INTERVAL 100 DAY", false],
    ["new", "", "TTL ts + INTERVAL 100 DAY", false],
    ["wider", "TTL ts + INTERVAL 100 DAY DELETE WHERE k > 20", "TTL ts + INTERVAL 100 DAY", false],
    ["wraps", "TTL ts + INTERVAL 5000 DAY", "TTL ts + INTERVAL 40000 DAY", false],
    ["another", "TTL ts + INTERVAL 5000 DAY", "TTL ts + INTERVAL 100 WEEK", false],
  ] as const;
  for (const [name, here, there] of cases) {
    await dr.query(table(name, here));
    await primary.query(table(name, there));
    for (const site of [dr, primary]) {
      // As an insert of rows that are past their time: no merge has taken them yet.
      await site.query(`SYSTEM STOP TTL MERGES d.${name}`);
      await site.query(
        `INSERT INTO d.${name} SELECT toDateTime('2026-01-01', 'UTC'), number FROM numbers(50)`,
      );
    }
  }
  const report = await checkSites(sites, { dryRun: true });
  for (const [name, , , fits] of cases) {
    const found = report.tables.find(({ table }) => table === `d.${name}`)!;
    const said = [...found.warnings, ...found.findings.flatMap(({ sql }) => sql)].join("\n");
    const statement = /ALTER TABLE `d`\.`\w+` (?:MODIFY|REMOVE) TTL[^\n]*/.exec(said)?.[0];
    assert.equal(statement !== undefined, fits, `${name}: ${said}`);
    if (statement === undefined) continue;
    await dr.query(`SYSTEM START TTL MERGES d.${name}`);
    await dr.query(`${statement} SETTINGS mutations_sync = 2`);
    await dr.query(`OPTIMIZE TABLE d.${name} FINAL`);
    assert.equal(await dr.query(`SELECT count() FROM d.${name}`), "50\n", name);
  }
});

Deno.test("a table is made anew only if its copy holds every row and value, and a left-over one is not mixed with it", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const rows =
    "SELECT toDateTime('2026-01-01', 'UTC') + number % 50 * 86400, number, number * 1000 FROM numbers(500)";
  const table = (name: string, { columns = "", keys = "ORDER BY k", engine = "MergeTree" }) =>
    `CREATE TABLE d.${name} (ts DateTime('UTC'), k UInt32, v UInt64${columns}) ENGINE = ${engine} ${keys}`;
  const cases = [
    ["plain", {}, { keys: "PARTITION BY toDate(ts) ORDER BY (k, ts)" }, true],
    ["replacing", {}, { engine: "ReplacingMergeTree" }, false],
    ["extra", { columns: ", x UInt8 DEFAULT 3" }, { keys: "ORDER BY ts" }, false],
    [
      "narrow",
      { columns: ", x UInt64 DEFAULT k" },
      { columns: ", x UInt8 DEFAULT k", keys: "ORDER BY ts" },
      false,
    ],
    ["expiring", {}, { keys: "ORDER BY ts TTL ts + INTERVAL 1 DAY" }, false],
    ["computed", { columns: ", x UInt64 MATERIALIZED rand64()" }, {
      columns: ", x UInt64 MATERIALIZED rand64()",
      keys: "ORDER BY ts",
    }, true],
  ] as const;
  for (const [name, here, there] of cases) {
    await dr.query(table(name, here));
    await primary.query(table(name, there));
    await dr.query(`INSERT INTO d.${name} (ts, k, v) ${rows}`);
  }
  const found = findingsOf(await checkSites(sites, { dryRun: true }));
  for (const [name, , , possible] of cases) {
    const { sql, detail } = found.find(({ table }) => table === `d.${name}`)!;
    assert.equal(sql.length > 0, possible, `${name}: ${detail}`);
    assert.match(detail, /cannot be altered/);
    if (!possible) continue;
    const columns = name === "computed" ? "*, x" : "*";
    const read = () => dr.query(`SELECT ${columns} FROM d.${name} ORDER BY tuple(*)`);
    const before = await read();
    for (const statement of sql) await dr.query(statement);
    assert.equal(await read(), before);
    await assert.rejects(dr.query(sql[0]!), /already exists/);
  }
});
