/**
 * What is generated, and the tables of real products, between this engine and those of other versions: only with
 * `CH_SYNC_VERSIONS`, as it takes minutes.
 */
import assert from "node:assert/strict";
import { type FuzzFigures, fuzzSchemas } from "../fuzz/schema_property.ts";
import { SEED } from "../support/seed.ts";
import { PRODUCTS } from "../support/schemas/all.ts";
import type { SchemaFixture } from "../support/schemas/fixture.ts";
import { fill, play } from "../support/schemas/play.ts";
import { startTwoSites, type TwoSites, type TwoSitesOptions } from "../support/sites/two_sites.ts";
import { enginesOfThisRun, type OldEngine } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

const works = Deno.env.get("CH_SYNC_VERSIONS") === undefined
  ? []
  : (await enginesOfThisRun()).works.filter(({ slow }) => !slow);

const of = (engine: OldEngine) => ({ engine: frontOf(engine) });
const places: (readonly [string, TwoSitesOptions])[] = works.flatMap((engine, at) => [
  [`a passive site of ${engine.version}`, { dr: of(engine) }],
  [`an active site of ${engine.version}`, { primary: of(engine) }],
  ...works.slice(at + 1, at + 2).map((newer) =>
    [`${engine.version} and ${newer.version}`, { dr: of(engine), primary: of(newer) }] as const
  ),
]);

/** Whether both servers take all of it, and its rows; nothing of it stays. */
async function takes(sites: TwoSites, product: SchemaFixture): Promise<boolean> {
  const taken = await fill(sites, product).then(() => true, () => false);
  const databases = product.statements.flatMap((text) => /^CREATE DATABASE (\S+)$/.exec(text)?.[1] ?? []);
  for (const site of [sites.primary, sites.dr]) {
    for (const name of databases) await site.query(`DROP DATABASE IF EXISTS ${name}`);
  }
  return taken;
}

for (const [words, sites] of places) {
  Deno.test(`generated tables become the union of both sites: ${words}`, async () => {
    await using two = await startTwoSites(sites);
    const figures: FuzzFigures = { tables: 0, rows: 0, outcomes: {} };
    await fuzzSchemas(two, SEED, 12, figures, { older: true });
    assert.ok(figures.tables > 5, JSON.stringify(figures));
  });

  Deno.test(`tables of products hold what they can: ${words}`, async (t) => {
    await using two = await startTwoSites(sites);
    const taken: SchemaFixture[] = [];
    for (const product of PRODUCTS) if (await takes(two, product)) taken.push(product);
    assert.ok(taken.length > 0, `only ${taken.map(({ system }) => system)}`);
    const played = await play(two, taken);
    for (const { system, outcomes, left } of taken) {
      await t.step(system, () => assert.deepEqual(played.get(system), { outcomes, left }));
    }
  });
}
