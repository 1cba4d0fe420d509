/** Views that join tables which, by other views, wait for the very table that would wait for them. On two real sites. */
import assert from "node:assert/strict";
import { isClean } from "../../../src/verdict/clean.ts";
import { content, onBoth } from "../../support/data/telemetry.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

const events = (name: string) =>
  `CREATE TABLE d.${name} (ts DateTime('UTC'), k UInt32) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY (k, ts)`;
const pairs = (name: string) =>
  `CREATE TABLE d.${name} (k UInt32, one DateTime('UTC'), two DateTime('UTC')) ENGINE = MergeTree ORDER BY (k, one, two)`;
const joins = (name: string, source: string, partner: string, target: string) =>
  `CREATE MATERIALIZED VIEW d.${name} TO d.${target} AS SELECT s.k AS k, ` +
  (source < partner ? "s.ts AS one, p.ts AS two" : "p.ts AS one, s.ts AS two") +
  ` FROM d.${source} AS s INNER JOIN d.${partner} AS p ON s.k = p.k`;
const insert = (table: string, from: number, to: number) =>
  `INSERT INTO d.${table} SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + number * 60, number FROM numbers(${from}, ${
    to - from
  })`;

const CIRCLES: Readonly<
  Record<string, { readonly made: readonly string[]; readonly tables: readonly string[] }>
> = {
  "each joins the other": {
    made: [
      events("a"),
      events("b"),
      pairs("both"),
      joins("of_a", "a", "b", "both"),
      joins("of_b", "b", "a", "both"),
    ],
    tables: ["a", "b"],
  },
  "three in a ring": {
    made: [
      ...["a", "b", "c"].map(events),
      pairs("both"),
      joins("of_a", "a", "b", "both"),
      joins("of_b", "b", "c", "both"),
      joins("of_c", "c", "a", "both"),
    ],
    tables: ["a", "b", "c"],
  },
};

Deno.test("tables that views join in a circle do not wait for each other for ever", async (t) => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  for (const [name, { made, tables }] of Object.entries(CIRCLES)) {
    await t.step(name, async () => {
      await onBoth(sites, "DROP DATABASE IF EXISTS d SYNC", "CREATE DATABASE d", ...made);
      for (const table of tables) await onBoth(sites, insert(table, 0, 100));
      for (const table of tables) await primary.query(insert(table, 100, 300));
      await checkSites(sites);
      for (const table of tables) {
        assert.equal(await content(dr, `d.${table}`), await content(primary, `d.${table}`), table);
      }
      if (tables.length === 2) {
        // Each pair is made once, when the later of the two comes.
        assert.equal(await content(dr, "d.both"), await content(primary, "d.both"));
      }
      assert.ok(isClean(await checkSites(sites)));
    });
  }

  await t.step("a joined table that the same rows fill", async () => {
    await onBoth(
      sites,
      "DROP DATABASE IF EXISTS d SYNC",
      "CREATE DATABASE d",
      events("a"),
      "CREATE TABLE d.first (k UInt32, ts DateTime('UTC')) ENGINE = ReplacingMergeTree ORDER BY k",
      "CREATE MATERIALIZED VIEW d.to_first TO d.first AS SELECT k, ts FROM d.a",
      pairs("both"),
      joins("of_a", "a", "first", "both"),
      insert("a", 0, 100),
    );
    await primary.query(insert("a", 100, 300));
    const report = await checkSites(sites);
    assert.equal(
      await content(dr, "d.a"),
      await content(primary, "d.a"),
      JSON.stringify(findingsOf(report).map(({ detail }) => detail)),
    );
  });
});
