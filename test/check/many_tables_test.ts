/** A server full of tables: one run, a readable report, and word of what is left out. */
import assert from "node:assert/strict";
import { renderReport } from "../../src/report/render_report.ts";
import { reportJson } from "../../src/report/report_json.ts";
import { reportLog } from "../../src/report/report_log.ts";
import { isClean } from "../../src/verdict/clean.ts";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { onBoth } from "../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../support/sites/two_sites.ts";

const ENGINES = [
  "MergeTree",
  "ReplacingMergeTree(v)",
  "SummingMergeTree",
  "CollapsingMergeTree(sign)",
  "CoalescingMergeTree",
];
const KEYS = [
  "PARTITION BY toYYYYMMDD(ts) ORDER BY (id, ts)",
  "PARTITION BY (toYYYYMM(ts), id % 2) ORDER BY id",
  "PARTITION BY cityHash64(id) % 3 ORDER BY (toDate(ts), id)",
  "ORDER BY (id, ts)",
];
const TABLES = 120;

/** Runs the same statements at a site, some of them at a time. */
async function runAll(site: Site, statements: readonly string[]): Promise<void> {
  const rest = [...statements];
  await Promise.all([1, 2, 3, 4].map(async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) await site.query(next);
  }));
}

Deno.test("120 tables of all kinds are checked in one run", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", "CREATE TABLE d.log (a UInt8) ENGINE = Log");
  await primary.query("CREATE TABLE d.nothing (a UInt8) ENGINE = Null");
  const names = Array.from({ length: TABLES }, (_, index) => `d.t${index}`);
  const create = names.map((name, index) =>
    `CREATE TABLE ${name} (ts DateTime('UTC'), id UInt64, v UInt32, sign Int8) ` +
    `ENGINE = ${ENGINES[index % ENGINES.length]} ${KEYS[index % KEYS.length]}`
  );
  const load = (name: string) =>
    `INSERT INTO ${name} SELECT toDateTime('2026-01-01', 'UTC') + number * 3600, number, number, 1 FROM numbers(48)`;
  for (const site of [primary, dr]) await runAll(site, create);
  await runAll(primary, names.map(load));
  // A tenth of them is not here yet.
  await runAll(dr, names.filter((_, index) => index % 10 !== 0).map(load));

  const report = await checkSites(sites);
  assert.equal(report.tables.length, TABLES);
  assert.ok(findingsOf(report).every(({ reason, repaired }) => reason === "missing" && repaired));
  assert.deepEqual(report.leftOut, [{ table: "d.log", engine: "Log" }, {
    table: "d.nothing",
    engine: "Null",
  }]);
  const second = await checkSites(sites);
  assert.deepEqual(reasonsOf(second), {});
  assert.ok(isClean(second));

  const text = renderReport(second);
  assert.match(text, /^not synced.*: d\.log \(Log\), d\.nothing \(Null\)$/m);
  assert.match(text, /^\d+ tables: in sync$/m);
  assert.match(text, /^warning: 30 tables \(d\.t103, .* and 25 more\): .*no partition key/m);
  assert.ok(text.split("\n").length < 10, text);
  assert.ok(reportLog(second, null).length < 5);
  assert.deepEqual(reportJson(second, null).not_synced, report.leftOut);
});
