/**
 * Generated tables between two real sites, held against a model that counts the texts of rows: after one check the
 * passive site holds each row as often as the site that held it more often, and nothing else has changed.
 */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { literal } from "../../src/clickhouse/sql/quoting.ts";
import type { CheckReport, TableReport } from "../../src/model/report.ts";
import { REASONS } from "../../src/model/reason.ts";
import { tableName } from "../../src/model/table.ts";
import { checkSites } from "../support/sites/check_sites.ts";
import { onBoth } from "../support/data/telemetry.ts";
import type { Site, TwoSites } from "../support/sites/two_sites.ts";
import { type GeneratedTable, generatedTable, qualifiedName } from "./generated_table.ts";

/** How often each row, as a text. */
type Counts = ReadonlyMap<string, number>;

export interface FuzzFigures {
  tables: number;
  rows: number;
  /** Findings by reason, with `, repaired` where it was. */
  readonly outcomes: Record<string, number>;
}

const SUSPICIOUS = ["low_cardinality_types", "fixed_string_types", "variant_types", "types_in_order_by"]
  .map((name) => `allow_suspicious_${name} = 1`).join(", ");

async function counts(site: Site, table: GeneratedTable): Promise<Counts> {
  const line = `hex(sipHash128(toString(tuple(${table.columns.join(", ")}))))`;
  const text = await site.query(`SELECT ${line}, count() FROM ${qualifiedName(table)} GROUP BY 1`);
  return new Map(
    text.split("\n").filter(Boolean).map((line) => {
      const [key, count] = line.split("\t");
      return [key!, Number(count)];
    }),
  );
}

async function live(site: Site, table: GeneratedTable, which: "here" | "there"): Promise<void> {
  for (const { from, count, step, mergeHere, mergeThere, ...batch } of table.batches) {
    const insert = `INSERT INTO ${qualifiedName(table)} (${table.columns.join(", ")}) ` +
      `SELECT ${
        table.values.join(", ")
      } FROM (SELECT ${from} + number * ${step} AS number FROM numbers(${count}))`;
    for (let time = 0; time < batch[which]; time++) await site.query(insert);
    if (which === "here" ? mergeHere : mergeThere) await site.query(`OPTIMIZE TABLE ${qualifiedName(table)}`);
  }
}

function union(here: Counts, there: Counts): Counts {
  const all = new Map(here);
  for (const [row, count] of there) all.set(row, Math.max(count, here.get(row) ?? 0));
  return all;
}

function sorted(counts: Counts): [string, number][] {
  return [...counts].sort(([a], [b]) => a < b ? -1 : 1);
}

/**
 * Runs one check over so many generated tables, and a second one. Throws where the model says otherwise.
 *
 * @param older one of the servers is of another version: another table stands in for one that it does not take, and what the
 *   two hash in different ways stays as it is
 */
export async function fuzzSchemas(
  sites: TwoSites,
  seed: number,
  runs: number,
  figures: FuzzFigures,
  { older = false }: { readonly older?: boolean } = {},
): Promise<void> {
  const { primary, dr } = sites;
  await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d");
  const generated = Array.from(
    { length: older ? 10 * runs : runs },
    (_, number) => fc.sample(generatedTable(number), { seed: seed + number, numRuns: 1 })[0]!,
  ).filter(({ definition }) => !older || !HASHED_OTHERWISE.test(definition))
    .map((table) => older ? { ...table, values: table.values.map(withoutNegativeZero) } : table);
  const make = async (table: GeneratedTable) => {
    await onBoth(
      sites,
      `CREATE TABLE ${qualifiedName(table)} ${table.definition}, ${SUSPICIOUS}` +
        // What older servers do not know is asked of them only with what they do not take either.
        (table.definition.includes("Nullable(Tuple(") ? ", allow_experimental_nullable_tuple_type = 1" : ""),
    );
    if (older) {
      // Older servers take `Geometry` for another word for String, and `Time` for one for Int64.
      const plain =
        "SELECT name, type FROM system.columns WHERE database = 'd' AND type IN ('String', 'Int64') AND table = " +
        literal(table.name);
      assert.equal(await dr.query(plain), await primary.query(plain), "columns of other types");
    }
    await Promise.all([live(dr, table, "here"), live(primary, table, "there")]);
  };
  const tables: GeneratedTable[] = [];
  for (const table of generated) {
    if (tables.length === runs) break;
    try {
      await make(table);
      tables.push(table);
    } catch (error) {
      if (!older) throw new Error(`seed ${seed}: ${table.definition}: ${error}`);
      await onBoth(sites, `DROP TABLE IF EXISTS ${qualifiedName(table)}`);
    }
  }
  const look = (site: Site) => Promise.all(tables.map((table) => counts(site, table)));
  // Tables without a time column in their keys settle by rest.
  await new Promise((resolve) => setTimeout(resolve, 2200));
  const [before, active] = [await look(dr), await look(primary)];
  const check = () => checkSites(sites, { settings: { maxConflictPercent: 100, settleSeconds: 1 } });
  let report = await check();
  // A merge may just have made the parts of such a table new.
  for (let tries = 0; tries < 5 && isPutOff(report); tries++) {
    // What is repaired already is in sync from then on.
    for (const table of report.tables) {
      if (table.findings.some(({ repaired }) => repaired)) tell(table, figures);
    }
    await new Promise((resolve) => setTimeout(resolve, 2200));
    report = await check();
  }
  assert.equal(report.error, null, `seed ${seed}`);
  const [after, activeAfter] = [await look(dr), await look(primary)];
  const reports = new Map(report.tables.map((report) => [report.table, report]));
  for (const [index, table] of tables.entries()) {
    const say = `seed ${seed}: ${JSON.stringify(table)}`;
    const found = reports.get(tableName({ database: "d", name: table.name }));
    assert.ok(found, say);
    tell(found, figures);
    figures.rows += [...active[index]!.values()].reduce((sum, count) => sum + count, 0);
    assert.deepEqual(sorted(activeAfter[index]!), sorted(active[index]!), say);
    for (const { reason, detail } of found.findings) assert.ok(reason in REASONS && detail.length > 15, say);
    const unlike = older && found.findings.some(({ cause }) => cause === "no_common_hash");
    const refused = unlike ? [] : found.findings.filter(({ reason }) => !REASONS[reason].clean);
    assert.deepEqual(refused.map(({ reason, detail }) => `${reason}: ${detail}`), [], say);
    assert.deepEqual(
      sorted(after[index]!),
      sorted(unlike ? before[index]! : union(before[index]!, active[index]!)),
      say,
    );
  }
  figures.tables += tables.length;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const again = (await check()).tables.filter(({ findings }) => findings.some(({ repair }) => repair));
  assert.deepEqual(again.map(({ table }) => table), [], `seed ${seed}: repaired again`);
  assert.equal(
    await dr.query("SELECT count() FROM system.tables WHERE startsWith(name, '_chsync')"),
    "0\n",
    "staging tables are left",
  );
}

/** Of which equal values may be hashed in different ways by two versions, as docs/versions.md says: rows of both sites look like two. */
const HASHED_OTHERWISE = /LowCardinality\((?:Nullable\()?B?Float|AggregateFunction\(groupArray\w*, Array/;

/** Before 26.4 a server writes 0 for -0 where nearly all values of a part are zeros: what is written is not what is read. */
function withoutNegativeZero(value: string): string {
  return value.replaceAll("-0.0", "0.0");
}

function isPutOff({ tables }: CheckReport): boolean {
  return tables.some(({ findings }) => findings.some(({ reason }) => reason === "backfilling"));
}

function tell({ findings }: TableReport, { outcomes }: FuzzFigures): void {
  for (
    const { reason, repaired } of findings.length > 0 ? findings : [{ reason: "in sync", repaired: false }]
  ) {
    const outcome = repaired ? `${reason}, repaired` : reason;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
}
