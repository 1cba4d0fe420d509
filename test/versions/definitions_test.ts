/** The same definition is no drift, however two versions print it; another one is. */
import assert from "node:assert/strict";
import { fc, SEED } from "../support/seed.ts";
import { checkSites } from "../support/sites/check_sites.ts";
import type { TwoSites } from "../support/sites/two_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { CHANGES, type Definition, definition, written } from "../support/versions/definitions.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;

interface Case {
  readonly there: Definition;
  readonly here: Definition;
  /** What was changed here. */
  readonly change: string;
  /** How it is written: by these ways in turn. */
  readonly ways: readonly number[];
}

const cases: fc.Arbitrary<Case> = fc.record({
  there: definition,
  change: fc.constantFrom(...Object.keys(CHANGES)),
  ways: fc.array(fc.nat(11), { minLength: 7, maxLength: 31 }),
}).map((made) => ({ ...made, here: CHANGES[made.change]!(made.there) }))
  // `a - a` may be turned round.
  .filter(({ there, here }) => written(there, () => 1) !== written(here, () => 1));

/** In turn, begun anew for each site, so that they write the same differently. */
function choosing(ways: readonly number[], from: number): (count: number) => number {
  let at = from;
  return (count) => ways[at++ % ways.length]! % count;
}

/** Creates a table at both sites; false: one of them does not take it. */
async function created(
  { primary, dr }: TwoSites,
  name: string,
  there: Definition,
  here: Definition,
  ways: readonly number[],
) {
  const both = await Promise.allSettled([
    primary.query(`CREATE TABLE ${name} ${written(there, choosing(ways, 0))}`),
    dr.query(`CREATE TABLE ${name} ${written(here, choosing(ways, 3))}`),
  ]);
  if (both.every(({ status }) => status === "fulfilled")) return true;
  for (const site of [primary, dr]) await site.query(`DROP TABLE IF EXISTS ${name}`);
  return false;
}

const { works } = await enginesOfThisRun();

for (const engine of whole ? works : works.slice(0, 1)) {
  for (const side of whole ? ["dr", "primary"] as const : ["dr"] as const) {
    Deno.test(`definitions mean the same, or not, with ${engine.version} as the ${side} site`, async () => {
      await using sites = await startTwoSites({ [side]: { engine: frontOf(engine) } });
      for (const site of [sites.primary, sites.dr]) await site.query("CREATE DATABASE d");
      const all = fc.sample(cases, { numRuns: engine.slow ? 15 : whole ? 80 : 40, seed: SEED });
      const made: string[] = [];
      for (const [at, { there, here, ways }] of all.entries()) {
        if (await created(sites, `d.same${at}`, there, there, ways)) made.push(`d.same${at}`);
        if (await created(sites, `d.other${at}`, there, here, ways)) made.push(`d.other${at}`);
      }
      assert.ok(made.length > all.length, `only ${made.length} of ${2 * all.length} tables were created`);
      const report = await checkSites(sites);
      assert.equal(report.error, null);
      const said = new Map(report.tables.map(({ table, findings, warnings }) => [table, [
        ...findings.map(({ reason, detail }) => `${reason}: ${detail}`),
        ...warnings,
      ]]));
      const wrong = made.filter((name) => (said.get(name)!.length > 0) !== name.startsWith("d.other"));
      const words = await Promise.all(wrong.map(async (name) => [
        `${name}: ${all[Number(name.replace(/\D/g, ""))]!.change}: ${said.get(name)!.join("; ")}`,
        ...await Promise.all(
          [sites.dr, sites.primary].map((site) => site.query(`SHOW CREATE TABLE ${name}`)),
        ),
      ]));
      assert.deepEqual(words.flat(), []);
    });
  }
}
