/** Generated histories of a table whose engine merges rows: batches at one site, at both, or twice, merged at any moment. */
import { casesOf } from "../cases.ts";
import { fc } from "../seed.ts";
import { onBoth } from "./telemetry.ts";
import type { Site, TwoSites } from "../sites/two_sites.ts";

export const CASES: number = casesOf("mergingHistories");

export interface Row {
  readonly key: number;
  readonly v: number;
  readonly a: number | null;
  readonly b: number | null;
  readonly sign: 1 | -1;
}

export interface Batch {
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
export const history = fc.array(batch, { minLength: 1, maxLength: 5 });

/** A value as SQL and as text. */
export const cell = (value: number | null) => value === null ? "NULL" : String(value);
function insert(table: string, rows: readonly Row[]): string {
  const values = rows.map(({ key, v, a, b, sign }) =>
    `('2026-01-01', ${key}, ${v}, ${cell(a)}, ${cell(b)}, ${sign})`
  );
  return `INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES ${values.join(", ")}`;
}

/** Lives through the history at one site. Merges must be stopped; returns the rows in their order. */
export async function live(
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

/** All rows as they are stored, as a text. */
export async function raw(site: Site, table: string): Promise<string> {
  return await site.query(`SELECT * FROM ${table} ORDER BY tuple(*)`);
}

/** Makes the table at both sites, with merges stopped. */
export async function makeTable(
  sites: TwoSites,
  table: string,
  engine: string,
  columns = "v UInt32, a Nullable(UInt8), b Nullable(UInt8), sign Int8",
): Promise<void> {
  await onBoth(
    sites,
    `CREATE TABLE ${table} (day Date, key UInt8, ${columns}) ` +
      `ENGINE = ${engine} PARTITION BY toYYYYMM(day) ORDER BY (day, key)`,
    `SYSTEM STOP MERGES ${table}`,
  );
}
