/** Rows whose time does not tell when they arrived, of today by a date or of the future, on two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { onBoth } from "../../support/data/telemetry.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

/** Of a table that is written to all the time: what both sites hold, the active one alone, and this one alone. */
interface Case {
  readonly table: string;
  readonly both: string;
  readonly there: string;
  readonly here?: string;
  /** Old rows of the active site alone that a merge takes away again. */
  readonly unmerged?: string;
}

const OLD = "FROM numbers(1000)";
const FUTURE = "toDateTime(now() + 86400 * 300)";
const PAST = "toDateTime(now() - 86400 * 30)";
const PLAIN = "(id UInt64, ends DateTime) ENGINE = MergeTree ORDER BY (id, ends)";
const REPLACING = "(id UInt64, ends DateTime, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY (id, ends)";

const CASES: Readonly<Record<string, Case>> = {
  "future rows, alone": {
    table: PLAIN,
    both: `SELECT number, ${PAST} ${OLD}`,
    there: `SELECT number, ${FUTURE} ${OLD}`,
  },
  "future rows, and an old one that only this site has": {
    table: PLAIN,
    both: `SELECT number, ${PAST} ${OLD}`,
    there: `SELECT number, ${FUTURE} ${OLD}`,
    here: `SELECT 5000, ${PAST}`,
  },
  "future rows, and old ones that this site lacks": {
    table: PLAIN,
    both: `SELECT number, ${PAST} ${OLD}`,
    there: `SELECT number, ${FUTURE} ${OLD} UNION ALL SELECT 6000, ${PAST}`,
  },
  "future rows, and as many others here": {
    table: PLAIN,
    both: `SELECT number, ${PAST} ${OLD}`,
    there: `SELECT number, ${FUTURE} ${OLD}`,
    here: `SELECT number + 5000, ${FUTURE} ${OLD}`,
  },
  "future rows, and as many others here, and old ones that this site lacks": {
    table: PLAIN,
    both: `SELECT number, ${PAST} ${OLD}`,
    there: `SELECT number, ${FUTURE} ${OLD} UNION ALL SELECT 6000, ${PAST}`,
    here: `SELECT number + 5000, ${FUTURE} ${OLD}`,
  },
  "rows of today, and an old one that only this site has": {
    table: "(d Date, id UInt64) ENGINE = MergeTree ORDER BY (d, id)",
    both: `SELECT today() - 30, number ${OLD}`,
    there: `SELECT today(), number ${OLD}`,
    here: "SELECT today() - 30, 5000",
  },
  "rows of today, Replacing": {
    table: "(d Date, id UInt64, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY (d, id)",
    both: `SELECT today() - 30, number, 1 ${OLD}`,
    there: `SELECT today(), number, 1 ${OLD}`,
    unmerged: "SELECT today() - 30, number, 0 FROM numbers(10)",
  },
  "future rows, Replacing": {
    table: REPLACING,
    both: `SELECT number, ${PAST}, 1 ${OLD}`,
    there: `SELECT number, ${FUTURE}, 1 ${OLD}`,
    unmerged: `SELECT number, ${PAST}, 0 FROM numbers(10)`,
  },
  "future rows, Replacing, and an old one that only this site has": {
    table: REPLACING,
    both: `SELECT number, ${PAST}, 1 ${OLD}`,
    there: `SELECT number, ${FUTURE}, 1 ${OLD}`,
    here: `SELECT 5000, ${PAST}, 1`,
  },
  "future rows, Replacing, and an old one that this site lacks": {
    table: REPLACING,
    both: `SELECT number, ${PAST}, 1 ${OLD}`,
    there: `SELECT number, ${FUTURE}, 1 ${OLD} UNION ALL SELECT 6000, ${PAST}, 1`,
  },
  "future rows, Collapsing": {
    table: "(id UInt64, ends DateTime, s Int8) ENGINE = CollapsingMergeTree(s) ORDER BY (id, ends)",
    both: `SELECT number, ${PAST}, 1 ${OLD}`,
    there: `SELECT number, ${FUTURE}, 1 ${OLD}`,
    unmerged: `SELECT 7000, ${PAST}, arrayJoin([1, -1])`,
  },
  "future rows, Aggregating": {
    table:
      "(id UInt64, ends DateTime, m SimpleAggregateFunction(max, UInt64)) ENGINE = AggregatingMergeTree ORDER BY (id, ends)",
    both: `SELECT number, ${PAST}, 1 ${OLD}`,
    there: `SELECT number, ${FUTURE}, 1 ${OLD}`,
    unmerged: `SELECT number, ${PAST}, 0 FROM numbers(10)`,
  },
};

Deno.test("a check is not clean while rows differ of which no time tells that they are still arriving", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [name, { table, both, there, here, unmerged }] of Object.entries(CASES)) {
    await t.step(name, async () => {
      await onBoth(
        sites,
        "DROP DATABASE IF EXISTS d SYNC",
        "CREATE DATABASE d",
        `CREATE TABLE d.t ${table}`,
        `INSERT INTO d.t ${both}`,
        "SYSTEM STOP MERGES d.t",
      );
      await primary.query(`INSERT INTO d.t SETTINGS optimize_on_insert = 0 ${there}`);
      if (unmerged) await primary.query(`INSERT INTO d.t SETTINGS optimize_on_insert = 0 ${unmerged}`);
      if (here) await dr.query(`INSERT INTO d.t ${here}`);
      const report = await checkSites(sites);
      const found = findingsOf(report);
      assert.ok(!isClean(report), found.map(({ reason, detail }) => `${reason}: ${detail}`).join());
      assert.ok(found.every(({ reason }) => reason !== "failed"), found.map(({ detail }) => detail).join());
      if (name.endsWith("lacks")) {
        assert.equal(await dr.query("SELECT count() FROM d.t WHERE id = 6000"), "1\n");
      }
    });
  }
  await t.step("the same ones at both sites are no difference", async () => {
    await onBoth(
      sites,
      "DROP DATABASE IF EXISTS d SYNC",
      "CREATE DATABASE d",
      `CREATE TABLE d.t ${PLAIN}`,
      `INSERT INTO d.t SELECT number, toDateTime(number % 2 ? '2026-01-01' : '2100-01-01') ${OLD}`,
    );
    const report = await checkSites(sites);
    assert.ok(isClean(report), findingsOf(report).map(({ reason, detail }) => `${reason}: ${detail}`).join());
  });
});
