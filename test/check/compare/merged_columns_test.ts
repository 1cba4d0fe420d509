/** What engines that merge rows make of columns of every kind: no check is clean while a row that would change it is missing. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const DAY = "toDateTime('2026-01-01 00:00:00', 'UTC')";

interface Case {
  readonly engine: string;
  readonly columns: string;
  /** Inserted at both sites. */
  readonly both: readonly string[];
  /** At the active site alone; before what is inserted at both if `first`. */
  readonly active: readonly string[];
  readonly first?: boolean;
  readonly order?: string;
  readonly settings?: string;
  /** What is read in the end, once all is merged. */
  readonly read: string;
  /** Inserted at both after the check. */
  readonly after?: readonly string[];
}

const CASES: Record<string, Case> = {
  "summing, Nested …Map": {
    engine: "SummingMergeTree",
    columns: "hitsMap Nested(k UInt16, v UInt64)",
    both: ["[1], [10]"],
    active: ["[1], [10]"],
    read: "hitsMap.k, hitsMap.v",
  },
  "summing, LowCardinality(UInt64)": {
    settings: "allow_suspicious_low_cardinality_types = 1",
    engine: "SummingMergeTree",
    columns: "v LowCardinality(UInt64)",
    both: ["10"],
    active: ["10"],
    read: "v",
  },
  "summing, LowCardinality(Nullable(UInt64))": {
    settings: "allow_suspicious_low_cardinality_types = 1",
    engine: "SummingMergeTree",
    columns: "v LowCardinality(Nullable(UInt64))",
    both: ["10"],
    active: ["10"],
    read: "v",
  },
  "summing, Tuple with aggregated elements": {
    engine: "SummingMergeTree",
    columns: "v Tuple(a UInt64, b UInt64)",
    both: ["(1, 2)"],
    active: ["(1, 2)"],
    read: "v",
    settings: "allow_tuple_element_aggregation = 1",
  },
  "summing, Tuple": {
    engine: "SummingMergeTree",
    columns: "v Tuple(a UInt64, b UInt64)",
    both: ["(1, 2)"],
    active: ["(1, 2)"],
    read: "v",
  },
  "summing, Map": {
    engine: "SummingMergeTree",
    columns: "v Map(String, UInt64)",
    both: ["map('a', 1)"],
    active: ["map('a', 1)"],
    read: "v",
  },
  "summing, column within an expression of the sorting key": {
    engine: "SummingMergeTree",
    columns: "v UInt64",
    order: "(id, v > 0)",
    both: ["10"],
    active: ["10"],
    read: "v",
  },
  "summing, column within an expression of the sorting key, another one beside": {
    engine: "SummingMergeTree",
    columns: "v UInt64, w UInt64",
    order: "(id, v > 0)",
    both: ["10, 0"],
    active: ["10, 0"],
    read: "v, w",
  },
  "summing, Bool": {
    engine: "SummingMergeTree",
    columns: "v Bool",
    both: ["true"],
    active: ["true"],
    read: "toUInt8(v)",
  },
  "summing, Nullable(Decimal)": {
    engine: "SummingMergeTree",
    columns: "v Nullable(Decimal(18, 2))",
    both: ["1.5"],
    active: ["1.5"],
    read: "v",
  },
  "aggregating, avg": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(avg, UInt64)",
    both: ["arrayReduce('avgState', [toUInt64(10)])"],
    active: ["arrayReduce('avgState', [toUInt64(10)])"],
    after: ["arrayReduce('avgState', [toUInt64(40)])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, quantileExact": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(quantileExact, UInt64)",
    both: ["arrayReduce('quantileExactState', [toUInt64(10)])"],
    active: ["arrayReduce('quantileExactState', [toUInt64(10), 10])"],
    after: ["arrayReduce('quantileExactState', [toUInt64(40), 40])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, avg of floats": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(avg, Float64)",
    both: ["arrayReduce('avgState', [CAST(10, 'Float64')])"],
    active: ["arrayReduce('avgState', [CAST(10, 'Float64')])"],
    after: ["arrayReduce('avgState', [CAST(40, 'Float64')])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, avg of floats and NULL": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(avg, Nullable(Float64))",
    both: ["arrayReduce('avgState', [CAST(10, 'Nullable(Float64)')])"],
    active: ["arrayReduce('avgState', [CAST(10, 'Nullable(Float64)')])"],
    after: ["arrayReduce('avgState', [CAST(40, 'Nullable(Float64)')])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, stddevPop": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(stddevPop, UInt64)",
    both: ["arrayReduce('stddevPopState', [CAST(10, 'UInt64')])"],
    active: ["arrayReduce('stddevPopState', [CAST(10, 'UInt64')])"],
    after: ["arrayReduce('stddevPopState', [CAST(40, 'UInt64')])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, varSamp of short floats and NULL": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(varSamp, Nullable(Float32))",
    both: ["arrayReduce('varSampState', [CAST(10, 'Nullable(Float32)'), CAST(10, 'Nullable(Float32)')])"],
    active: ["arrayReduce('varSampState', [CAST(10, 'Nullable(Float32)'), CAST(10, 'Nullable(Float32)')])"],
    after: ["arrayReduce('varSampState', [CAST(40, 'Nullable(Float32)')])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, stddevPop of short floats": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(stddevPop, Float32)",
    both: ["arrayReduce('stddevPopState', [CAST(10, 'Float32')])"],
    active: ["arrayReduce('stddevPopState', [CAST(10, 'Float32')])"],
    after: ["arrayReduce('stddevPopState', [CAST(40, 'Float32')])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, argMax": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(argMax, String, UInt32)",
    both: ["arrayReduce('argMaxState', ['up'], [toUInt32(5)])"],
    active: ["arrayReduce('argMaxState', ['up'], [toUInt32(10)])"],
    after: ["arrayReduce('argMaxState', ['down'], [toUInt32(7)])"],
    read: "finalizeAggregation(v)",
  },
  "aggregating, Tuple of SimpleAggregateFunction": {
    engine: "AggregatingMergeTree",
    columns: "v Tuple(a SimpleAggregateFunction(sum, UInt64))",
    both: ["tuple(1)"],
    active: ["tuple(1)"],
    read: "v",
    settings: "allow_tuple_element_aggregation = 1",
  },
  "coalescing, SimpleAggregateFunction(sum)": {
    engine: "CoalescingMergeTree",
    columns: "v SimpleAggregateFunction(sum, UInt64)",
    both: ["2"],
    active: ["1"],
    first: true,
    read: "v",
  },
  "coalescing, SimpleAggregateFunction(max)": {
    engine: "CoalescingMergeTree",
    columns: "v SimpleAggregateFunction(max, UInt64)",
    both: ["2"],
    active: ["7"],
    first: true,
    read: "v",
  },
  "coalescing, AggregateFunction(sum)": {
    engine: "CoalescingMergeTree",
    columns: "v AggregateFunction(sum, UInt64)",
    both: ["arrayReduce('sumState', [toUInt64(2)])"],
    active: ["arrayReduce('sumState', [toUInt64(1)])"],
    first: true,
    read: "finalizeAggregation(v)",
  },
  "coalescing, Array": {
    engine: "CoalescingMergeTree",
    columns: "v Array(UInt8)",
    both: ["[2]"],
    active: ["[1]"],
    first: true,
    read: "v",
  },
  "coalescing, Nested …Map": {
    engine: "CoalescingMergeTree",
    columns: "hitsMap Nested(k UInt16, v UInt64)",
    both: ["[2], [10]"],
    active: ["[1], [10]"],
    first: true,
    read: "hitsMap.k, hitsMap.v",
  },
  "coalescing, Tuple of Nullable": {
    engine: "CoalescingMergeTree",
    columns: "v Tuple(a Nullable(UInt8), b Nullable(UInt8))",
    both: ["(NULL, 2)"],
    active: ["(1, NULL)"],
    first: true,
    read: "v",
    settings: "allow_tuple_element_aggregation = 1",
  },
  "coalescing, Tuple": {
    engine: "CoalescingMergeTree",
    columns: "v Tuple(a Nullable(UInt8), b Nullable(UInt8))",
    both: ["(NULL, 2)"],
    active: ["(1, NULL)"],
    first: true,
    read: "v",
  },
  "coalescing, Map": {
    engine: "CoalescingMergeTree",
    columns: "v Map(String, UInt8)",
    both: ["map('b', 2)"],
    active: ["map('a', 1)"],
    first: true,
    read: "v",
  },
  "coalescing, LowCardinality(Nullable)": {
    engine: "CoalescingMergeTree",
    columns: "v LowCardinality(Nullable(String))",
    both: ["NULL"],
    active: ["'a'"],
    first: true,
    read: "v",
  },
  "coalescing, Dynamic": {
    engine: "CoalescingMergeTree",
    columns: "v Dynamic",
    both: ["NULL"],
    active: ["'a'"],
    first: true,
    read: "v",
  },
  "coalescing, Variant": {
    engine: "CoalescingMergeTree",
    columns: "v Variant(String, UInt8)",
    both: ["NULL"],
    active: ["'a'"],
    first: true,
    read: "v",
  },
  "summing by columns, Nested …Map": {
    engine: "SummingMergeTree(hitsMap)",
    columns: "hitsMap Nested(k UInt16, v UInt64)",
    both: ["[1], [10]"],
    active: ["[1], [10]"],
    read: "hitsMap.k, hitsMap.v",
  },
  "aggregating, argMin SimpleState": {
    engine: "AggregatingMergeTree",
    columns: "v AggregateFunction(argMin, String, UInt32), n SimpleAggregateFunction(sum, UInt64)",
    both: ["arrayReduce('argMinState', ['up'], [toUInt32(5)]), 0"],
    active: ["arrayReduce('argMinState', ['up'], [toUInt32(2)]), 0"],
    after: ["arrayReduce('argMinState', ['down'], [toUInt32(3)]), 0"],
    read: "finalizeAggregation(v)",
  },
  "summing, AggregateFunction(avg)": {
    engine: "SummingMergeTree",
    columns: "v AggregateFunction(avg, UInt64), n UInt8",
    both: ["arrayReduce('avgState', [toUInt64(10)]), 1"],
    active: ["arrayReduce('avgState', [toUInt64(10)]), 0"],
    after: ["arrayReduce('avgState', [toUInt64(40)]), 1"],
    read: "finalizeAggregation(v)",
  },
  "summing, sum of zeros beside a state": {
    engine: "SummingMergeTree",
    columns: "v AggregateFunction(sum, UInt64), n Int8",
    both: ["arrayReduce('sumState', [toUInt64(10)]), 0"],
    active: ["arrayReduce('sumState', [toUInt64(10)]), 0"],
    read: "finalizeAggregation(v)",
  },
  "summing, zeros beside a Nested …Map": {
    engine: "SummingMergeTree",
    columns: "n Int8, hitsMap Nested(k UInt16, v UInt64)",
    both: [],
    active: ["0, [1], [10]"],
    read: "n, hitsMap.v",
  },
  "summing, zeros beside SimpleAggregateFunction(max)": {
    engine: "SummingMergeTree",
    columns: "v SimpleAggregateFunction(max, UInt64), n Int8",
    both: ["5, 0"],
    active: ["7, 0"],
    read: "v, n",
  },
  "summing, zeros beside a Nested …Map, both": {
    engine: "SummingMergeTree",
    columns: "n Int8, hitsMap Nested(k UInt16, v UInt64)",
    both: ["0, [1], [10]"],
    active: ["0, [2], [10]"],
    read: "n, hitsMap.k, hitsMap.v",
  },
  "summing, zeros beside Tuple": {
    engine: "SummingMergeTree",
    columns: "n Int8, v Tuple(a UInt64)",
    settings: "allow_tuple_element_aggregation = 1",
    both: ["0, tuple(1)"],
    active: ["0, tuple(2)"],
    read: "n, v",
  },
  "summing by columns, AggregateFunction beside": {
    engine: "SummingMergeTree(n)",
    columns: "n UInt8, v AggregateFunction(sum, UInt64)",
    both: ["1, arrayReduce('sumState', [toUInt64(10)])"],
    active: ["1, arrayReduce('sumState', [toUInt64(10)])"],
    read: "n, finalizeAggregation(v)",
  },
};

Deno.test("engines that merge rows put together more than numbers and last values", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d");
  const cases = Object.entries(CASES).map(([name, one], index) => ({ name, table: `d.t${index}`, ...one }));
  for (const { table, engine, columns, order = "id", settings, both, active, first } of cases) {
    const all = [
      ...engine === "AggregatingMergeTree" ? ["allow_dimensions_outside_sorting_key = 1"] : [],
      ...settings ? [settings] : [],
    ];
    await onBoth(
      sites,
      `CREATE TABLE ${table} (ts DateTime('UTC'), id UInt64, ${columns}) ENGINE = ${engine} PARTITION BY toYYYYMM(ts) ` +
        `ORDER BY ${order}${all.length > 0 ? ` SETTINGS ${all.join(", ")}` : ""}`,
      `SYSTEM STOP MERGES ${table}`,
    );
    const insert = async (site: typeof dr, rows: readonly string[]) => {
      for (const row of rows) {
        await site.query(`INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES (${DAY}, 1, ${row})`);
      }
    };
    if (first) await insert(primary, active);
    for (const site of [primary, dr]) await insert(site, both);
    if (!first) await insert(primary, active);
  }
  await new Promise((resolve) => setTimeout(resolve, 2300));
  const report = await checkSites(sites, { settings: { settleSeconds: 1 } });
  for (const { name, table, read, after = [] } of cases) {
    await t.step(name, async () => {
      const found = report.tables.find((of) => of.table === table)!;
      for (const row of after) {
        await onBoth(
          sites,
          `INSERT INTO ${table} SETTINGS optimize_on_insert = 0 VALUES (${DAY}, 1, ${row})`,
        );
      }
      await onBoth(sites, `SYSTEM START MERGES ${table}`, `OPTIMIZE TABLE ${table} FINAL`);
      if (!isClean({ ...report, tables: [found] })) return;
      const statement = `SELECT ${read} FROM ${table}`;
      assert.equal(
        await dr.query(statement),
        await primary.query(statement),
        JSON.stringify(found.findings[0]?.detail),
      );
    });
  }
});
