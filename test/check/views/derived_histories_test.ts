/** Generated histories of views that come and go, of targets that are written to and rows that are lost: on two real sites. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isClean } from "../../../src/verdict/clean.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { type Site, startTwoSites } from "../../support/sites/two_sites.ts";

const TABLES = [
  "CREATE TABLE d.raw (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts",
  "CREATE TABLE d.copy (ts DateTime('UTC'), service String, v UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts",
  "CREATE TABLE d.sums (hour DateTime('UTC'), service String, n UInt64) ENGINE = SummingMergeTree " +
  "PARTITION BY toYYYYMM(hour) ORDER BY (hour, service)",
  "CREATE TABLE d.spans (service String, since DateTime('UTC'), until DateTime('UTC'), n UInt64) ENGINE = MergeTree " +
  "ORDER BY (service, since)",
];
const VIEWS = {
  copy: "CREATE MATERIALIZED VIEW d.to_copy TO d.copy AS SELECT ts, service, v FROM d.raw WHERE v % 3 != 0",
  sums:
    "CREATE MATERIALIZED VIEW d.to_sums TO d.sums AS SELECT toStartOfHour(ts) AS hour, service, count() AS n FROM d.raw " +
    "GROUP BY hour, service",
  spans:
    "CREATE MATERIALIZED VIEW d.to_spans TO d.spans AS SELECT service, min(ts) AS since, max(ts) AS until, " +
    "count() AS n FROM d.raw GROUP BY service",
} as const;
type Target = keyof typeof VIEWS;

/** What each target comes down to: a number by key. */
const MEASURES: Readonly<Record<Target, string>> = {
  copy: "SELECT toString(tuple(*)) AS k, count() AS n FROM d.copy GROUP BY k",
  sums: "SELECT toString((hour, service)) AS k, sum(n) AS n FROM d.sums GROUP BY hour, service",
  spans: "SELECT service AS k, sum(n) AS n FROM d.spans GROUP BY service",
};

/** A number by which some rows of a target are told from others. */
const PARTS: Readonly<Record<Target, string>> = {
  copy: "v",
  sums: "toHour(hour)",
  spans: "toUInt8(substring(service, 2))",
};

/** The same of the rows that the source holds. */
const MADE: Readonly<Record<Target, string>> = {
  copy: "SELECT toString((ts, service, v)) AS k, count() AS n FROM d.raw WHERE v % 3 != 0 GROUP BY k",
  sums: "SELECT toString((toStartOfHour(ts), service)) AS k, count() AS n FROM d.raw GROUP BY k",
  spans: "SELECT service AS k, count() AS n FROM d.raw GROUP BY k",
};

type Where = "both" | "primary" | "dr";
/** `{n}` stands for a number that no other step has. */
interface Step {
  readonly site: Where;
  readonly sql: string;
}

const target = fc.constantFrom<Target>("copy", "sums", "spans");
const day = fc.integer({ min: 1, max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom<Where>("both", "primary"), day).map(([site, day]) => ({
      site,
      sql:
        `INSERT INTO d.raw SELECT toDateTime('2026-01-0${day} 00:00:00', 'UTC') + number * 1800 + {n} * 7, ` +
        `concat('s', toString(number % 3)), number + {n} * 7 FROM numbers(30)`,
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom<Where>("dr", "primary"), target).map(([site, target]) => ({
      site,
      sql: `DROP TABLE IF EXISTS d.to_${target} SYNC`,
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom<Where>("dr", "primary", "both"), target).map(([site, target]) => ({
      site,
      sql: VIEWS[target].replace("VIEW", "VIEW IF NOT EXISTS"),
    })),
  },
  {
    weight: 1,
    arbitrary: day.map((day): Step => ({
      site: "primary",
      sql: `INSERT INTO d.copy VALUES ('2026-01-0${day} 05:00:0{n}', 'direct', {n})`,
    })),
  },
  {
    weight: 1,
    arbitrary: day.map((day): Step => ({
      site: "primary",
      sql: `INSERT INTO d.sums VALUES ('2026-01-0${day} 05:00:00', 's1', 3)`,
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(day, fc.integer({ min: 1, max: 3 })).map(([day, part]): Step => ({
      site: "dr",
      sql: part === 1
        ? `ALTER TABLE d.raw DROP PARTITION ID '2026010${day}'`
        : `ALTER TABLE d.raw DELETE WHERE toDayOfMonth(ts) = ${day} AND v % ${part} = 0 SETTINGS mutations_sync = 2`,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(target, fc.integer({ min: 2, max: 3 })).map(([target, part]): Step => ({
      site: "dr",
      sql: `ALTER TABLE d.${target} DELETE WHERE ${PARTS[target]} % ${part} = 0 SETTINGS mutations_sync = 2`,
    })),
  },
);

async function measure(site: Site, target: Target, by = MEASURES): Promise<Map<string, number>> {
  const rows = await site.rows<{ k: string; n: string | number }>(by[target]);
  return new Map(rows.map(({ k, n }) => [k, Number(n)]));
}

Deno.test("whatever became of views and their targets: nothing is doubled, and clean means that nothing is less here", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 9 }), async (steps) => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        ...TABLES,
        ...Object.values(VIEWS),
      );
      for (const [batch, { site, sql }] of steps.entries()) {
        if (site !== "dr") await primary.query(sql.replaceAll("{n}", String(batch)));
        if (site !== "primary") await dr.query(sql.replaceAll("{n}", String(batch)));
      }
      const again = Object.values(VIEWS).map((view) => view.replace("VIEW", "VIEW IF NOT EXISTS"));
      await onBoth(sites, ...again);
      const targets = Object.keys(VIEWS) as Target[];
      const before = new Map<Target, Map<string, number>>();
      for (const name of targets) before.set(name, await measure(dr, name));
      await checkSites(sites);
      await checkSites(sites);
      const report = await checkSites(sites);
      const clean = isClean(report);
      const said = findingsOf(report).map((
        { table, partitionId, cause, detail },
      ) => [table, partitionId, cause, detail]);
      const heldBack = said.some(([table, , cause]) => table === "d.raw" && cause === "fed_before");
      if (!heldBack) {
        assert.equal(await content(dr, "d.raw"), await content(primary, "d.raw"), JSON.stringify(said));
      }
      for (const name of targets) {
        const [here, there] = [await measure(dr, name), await measure(primary, name)];
        const made = await measure(dr, name, MADE);
        for (const [key, n] of here) {
          const most = Math.max(...[before.get(name)!, there, made].map((of) => of.get(key) ?? 0));
          assert.ok(
            n <= most,
            `${name} ${key}: ${n} here, ${most} before, there or made of the source\n${JSON.stringify(said)}`,
          );
        }
        if (!clean) continue;
        for (const [key, n] of there) {
          assert.ok(
            (here.get(key) ?? 0) >= n,
            `${name} ${key}: clean with ${here.get(key)} of ${n}\n${JSON.stringify(said)}`,
          );
        }
      }
      assert.equal(await dr.query("SELECT name FROM system.tables WHERE name LIKE '%chsync%'"), "");
    }),
    { numRuns: Number(Deno.env.get("CH_SYNC_RUNS") ?? 8) },
  );
});
