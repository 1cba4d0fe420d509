/** Rows that left their table here, while what a view made of them is in its target: nothing is counted twice in a clean check. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

/** Targets that are held against each other as sets of rows. */
const SETS: Record<string, readonly [columns: string, engine: string, select: string, read: string]> = {
  "collapsing": [
    "(ts DateTime('UTC'), id UInt64, v UInt64, sign Int8)",
    "CollapsingMergeTree(sign) ORDER BY id",
    "SELECT ts, id, v, toInt8(1) AS sign FROM d.s",
    "count(), sum(v * sign)",
  ],
  "versioned collapsing": [
    "(ts DateTime('UTC'), id UInt64, v UInt64, sign Int8)",
    "VersionedCollapsingMergeTree(sign, v) ORDER BY id",
    "SELECT ts, id, v, toInt8(1) AS sign FROM d.s",
    "count(), sum(v * sign)",
  ],
  "grouped within, ordered": [
    "(day Date, n UInt64)",
    "MergeTree ORDER BY day",
    "SELECT day, n FROM (SELECT toDate(ts) AS day, count() AS n FROM d.s GROUP BY day) ORDER BY n",
    "count(), sum(n)",
  ],
  "grouped within, plain": [
    "(day Date, n UInt64)",
    "MergeTree ORDER BY day",
    "SELECT day, n FROM (SELECT toDate(ts) AS day, count() AS n FROM d.s GROUP BY day)",
    "count(), sum(n)",
  ],
  "grouped, having": [
    "(day Date, n UInt64)",
    "MergeTree ORDER BY day",
    "SELECT toDate(ts) AS day, count() AS n FROM d.s GROUP BY day HAVING n > 0",
    "count(), sum(n)",
  ],
  "grouped, limit": [
    "(day Date, n UInt64)",
    "MergeTree ORDER BY day",
    "SELECT toDate(ts) AS day, count() AS n FROM d.s GROUP BY day LIMIT 100",
    "count(), sum(n)",
  ],
  "grouped, with totals beside": [
    "(day Date, n UInt64)",
    "MergeTree ORDER BY day",
    "SELECT toDate(ts) AS day, count() AS n FROM d.s GROUP BY day UNION ALL SELECT toDate(0) AS day, count() AS n FROM d.s",
    "count(), sum(n)",
  ],
  "grouped by two views of two kinds": [
    "(day Date, n UInt64)",
    "MergeTree ORDER BY day",
    "SELECT toDate(ts) AS day, count() AS n FROM d.s GROUP BY day",
    "count(), sum(n)",
  ],
};

/** Targets that add up what is no plain number. */
const TARGETS: Record<string, readonly [columns: string, engine: string, given: string, read: string]> = {
  "coalescing, SimpleAggregateFunction(sum)": [
    "total SimpleAggregateFunction(sum, UInt64)",
    "CoalescingMergeTree",
    "sum(v) AS total",
    "total",
  ],
  "coalescing, AggregateFunction(sum)": [
    "total AggregateFunction(sum, UInt64)",
    "CoalescingMergeTree",
    "sumState(v) AS total",
    "finalizeAggregation(total)",
  ],
  "summing, Nested …Map": [
    "hitsMap Nested(k UInt8, v UInt64)",
    "SummingMergeTree",
    "[1] AS `hitsMap.k`, [sum(v)] AS `hitsMap.v`",
    "hitsMap.k, hitsMap.v",
  ],
  "summing, Tuple": [
    "total Tuple(a UInt64, b UInt64)",
    "SummingMergeTree SETTINGS allow_tuple_element_aggregation = 1",
    "(sum(v), count()) AS total",
    "total",
  ],
  "summing, LowCardinality": [
    "total LowCardinality(UInt64)",
    "SummingMergeTree SETTINGS allow_suspicious_low_cardinality_types = 1",
    "sum(v) AS total",
    "total",
  ],
};

interface Case {
  readonly target: string;
  /** SELECT of each view that fills it. */
  readonly views: readonly string[];
  readonly read: string;
}

async function play(sites: TwoSites, { target, views, read }: Case): Promise<void> {
  await onBoth(
    sites,
    "DROP DATABASE IF EXISTS d SYNC",
    "CREATE DATABASE d",
    "CREATE TABLE d.s (ts DateTime('UTC'), id UInt64, v UInt64) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY id",
    "SYSTEM STOP MERGES d.s",
    `CREATE TABLE d.z ${target}`,
    "SYSTEM STOP MERGES d.z",
    ...views.map((select, at) => `CREATE MATERIALIZED VIEW d.mv${at} TO d.z AS ${select}`),
    "INSERT INTO d.s SELECT toDateTime('2026-01-01', 'UTC'), number, 1 FROM numbers(100)",
    "INSERT INTO d.s SELECT toDateTime('2026-01-01', 'UTC'), number, 1 FROM numbers(100, 10)",
  );
  await sites.dr.query("ALTER TABLE d.s DROP PART '202601_2_2_0'");
  await new Promise((resolve) => setTimeout(resolve, 2300));
  const report = await checkSites(sites, { settings: { settleSeconds: 1 } });
  await onBoth(sites, "SYSTEM START MERGES d.z", "OPTIMIZE TABLE d.z FINAL");
  if (!isClean(report)) return;
  const statement = `SELECT ${read} FROM d.z`;
  assert.equal(await sites.dr.query(statement), await sites.primary.query(statement));
}

Deno.test("views whose targets hold already what they would make are not fed once more", async (t) => {
  await using sites = await startTwoSites();
  for (const [name, [columns, engine, select, read]] of Object.entries(SETS)) {
    const another = name.includes("two views")
      ? ["SELECT toDate(ts) AS day, v AS n FROM d.s WHERE id > 1000000"]
      : [];
    await t.step(
      name,
      () => play(sites, { target: `${columns} ENGINE = ${engine}`, views: [select, ...another], read }),
    );
  }
  for (const [name, [columns, engine, given, read]] of Object.entries(TARGETS)) {
    const [kind, settings = ""] = engine.split(/(?= SETTINGS)/);
    const target = `(day Date, ${columns}) ENGINE = ${kind} ORDER BY day${settings}`;
    await t.step(
      name,
      () =>
        play(sites, { target, views: [`SELECT toDate(ts) AS day, ${given} FROM d.s GROUP BY day`], read }),
    );
  }
});
