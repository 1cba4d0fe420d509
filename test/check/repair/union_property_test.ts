/** Whatever rows two sites hold: after a repair the passive one holds the union, each row as often as on either. */
import assert from "node:assert/strict";
import { casesOf } from "../../support/cases.ts";
import { fc } from "../../support/seed.ts";
import { checkSites, findingsOf } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

/** A row by few values, so that identical ones and near twins are common. */
const row = fc.record({
  minute: fc.integer({ min: 0, max: 2000 }),
  service: fc.constantFrom(null, "", "a", "b"),
  value: fc.constantFrom(null, 0, 1),
  attributes: fc.constantFrom("{}", "{'k':'1'}", "{'k':'1','l':'2'}", "{'l':'2','k':'1'}"),
});

function values(rows: readonly Record<string, unknown>[]): string {
  return rows.map(({ minute, service, value, attributes }) =>
    `(toDateTime('2026-01-01 00:00:00', 'UTC') + ${minute} * 60, ${
      service === null ? "NULL" : `'${service}'`
    }, ${value === null ? "NULL" : value}, ${attributes})`
  ).join(", ");
}

Deno.test("a repaired table holds every row as often as the site that held it more often", async () => {
  await using sites = await startTwoSites();
  let run = 0;
  for (const site of [sites.primary, sites.dr]) await site.query("CREATE DATABASE p");
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 60 }),
      fc.array(row, { maxLength: 60 }),
      fc.array(row, { maxLength: 60 }),
      async (both, primaryOnly, drOnly) => {
        const table = `p.t${++run}`;
        for (const [site, rows] of [[sites.primary, primaryOnly], [sites.dr, drOnly]] as const) {
          await site.query(
            `CREATE TABLE ${table} (ts DateTime('UTC'), service Nullable(String), value Nullable(Int32), ` +
              `attributes Map(String, String)) ENGINE = MergeTree PARTITION BY toYYYYMMDD(ts) ORDER BY ts`,
          );
          if (both.length > 0) await site.query(`INSERT INTO ${table} VALUES ${values(both)}`);
          if (rows.length > 0) await site.query(`INSERT INTO ${table} VALUES ${values(rows)}`);
        }
        const counts =
          `SELECT ts, service, value, toString(mapSort(attributes)) AS attributes, count() AS times ` +
          `FROM ${table} GROUP BY ALL ORDER BY ts, service, value, attributes`;
        const key = (r: Record<string, unknown>) => JSON.stringify([r.ts, r.service, r.value, r.attributes]);
        const read = async (site: typeof sites.dr) =>
          new Map((await site.rows<Record<string, unknown>>(counts)).map((r) => [key(r), Number(r.times)]));
        const [there, here] = [await read(sites.primary), await read(sites.dr)];
        const union = new Map([...new Set([...there.keys(), ...here.keys()])].map((
          k,
        ) => [k, Math.max(there.get(k) ?? 0, here.get(k) ?? 0)]));

        const options = { settings: { maxConflictPercent: 100 }, only: [table] };
        const report = await checkSites(sites, options);
        assert.deepEqual(findingsOf(report).filter(({ reason }) => reason === "failed"), []);
        const repaired = await read(sites.dr);
        assert.deepEqual([...repaired].sort(), [...union].sort());
        assert.deepEqual([...await read(sites.primary)], [...there]);

        const again = await checkSites(sites, { ...options, dryRun: true });
        assert.deepEqual(findingsOf(again).filter(({ reason }) => reason !== "surplus"), []);
        for (const site of [sites.primary, sites.dr]) await site.query(`DROP TABLE ${table} SYNC`);
      },
    ),
    { numRuns: casesOf("unions") },
  );
});
