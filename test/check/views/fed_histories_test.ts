/** Whatever came and went: what the targets of views hold here is every row that was counted, once. On two real sites. */
import assert from "node:assert/strict";
import type { CheckReport } from "../../../src/model/report.ts";
import { isClean } from "../../../src/verdict/clean.ts";
import { casesOf } from "../../support/cases.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { fc } from "../../support/seed.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { type Site, startTwoSites, type TwoSites } from "../../support/sites/two_sites.ts";

const RAW =
  "CREATE TABLE h.raw (ts DateTime('UTC'), id UInt32, k UInt8, v UInt64 DEFAULT cityHash64(id)) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY id";
/** No two sets of rows come to the same sums by chance. */
const WEIGHT = "sum(cityHash64(id) % 1000000007) AS w";
const TARGETS = {
  totals: [
    "CREATE TABLE h.totals (k UInt8, n UInt64, w UInt64) ENGINE = SummingMergeTree ORDER BY k",
    `CREATE MATERIALIZED VIEW h.to_totals TO h.totals AS SELECT k, count() AS n, ${WEIGHT} FROM h.raw GROUP BY k`,
  ],
  months: [
    "CREATE TABLE h.months (month Date, k UInt8, n UInt64, w UInt64) ENGINE = SummingMergeTree PARTITION BY month ORDER BY (month, k)",
    `CREATE MATERIALIZED VIEW h.to_months TO h.months AS SELECT toStartOfMonth(ts) AS month, k, count() AS n, ${WEIGHT} ` +
    "FROM h.raw GROUP BY month, k",
    "CREATE TABLE h.grand (k UInt8, n UInt64, w UInt64) ENGINE = SummingMergeTree ORDER BY k",
    "CREATE MATERIALIZED VIEW h.to_grand TO h.grand AS SELECT k, sum(n) AS n, sum(w) AS w FROM h.months GROUP BY k",
  ],
  days: [
    "CREATE TABLE h.days (day Date, k UInt8, n SimpleAggregateFunction(sum, UInt64), w SimpleAggregateFunction(sum, UInt64)) " +
    "ENGINE = AggregatingMergeTree ORDER BY (k, day)",
    `CREATE MATERIALIZED VIEW h.to_days TO h.days AS SELECT toDate(ts) AS day, k, count() AS n, ${WEIGHT} FROM h.raw GROUP BY day, k`,
  ],
} as const;
type Name = keyof typeof TARGETS;
const NAMES = ["totals", "months", "days"] as const satisfies readonly Name[];

const KEYS = 2;
const day = fc.constantFrom(1, 2, 3);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("insert" as const),
      at: fc.constantFrom("both", "both", "primary", "primary", "dr"),
      day,
      rows: fc.integer({ min: 1, max: 12 }),
    }, { noNullPrototype: true }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("drop" as const, "delete" as const),
      day,
      key: fc.nat({ max: KEYS - 1 }),
    }, { noNullPrototype: true }),
  },
  /** As a TTL would: the targets keep what both sites have forgotten. */
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("expire" as const), day }, { noNullPrototype: true }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const history = fc.record({
  targets: fc.subarray([...NAMES], { minLength: 1 }),
  rounds: fc.array(fc.array(step, { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
}, { noNullPrototype: true });

const idOf = (day: number) => `2026010${day}`;

/** The rows of each partition of a site. */
async function rowsOf(site: Site): Promise<Map<string, Set<number>>> {
  const rows = await site.rows<{ part: string; ids: number[] }>(
    "SELECT _partition_id AS part, groupArray(id) AS ids FROM h.raw GROUP BY part",
  );
  for (const { ids } of rows) assert.equal(new Set(ids).size, ids.length, "rows are doubled");
  return new Map(rows.map(({ part, ids }) => [part, new Set(ids)]));
}

/** What targets come to, and what those rows come to. */
async function held(site: Site, target: string): Promise<string> {
  return await site.query(
    `SELECT k, sum(n), sum(w) FROM h.${target} GROUP BY k HAVING sum(n) > 0 ORDER BY k`,
  );
}

async function comesTo(site: Site, ids: ReadonlySet<number>): Promise<string> {
  return await site.query(
    `SELECT id % ${KEYS} AS k, count(), sum(cityHash64(id) % 1000000007) FROM (SELECT arrayJoin(CAST([${
      [...ids].join(", ")
    }], 'Array(UInt32)')) AS id) GROUP BY k ORDER BY k`,
  );
}

class Model {
  #next = 1;
  /** Rows that each target here has counted. */
  readonly counted: Map<string, Set<number>>;
  /** Rows that came to the active site. */
  readonly there = new Set<number>();
  /** Rows have left the source here. */
  lossy = false;

  constructor(targets: readonly Name[]) {
    const names = targets.flatMap((name) => name === "months" ? ["months", "grand"] : [name]);
    this.counted = new Map(names.map((name) => [name, new Set()]));
  }

  async play({ primary, dr }: TwoSites, step: Step): Promise<void> {
    if (step.kind !== "insert") {
      this.lossy = true;
      const sql = step.kind === "delete"
        ? `ALTER TABLE h.raw DELETE WHERE k = ${step.key} AND toDayOfMonth(ts) = ${step.day} SETTINGS mutations_sync = 2`
        : `ALTER TABLE h.raw DROP PARTITION ID '${idOf(step.day)}'`;
      for (const site of step.kind === "expire" ? [primary, dr] : [dr]) await site.query(sql);
      return;
    }
    const ids = Array.from({ length: step.rows }, () => this.#next++);
    const sql =
      `INSERT INTO h.raw (ts, id, k) SELECT '2026-01-0${step.day} 00:00:00', arrayJoin([${ids}]) AS id, id % ${KEYS}`;
    if (step.at !== "dr") await primary.query(sql);
    if (step.at !== "primary") await dr.query(sql);
    for (const id of ids) {
      if (step.at !== "dr") this.there.add(id);
      if (step.at !== "primary") { for (const some of this.counted.values()) some.add(id); }
    }
  }

  /** What the check did is what it said, and no target has got a row twice. */
  async follow(
    { dr }: TwoSites,
    before: ReadonlyMap<string, ReadonlySet<number>>,
    report: CheckReport,
  ): Promise<void> {
    const found = findingsOf(report);
    for (const [partition, ids] of await rowsOf(dr)) {
      const came = [...ids].filter((id) => !before.get(partition)?.has(id));
      if (came.length === 0) continue;
      const finding = found.find((one) => one.table === "h.raw" && one.partitionId === partition);
      const past = finding?.detail.includes("past the views") ?? false;
      for (const [target, counted] of this.counted) {
        const had = came.filter((id) => counted.has(id));
        assert.deepEqual(had, past ? came : [], `${target} ${partition}, ${past ? "past the views" : "fed"}`);
        for (const id of came) counted.add(id);
      }
    }
    for (const [target, counted] of this.counted) {
      const whole = found.some(({ table, repaired }) => table === `h.${target}` && repaired);
      if (whole) this.counted.set(target, new Set(this.there));
      const say = `${target}: ${found.map(({ table, detail }) => `${table} ${detail}`).join("; ")}`;
      assert.equal(await held(dr, target), await comesTo(dr, whole ? this.there : counted), say);
    }
  }
}

Deno.test("generated histories of inserts, losses and repairs: no target counts a row twice, or misses one that was fed", async () => {
  await using sites = await startTwoSites();
  await fc.assert(
    fc.asyncProperty(history, async ({ targets, rounds }) => {
      const tables = targets.flatMap((name) => TARGETS[name]);
      await onBoth(sites, "DROP DATABASE IF EXISTS h SYNC", "CREATE DATABASE h", RAW, ...tables);
      const model = new Model(targets);
      for (const steps of rounds) {
        for (const step of steps) await model.play(sites, step);
        const before = await rowsOf(sites.dr);
        const report = await checkSites(sites);
        await model.follow(sites, before, report);
        if (model.lossy) continue;
        assert.ok(isClean(report), findingsOf(report).map(({ detail }) => detail).join("; "));
        const here = await rowsOf(sites.dr);
        for (const [partition, ids] of await rowsOf(sites.primary)) {
          assert.deepEqual([...ids].filter((id) => !here.get(partition)?.has(id)), []);
        }
      }
    }),
    { numRuns: casesOf("fedHistories") },
  );
});
