/** Whatever gaps many small partitions have: together they are repaired to the union, each row as often as on either site. */
import assert from "node:assert/strict";
import type { Repair } from "../../../src/model/repair.ts";
import { fc } from "../../support/seed.ts";
import { checkSites, reasonsOf } from "../../support/sites/check_sites.ts";
import { assertNothingLeft } from "../../support/program/endings.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";
import { dailyTable, loadDays } from "../../support/data/many_days.ts";
import { onBoth } from "../../support/data/telemetry.ts";

const ROWS = 60;

/** Of one day, SQL over `n` of the rows that each site holds; and which ones it holds once more. */
const day = fc.oneof(
  { weight: 3, arbitrary: fc.constant(["1", "0"] as const) }, // absent here
  {
    weight: 4,
    arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => ["1", `n % 10 != ${n}`] as const),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0, max: ROWS }).map((n) => ["1", `n < ${n}`] as const),
  },
  // Rows that only this site has, and other ones missing.
  { weight: 1, arbitrary: fc.constant(["n % 20 != 1", "n % 20 != 2"] as const) },
  { weight: 1, arbitrary: fc.constant(["1", "1"] as const) },
  { weight: 1, arbitrary: fc.constant(["n % 2 = 0", "1"] as const) },
);
/** Days whose rows are twice at the active site, and once here. */
const twice = fc.array(fc.integer({ min: 0, max: 29 }), { maxLength: 3 });

Deno.test("gaps in many small partitions", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE p");
  let [run, together] = [0, 0];
  const property = fc.asyncProperty(
    fc.array(day, { minLength: 8, maxLength: 30 }),
    twice,
    async (days, twice) => {
      const table = `p.t${++run}`;
      await onBoth(sites, dailyTable(table));
      const where = (side: 0 | 1) => days.map((one, at) => `(day = ${at} AND ${one[side]})`).join(" OR ");
      await loadDays(primary, table, days.length, ROWS, where(0));
      await loadDays(dr, table, days.length, ROWS, where(1));
      const again = `day IN (${[-1, ...twice].join(", ")}) AND n % 15 = 0`;
      await loadDays(primary, table, days.length, ROWS, `(${again}) AND (${where(0)})`);
      const read = async (site: typeof dr) =>
        new Map(
          (await site.rows<{ row: string; times: string }>(
            `SELECT toString(tuple(*)) AS row, count() AS times FROM ${table} GROUP BY row`,
          )).map(({ row, times }) => [row, Number(times)]),
        );
      const [there, here] = [await read(primary), await read(dr)];
      const union = new Map(
        [...there.keys(), ...here.keys()].map((
          row,
        ) => [row, Math.max(there.get(row) ?? 0, here.get(row) ?? 0)]),
      );
      const options = {
        settings: { maxConflictPercent: 100 },
        only: [table],
        observer: {
          repairing: (_: Repair, beside: readonly Repair[] = []) => void (together += beside.length),
        },
      };
      const report = await checkSites(sites, options);
      assert.deepEqual([...await read(dr)].sort(), [...union].sort());
      assert.deepEqual([...await read(primary)].sort(), [...there].sort());
      assert.ok(!Object.values(reasonsOf(report)).includes("failed"));
      await assertNothingLeft(sites);
    },
  );
  await fc.assert(property, { numRuns: 6 });
  assert.ok(together > 0, "none was repaired together with others");
});
