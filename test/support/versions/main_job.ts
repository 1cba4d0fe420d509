/** The main job, in words that every version understands: what an outage leaves, and that a check brings it back. */
import assert from "node:assert/strict";
import { checkSites, reasonsOf } from "../sites/check_sites.ts";
import type { Site, TwoSites } from "../sites/two_sites.ts";

/** Tables at both sites: plain and merging, with Nullable columns and keys, maps, a view, expressions in keys and defaults. */
const TABLES: readonly string[] = [
  "logs (ts DateTime('UTC'), host LowCardinality(String), n Nullable(Int64), a Map(String, String), t Array(Nullable(String)), " +
  "d Int64 DEFAULT (length(host) + 1)) ENGINE = MergeTree PARTITION BY (toYYYYMM(ts)) ORDER BY (host, ts)",
  "keyed (ts DateTime('UTC'), k Nullable(String), v LowCardinality(Nullable(String)), f Float64) ENGINE = MergeTree " +
  "PARTITION BY toYYYYMM(ts) ORDER BY (k, ts) SETTINGS allow_nullable_key = 1",
  "states (ts DateTime('UTC'), id UInt64, version UInt64, s Nullable(String)) ENGINE = ReplacingMergeTree(version) " +
  "PARTITION BY toYYYYMM(ts) ORDER BY id",
  "pairs (ts DateTime('UTC'), id UInt64, sign Int8, s String) ENGINE = CollapsingMergeTree(sign) " +
  "PARTITION BY toYYYYMM(ts) ORDER BY id",
  "totals (m DateTime('UTC'), host Nullable(String), n SimpleAggregateFunction(sum, UInt64), " +
  "least SimpleAggregateFunction(min, Nullable(String))) ENGINE = AggregatingMergeTree " +
  "PARTITION BY toYYYYMM(m) ORDER BY (host, m) SETTINGS allow_nullable_key = 1",
];

const VIEW = "CREATE MATERIALIZED VIEW w.totals_mv TO w.totals AS SELECT toStartOfMinute((ts)) AS m, " +
  "nullIf(toString(host), 'h1') AS host, count() AS n, min(nullIf(toString(d), '3')) AS least FROM w.logs WHERE (d != 0) " +
  "GROUP BY m, host";

/** Rows of one month, `from` to `to`: half an hour apart. */
function fill(month: string, from: number, to: number): string[] {
  const ts = `toDateTime('${month}-01 00:00:00', 'UTC') + number * 1800`;
  const rows = `FROM numbers(${from}, ${to - from})`;
  return [
    `INSERT INTO w.logs (ts, host, n, a, t) SELECT ${ts}, concat('h', toString(number % 3)), if(number % 2, NULL, number), ` +
    `map('a', toString(number)), [NULL, toString(number)] ${rows}`,
    `INSERT INTO w.keyed SELECT ${ts}, if(number % 5 = 0, NULL, toString(number % 7)), if(number % 3 = 0, NULL, 'v'), ` +
    `number / 7 ${rows}`,
    `INSERT INTO w.states SELECT ${ts}, number, 1, if(number % 2, NULL, 'x') ${rows}`,
    `INSERT INTO w.pairs SELECT ${ts}, number, 1, 's' ${rows}`,
  ];
}

/** What is compared: every row that a user reads. */
const READS: Readonly<Record<string, string>> = {
  logs: "ts, host, n, a, t, d FROM w.logs",
  keyed: "ts, k, v, f FROM w.keyed",
  states: "ts, id, version, s FROM w.states FINAL",
  pairs: "ts, id, sign, s FROM w.pairs FINAL",
  totals: "m, host, sum(n), min(least) FROM w.totals GROUP BY m, host",
};

async function contents(site: Site): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [name, what] of Object.entries(READS)) {
    all[name] = await site.query(
      `SELECT arrayStringConcat(arraySort(groupArray(toString(r))), '\n') FROM (SELECT tuple(${
        what.replace(" FROM", ") AS r FROM")
      })`,
    );
  }
  return all;
}

/** Tables at both sites, and one month that both have whole. */
export async function prepare({ primary, dr }: TwoSites): Promise<void> {
  for (const site of [primary, dr]) {
    await site.query("CREATE DATABASE w");
    for (const table of TABLES) await site.query(`CREATE TABLE w.${table}`);
    await site.query(VIEW);
    for (const insert of fill("2026-01", 0, 50)) await site.query(insert);
  }
}

/**
 * One site was away: a month is absent, and of another the second half. A check brings back what is missing, the next
 * one finds nothing, and both hold the same rows.
 */
export async function mainJob(sites: TwoSites): Promise<void> {
  await prepare(sites);
  const { primary, dr } = sites;
  for (const insert of fill("2026-02", 0, 40)) for (const site of [primary, dr]) await site.query(insert);
  for (const insert of [...fill("2026-02", 40, 80), ...fill("2026-03", 0, 60)]) await primary.query(insert);
  await primary.query("INSERT INTO w.states SELECT ts, id, 2, 'newer' FROM w.states WHERE id < 10");
  const first = await checkSites(sites);
  const found = reasonsOf(first);
  // A front has no users that it could show.
  const warnings = first.warnings.filter((warning) => !warning.includes(", user: "));
  assert.deepEqual([first.error, first.unreachable, warnings], [null, [], []]);
  assert.deepEqual(
    Object.entries(found).filter(([, reason]) => !/repaired$|^derived$/.test(reason)),
    [],
    first.tables.flatMap(({ findings }) =>
      findings.map(({ table, reason, detail }) => `${table}: ${reason}: ${detail}`)
    ).join("\n"),
  );
  assert.deepEqual(await contents(dr), await contents(primary));
  const second = await checkSites(sites);
  assert.deepEqual(reasonsOf(second), { "w.totals": "derived" });
}
