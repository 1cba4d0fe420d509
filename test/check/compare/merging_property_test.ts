/**
 * Generated histories of tables whose engine merges rows: batches at one site, at both, or twice, merged at any moment.
 * What the passive site reads afterwards is held against a model that knows nothing but the rows that were inserted.
 */
import assert from "node:assert/strict";
import { fc, SEED } from "../../support/seed.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import {
  CASES,
  cell,
  history,
  live,
  makeTable,
  raw,
  type Row,
} from "../../support/data/merging_histories.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

/**
 * What the passive site must read afterwards, by key; `refused`: it must be refused, and nothing may have changed;
 * `held`: the same where some keys must be refused and left as they are;
 * `unchanged`: nothing may have changed, whether it is refused or not; `anything`: the model cannot tell.
 */
type Expected =
  | ReadonlyMap<string, string>
  | { readonly held: ReadonlyMap<string, string> }
  | "refused"
  | "unchanged"
  | "anything";

interface Engine {
  readonly engine: string;
  /** SELECT of key and value as text, of what the table reads. */
  readonly read: (table: string) => string;
  readonly expect: (here: readonly Row[], there: readonly Row[]) => Expected;
  /** Absent: plain ones. */
  readonly columns?: string;
}

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
    const [rowsHere, rowsThere] = [winners(here, version), winners(there, version)];
    const result = new Map([...rowsHere].map(([key, row]) => [String(key), content(row)]));
    let held = false;
    for (const [key, row] of rowsThere) {
      const own = rowsHere.get(key);
      held ||= own !== undefined && version(own) === version(row) && content(own) !== content(row);
      if (!own || version(own) < version(row)) result.set(String(key), content(row));
    }
    return held ? { held: result } : result;
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

/** The highest or lowest value of each column, of all rows of a key. */
function extremes(rows: readonly Row[]): Map<string, string> {
  const most = (values: readonly (number | null)[], take: (...all: number[]) => number) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : take(...known);
  };
  const found = [...Map.groupBy(rows, ({ key }) => key)].map(([key, rows]) => {
    const of = (name: "v" | "a" | "b" | "sign", take: (...all: number[]) => number) =>
      most(rows.map((row) => row[name]), take);
    const put = [of("v", Math.max), of("a", Math.min), of("b", Math.max), of("sign", Math.min)];
    return [String(key), put.map(cell).join(" ")] as const;
  });
  return new Map(found);
}

const ENGINES: readonly Engine[] = [
  {
    engine: "AggregatingMergeTree",
    columns: "v SimpleAggregateFunction(max, UInt32), a SimpleAggregateFunction(min, Nullable(UInt8)), " +
      "b SimpleAggregateFunction(max, Nullable(UInt8)), sign SimpleAggregateFunction(min, Int8)",
    read: (table) => `SELECT toString(key), ${TEXT} FROM ${table} FINAL`,
    expect: (here, there) => extremes([...here, ...there]),
  },
  { engine: "ReplacingMergeTree(v)", read: FINAL, expect: expectReplaced(({ v }) => v) },
  { engine: "ReplacingMergeTree", read: FINAL, expect: expectReplaced(() => 0) },
  {
    engine: "CoalescingMergeTree",
    read: FINAL,
    expect: (here, there) => {
      const [rowsHere, rowsThere] = [folded(here), folded(there)];
      const result = new Map([...rowsHere].map(([key, row]) => [String(key), content(row)]));
      let held = false;
      for (const [key, row] of rowsThere) {
        const own = rowsHere.get(key);
        const differ = (x: number | null | undefined, y: number | null) => x != null && y !== null && x !== y;
        // `v` and `sign` are not Nullable: their last value counts, and neither is known to be the later one.
        if (
          own && (own.v !== row.v || own.sign !== row.sign || differ(own.a, row.a) || differ(own.b, row.b))
        ) held = true;
        else result.set(String(key), content({ ...row, a: own?.a ?? row.a, b: own?.b ?? row.b }));
      }
      return held ? { held: result } : result;
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

/** Rows of `key, value` as a map. */
async function readMap(site: Site, sql: string): Promise<Map<string, string>> {
  const text = await site.query(sql);
  return new Map(text.split("\n").filter(Boolean).map((line) => line.split("\t") as [string, string]));
}

for (const [number, { engine, columns, read, expect }] of ENGINES.entries()) {
  Deno.test(`${engine}: generated histories come to what the model says`, async () => {
    await using sites = await startTwoSites();
    const { primary, dr } = sites;
    await onBoth(sites, "CREATE DATABASE d");
    const seed = SEED + number; // other histories for each engine
    const cases = await Promise.all(
      fc.sample(history, { seed, numRuns: CASES }).map(async (batches, index) => {
        const table = `d.t${index}`;
        await makeTable(sites, table, engine, columns);
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
      const { findings } = report.tables.find((report) => report.table === table)!;
      const [found] = findings;
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
      } else if ("held" in Object(expected)) {
        const { held } = expected as { readonly held: ReadonlyMap<string, string> };
        const refused = findings.find(({ reason }) => reason === "independent");
        assert.ok(refused && !refused.repaired && refused.detail.length > 40, `${outcome}, ${say}`);
        assert.deepEqual(new Map([...after].sort()), new Map([...held].sort()), say);
      } else if (expected === "unchanged") assert.deepEqual(after, before[index], say);
      else {
        assert.ok(
          !found || ["partial", "unmerged", "surplus", "missing"].includes(found.reason),
          `${outcome}, ${say}`,
        );
        assert.deepEqual(
          new Map([...after].sort()),
          new Map([...expected as Map<string, string>].sort()),
          say,
        );
      }
    }
    const second = await checkSites(sites, { settings: { settleSeconds: 0 } });
    for (const { table, findings } of second.tables) {
      assert.ok(!findings.some(({ repair }) => repair), `seed ${seed}: ${table} is repaired again`);
    }
    if (CASES >= 40) assert.ok(Object.keys(outcomes).length > 2, JSON.stringify(outcomes));
  });
}
