// deno-lint-ignore-file no-console
/**
 * The main job in a minute, on two embedded ClickHouse sites: an outage, the plan, the repair, the proof, readiness.
 * Leaves nothing running and nothing behind.
 */
import { environmentOf, installChSync } from "../test/sites/ch_sync.ts";
import { load, onBoth, telemetryTable } from "../test/sites/telemetry.ts";
import { startTwoSites } from "../test/sites/two_sites.ts";

const TABLE = "telemetry.http";
const HOURLY = "telemetry.http_hourly";
const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"];
const ROWS = 200_000;

const started = performance.now();
let step = 0;
function say(text: string): void {
  console.log(`\n${++step}. ${text}`);
}

/** Output of ch-sync, indented; long statements are cut at the width of a terminal. */
function show(command: string, output: string): void {
  console.log(`   $ ${command}`);
  for (const line of output.trimEnd().split("\n")) {
    console.log(`   | ${line.length > 110 ? `${line.slice(0, 109)}…` : line}`);
  }
}

console.log("Starting two ClickHouse sites (the first time this downloads the engine, about 180 MB) …");
await using sites = await startTwoSites();
const { primary, dr } = sites;

say("Both sites receive the same telemetry; a view keeps an hourly rollup of it.");
await onBoth(
  sites,
  "CREATE DATABASE telemetry",
  telemetryTable(TABLE),
  `CREATE TABLE ${HOURLY} (hour DateTime('UTC'), service LowCardinality(String), requests UInt64) ` +
    `ENGINE = SummingMergeTree PARTITION BY toYYYYMMDD(hour) ORDER BY (hour, service)`,
  `CREATE MATERIALIZED VIEW telemetry.to_hourly TO ${HOURLY} AS ` +
    `SELECT toStartOfHour(ts) AS hour, service, count() AS requests FROM ${TABLE} GROUP BY hour, service`,
);
for (const day of DAYS) await load(primary, TABLE, day, ROWS);
await load(dr, TABLE, DAYS[0]!, ROWS);
await load(dr, TABLE, DAYS[1]!, ROWS, "toHour(ts) NOT IN (3, 4)");
await dr.query(
  `INSERT INTO ${TABLE} SELECT '${DAYS[0]} 12:00:00', 'only-at-dr', 200, number, map() FROM numbers(25)`,
);
console.log(
  `   The DR site was cut off: it lacks ${DAYS[2]}, and two hours of ${DAYS[1]}. 25 rows are only there.`,
);

await using chSync = await installChSync(environmentOf("dr", dr, primary));
const counts = async () => {
  const sql = `SELECT (SELECT count() FROM ${TABLE}), (SELECT sum(requests) FROM ${HOURLY})`;
  const [there = "", here = ""] = await Promise.all(
    [primary, dr].map(async (site) => (await site.query(sql)).trim()),
  );
  console.log(
    `   rows and requests in the rollup: primary ${there.replace("\t", ", ")}; dr ${
      here.replace("\t", ", ")
    }`,
  );
};
await counts();

say("What would ch-sync do? It looks, and changes nothing.");
const plan = await chSync.run(["--dry-run"]);
show("ch-sync --dry-run", plan.stdout.split("\n").filter((line) => !line.startsWith("    ")).join("\n"));

say("It repairs: only what is missing travels, and every step is proven.");
const repaired = await chSync.run(["--once"]);
show("ch-sync --once", repaired.stdout);
await counts();

say("The proof, in plain SQL that owes nothing to ch-sync.");
const { user, password } = primary.endpoint;
const remote = `remote('${primary.host}:${primary.tcpPort}', telemetry, http, '${user}', '${password}')`;
const line = "toString(tuple(ts, service, status, duration, mapSort(attributes)))";
const lacking = await dr.query(
  `SELECT count() FROM (SELECT ${line} AS row, count() AS n FROM ${remote} GROUP BY row) AS there ` +
    `LEFT JOIN (SELECT ${line} AS row, count() AS n FROM ${TABLE} GROUP BY row) AS here USING (row) WHERE there.n != here.n`,
);
const rollup = await dr.query(
  `SELECT count() FROM (SELECT toStartOfHour(ts) AS hour, service, count() AS n FROM ${TABLE} GROUP BY hour, service) AS raw ` +
    `FULL JOIN (SELECT hour, service, sum(requests) AS n FROM ${HOURLY} GROUP BY hour, service) AS kept ` +
    `USING (hour, service) WHERE raw.n != kept.n`,
);
const kept = await dr.query(`SELECT count() FROM ${TABLE} WHERE service = 'only-at-dr'`);
console.log(`   distinct rows of the primary that dr holds more or fewer times: ${lacking.trim()}`);
console.log(`   hours of the rollup that differ from the raw rows:             ${rollup.trim()}`);
console.log(`   rows that only dr had, still there:                            ${kept.trim()}`);

say("Two more clean checks, and it says so.");
await chSync.run(["--once"]);
const last = await chSync.run(["--once"]);
show("ch-sync --once", last.stderr.split("\n").filter((line) => /clean check|READY/.test(line)).join("\n"));

const proven = repaired.code === 0 && last.code === 0 && lacking.trim() === "0" && rollup.trim() === "0" &&
  kept.trim() === "25" && /FAILBACK READY/.test(last.stderr);
console.log(
  proven
    ? `\nDone in ${((performance.now() - started) / 1000).toFixed(0)} s. Nothing is left running.`
    : `\nThis went wrong:\n${repaired.stderr}\n${last.stderr}`,
);
if (!proven) Deno.exitCode = 1;
