/** Values of LowCardinality columns are hashed by their dictionaries, whatever stands in them at either site. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

/** By column its value in an ordinary row, and one that a single row has at one site. */
const COLUMNS = {
  words: ["LowCardinality(String)", "if(number % 5 = 0, '', toString(number % 3))", "'other'"],
  perhaps: ["LowCardinality(Nullable(String))", "if(number % 5 = 0, NULL, toString(number % 3))", "''"],
  fixed: ["LowCardinality(FixedString(2))", "toString(number % 3)", "'x'"],
  days: ["LowCardinality(Date)", "toDate(number % 3)", "toDate(9)"],
} as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

async function fill(site: Site, day: number, other: keyof typeof COLUMNS | null, where = "1"): Promise<void> {
  const values = NAMES.map((name) => {
    const [, value, changed] = COLUMNS[name];
    return name === other ? `if(number = 25, ${changed}, ${value})` : value;
  });
  await site.query(
    `INSERT INTO d.t SELECT toDateTime('2026-01-0${day} 00:00:00', 'UTC') + number * 60, ${
      values.join(", ")
    } ` +
      `FROM numbers(60) WHERE ${where}`,
  );
}

Deno.test("LowCardinality columns are compared exactly, whatever the order of their dictionaries", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(
    sites,
    "CREATE DATABASE d",
    `CREATE TABLE d.t (ts DateTime('UTC'), ${
      NAMES.map((name) => `${name} ${COLUMNS[name][0]}`).join(", ")
    }) ` +
      "ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts SETTINGS allow_suspicious_low_cardinality_types = 1",
  );
  await using memory = await temporaryDirectory();
  const check = () => checkSites(sites, { memory: memory.path });
  await fill(primary, 1, null);
  // The same rows, in parts with dictionaries of their own.
  for (const part of [2, 0, 1]) await fill(dr, 1, null, `number % 3 = ${part}`);
  assert.deepEqual(reasonsOf(await check()), {});
  assert.equal((await check()).tables[0]!.proven, 1);
  // As many rows at both sites, one of them with another value in one column.
  for (const [at, name] of NAMES.entries()) {
    await fill(primary, at + 2, null);
    await fill(dr, at + 2, name);
  }
  const days = NAMES.map((_, at) => `d.t 2026010${at + 2}`);
  const report = await check();
  assert.deepEqual(Object.keys(reasonsOf(report)).sort(), days);
  assert.equal(report.tables[0]!.proven, 1);
});
