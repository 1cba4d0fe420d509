/**
 * Generated histories of tables whose engine merges rows: batches on one site, on both, or twice, merged at any moment.
 * What the passive site reads afterwards is held against a model that knows nothing but the rows that were inserted.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { checkSites } from "../sites/check_sites.ts";
import { onBoth } from "../sites/telemetry.ts";
import { type Site, startTwoSites } from "../sites/two_sites.ts";

/** Cases of each engine; all of them are in one check. */
const CASES = 40;

interface Row {
  readonly key: number;
  readonly v: number;
  readonly a: number | null;
  readonly b: number | null;
  readonly sign: 1 | -1;
}

interface Batch {
  readonly rows: readonly Row[];
  /** How often each site gets it. */
  readonly here: number;
  readonly there: number;
  /** Which sites merge afterwards. */
  readonly mergeHere: boolean;
  readonly mergeThere: boolean;
}

const value = fc.option(fc.integer({ min: 1, max: 2 }), { freq: 3 });
const row: fc.Arbitrary<Row> = fc.record({
  key: fc.integer({ min: 0, max: 4 }),
  v: fc.integer({ min: 0, max: 2 }),
  a: value,
  b: value,
  sign: fc.constantFrom(1 as const, -1 as const),
});
const times = fc.constantFrom(1, 1, 1, 1, 0, 2);
const batch: fc.Arbitrary<Batch> = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 4 }),
  here: times,
  there: times,
  mergeHere: fc.boolean(),
  mergeThere: fc.boolean(),
});
const history = fc.array(batch, { minLength: 1, maxLength: 5 });

/**
 * What the passive site must read afterwards, by key; `refused`: it must be refused, and nothing may have changed;
 * `unchanged`: nothing may have changed, whether it is refused or not; `anything`: the model cannot tell.
 */
type Expected = ReadonlyMap<string, string> | "refused" | "unchanged" | "anything";

interface Engine {
  readonly engine: string;
  /** SELECT of key and value as text, of what the table reads. */
  readonly read: (table: string) => string;
  readonly expect: (here: readonly Row[], there: readonly Row[]) => Expected;
  readonly order?: string;
}

const cell = (value: number | null) => value === null ? "NULL" : String(value);
const content = ({ v, a, b, sign }: Row) => `${v} ${cell(a)} ${cell(b)} ${sign}`;
const TEXT =
  "concat(toString(v), ' ', ifNull(toString(a), 'NULL'), ' ', ifNull(toString(b), 'NULL'), ' ', toString(sign))";

/** The last of the highest version, of each key. */
function winners(rows: readonly Row[], version: (row: Row) => number): Map<number, Row> {
  const found = new Map<number, Row>();
  for (const row of rows) {
    const before = found.get(row.key);
    if (!before || version(row) >= version(before)) found.set(row.key, row);
  }
  return found;
}

function expectReplaced(version: (row: Row) => number): Engine["expect"] {
  return (here, there) => {
    const [mine, theirs] = [winners(here, version), winners(there, version)];
    const result = new Map([...mine].map(([key, row]) => [String(key), content(row)]));
    for (const [key, row] of theirs) {
      const own = mine.get(key);
      if (own && version(own) === version(row) && content(own) !== content(row)) return "refused";
      if (!own || version(own) < version(row)) result.set(String(key), content(row));
    }
    return result;
  };
}

/** Column by column the last value that is not NULL. */
function folded(rows: readonly Row[]): Map<number, Row> {
  const found = new Map<number, Row>();
  for (const row of rows) {
    const before = found.get(row.key);
    found.set(row.key, { ...row, a: row.a ?? before?.a ?? null, b: row.b ?? before?.b ?? null });
  }
  return found;
}

const FINAL = (table: string) => `SELECT toString(key), ${TEXT} FROM ${table} FINAL`;

const ENGINES: readonly Engine[] = [
  { engine: "ReplacingMergeTree(v)", read: FINAL, expect: expectReplaced(({ v }) => v) },
  { engine: "ReplacingMergeTree", read: FINAL, expect: expectReplaced(() => 0) },
  {
    engine: "CoalescingMergeTree",
    read: FINAL,
    expect: (here, there) => {
      const [mine, theirs] = [folded(here), folded(there)];
      const result = new Map([...mine].map(([key, row]) => [String(key), content(row)]));
      for (const [key, row] of theirs) {
        const own = mine.get(key);
        const differ = (x: number | null | undefined, y: number | null) => x != null && y !== null && x !== y;
        // `v` and `sign` are not Nullable: their last value counts, and neither is known to be the later one.
        if (
          own && (own.v !== row.v || own.sign !== row.sign || differ(own.a, row.a) || differ(own.b, row.b))
        ) return "refused";
        result.set(String(key), content({ ...row, a: own?.a ?? row.a, b: own?.b ?? row.b }));
      }
      return result;
    },
  },
  {
    engine: "SummingMergeTree((v))",
    read: (table) => `SELECT toString(key), toString(sum(v)) FROM ${table} GROUP BY key`,
    expect: (here, there) => {
      const sums = (rows: readonly Row[]) =>
        [...Map.groupBy(rows, ({ key }) => key)].map(([key, rows]) =>
          `${key}=${rows.reduce((sum, { v }) => sum + v, 0)}`
        ).filter((text) => !text.endsWith("=0")).sort().join();
      // Rows whose sums are zero go as they are merged, and a partition with them.
      if (sums(here) === "" || sums(there) === "") return "anything";
      // Other columns keep the value of any row: they may differ, whatever the sums are.
      return sums(here) === sums(there) ? "unchanged" : "refused";
    },
  },
];

function insert(table: string, rows: readonly Row[]): string {
  const values = rows.map(({ key, v, a, b, sign }) =>
    `('2026-01-01', ${key}, ${v}, ${cell(a)}, ${cell(b)}, ${sign})`
  );
  return `INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES ${values.join(", ")}`;
}

async function live(
  table: string,
  site: Site,
  batches: readonly Batch[],
  which: "here" | "there",
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const batch of batches) {
    for (let time = 0; time < batch[which]; time++) {
      await site.query(insert(table, batch.rows));
      rows.push(...batch.rows);
    }
    if (which === "here" ? !batch.mergeHere : !batch.mergeThere) continue;
    await site.query(`SYSTEM START MERGES ${table}`);
    await site.query(`OPTIMIZE TABLE ${table} FINAL`);
    await site.query(`SYSTEM STOP MERGES ${table}`);
  }
  return rows;
}

/** Rows of `key, value` as a map. */
async function readMap(site: Site, sql: string): Promise<Map<string, string>> {
  const text = await site.query(sql);
  return new Map(text.split("\n").filter(Boolean).map((line) => line.split("\t") as [string, string]));
}

async function raw(site: Site, table: string): Promise<string> {
  return await site.query(`SELECT * FROM ${table} ORDER BY ALL`);
}

for (const { engine, read, expect } of ENGINES) {
  Deno.test(`${engine}: generated histories come to what the model says`, async () => {
    await using sites = await startTwoSites();
    const { primary, dr } = sites;
    await onBoth(sites, "CREATE DATABASE d");
    const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 31));
    const cases = await Promise.all(
      fc.sample(history, { seed, numRuns: CASES }).map(async (batches, index) => {
        const table = `d.t${index}`;
        await onBoth(
          sites,
          `CREATE TABLE ${table} (day Date, key UInt8, v UInt32, a Nullable(UInt8), b Nullable(UInt8), sign Int8) ` +
            `ENGINE = ${engine} PARTITION BY toYYYYMM(day) ORDER BY (day, key)`,
          `SYSTEM STOP MERGES ${table}`,
        );
        const [here, there] = await Promise.all([
          live(table, dr, batches, "here"),
          live(table, primary, batches, "there"),
        ]);
        return { table, here, there, batches };
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const before = await Promise.all(cases.map(({ table }) => readMap(dr, read(table))));
    const active = await Promise.all(cases.map(({ table }) => raw(primary, table)));
    const report = await checkSites(sites, { settings: { settleSeconds: 1 } });
    const outcomes: Record<string, number> = {};
    for (const [index, { table, here, there, batches }] of cases.entries()) {
      const say = `seed ${seed}, ${table}: ${JSON.stringify(batches)}`;
      const [found] = report.tables.find((report) => report.table === table)!.findings;
      const outcome = found ? `${found.reason}${found.repaired ? ", repaired" : ""}` : "in sync";
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      assert.equal(await raw(primary, table), active[index], say);
      const expected = there.length === 0 ? null : here.length === 0 ? "copied" : expect(here, there);
      const after = await readMap(dr, read(table));
      if (expected === "anything") continue;
      if (expected === null) assert.deepEqual(after, before[index], say);
      else if (expected === "copied") assert.deepEqual(after, await readMap(primary, read(table)), say);
      else if (expected === "refused") {
        assert.ok(found && ["independent", "aggregated"].includes(found.reason), `${outcome}, ${say}`);
        assert.ok(found.detail.length > 40, say);
        assert.deepEqual(after, before[index], say);
      } else if (expected === "unchanged") assert.deepEqual(after, before[index], say);
      else {
        assert.ok(
          !found || ["partial", "unmerged", "surplus", "missing"].includes(found.reason),
          `${outcome}, ${say}`,
        );
        assert.deepEqual(new Map([...after].sort()), new Map([...expected].sort()), say);
      }
    }
    const second = await checkSites(sites, { settings: { settleSeconds: 0 } });
    for (const { table, findings } of second.tables) {
      assert.ok(!findings.some(({ repair }) => repair), `seed ${seed}: ${table} is repaired again`);
    }
    assert.ok(Object.keys(outcomes).length > 2, JSON.stringify(outcomes));
  });
}
