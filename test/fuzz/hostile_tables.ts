/** Tables whose names, columns, defaults, comments and rows are hostile, made whole between two real sites. */
import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { identifier, literal } from "../../src/clickhouse/sql/quoting.ts";
import { CONTROLS } from "./hostile_text.ts";
import { renderReport } from "../../src/report/render_report.ts";
import { checkSites, findingsOf } from "../support/sites/check_sites.ts";
import { content } from "../support/data/telemetry.ts";
import type { TwoSites } from "../support/sites/two_sites.ts";
import { sendableText } from "./hostile_text.ts";

/** Names become those of directories: a character may take twelve bytes there. */
const NAME_CHARACTERS = 10;

interface HostileTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly definition: string;
  /** Whether this site has it, or is to create it. */
  readonly here: boolean;
}

function generate(count: number, seed: number): HostileTable[] {
  const name = sendableText.map((text) => [...text.replaceAll("\0", "")].slice(0, NAME_CHARACTERS).join(""));
  const table = fc.tuple(name, name, name, sendableText, sendableText, sendableText, fc.nat(3));
  return fc.sample(table, { numRuns: count, seed }).map((parts, index) => {
    const [database, table, column, byDefault, comment, constraint, chance] = parts;
    const columns = ["ts", `a${column}`, `b${column}`];
    const [ts, a, b] = columns.map(identifier);
    const definition =
      `(${ts} DateTime('UTC'), ${a} String DEFAULT ${literal(byDefault)} COMMENT ${literal(comment)}, ` +
      `${b} String MATERIALIZED concat(${a}, ${literal(byDefault)}), ` +
      `CONSTRAINT ${identifier(`c${column}`)} CHECK ${a} != ${literal(`x${constraint}`)}) ` +
      `ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (${a}, ts) COMMENT ${literal(comment)}`;
    const qualified = `${identifier(`h${index % 3}${database}`)}.${identifier(`${index}${table}`)}`;
    return { name: qualified, columns: columns.map(identifier), definition, here: chance > 0 };
  });
}

/** @returns how many tables there were */
export async function hostileTables(sites: TwoSites, count: number, seed: number): Promise<number> {
  const { primary, dr } = sites;
  const tables = generate(count, seed);
  for (const { name, columns, definition, here } of tables) {
    const [database = ""] = /^`(?:[^`\\]|\\.)*`/s.exec(name) ?? [];
    const [ts, a] = columns;
    const values = (where: string) =>
      `INSERT INTO ${name} (${ts}, ${a}) SELECT toDateTime('2026-01-01', 'UTC') + number, concat('v', toString(number)) ` +
      `FROM numbers(20) WHERE ${where}`;
    for (const site of [primary, ...here ? [dr] : []]) {
      await site.query(`CREATE DATABASE IF NOT EXISTS ${database}`);
      await site.query(`CREATE TABLE ${name} ${definition}`);
      await site.query(values(site === primary ? "1" : "number % 2"));
    }
    // One row by its default alone.
    await primary.query(`INSERT INTO ${name} (${ts}) SELECT toDateTime('2026-01-02', 'UTC')`);
  }
  const plan = renderReport(await checkSites(sites, { dryRun: true }), { sql: true });
  for (const line of plan.split("\n")) assert.doesNotMatch(line, CONTROLS);
  const report = await checkSites(sites, { settings: { autoCreateTables: true } });
  for (const found of findingsOf(report)) assert.ok(found.repaired, `${found.table}: ${found.detail}`);
  assert.equal(report.outcome, "completed", report.error ?? "");
  for (const { name, columns } of tables) {
    const all = `(SELECT ${columns.join(", ")} FROM ${name})`;
    assert.equal(await content(dr, all), await content(primary, all), name);
  }
  const databases = await primary.rows<{ name: string }>(
    "SELECT name FROM system.databases WHERE name LIKE 'h%'",
  );
  for (const site of [primary, dr]) {
    for (const { name } of databases) await site.query(`DROP DATABASE IF EXISTS ${identifier(name)} SYNC`);
  }
  return tables.length;
}
