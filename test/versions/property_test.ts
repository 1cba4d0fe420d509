/**
 * What is generated, and the tables of real products, between this engine and those of other versions. Each run takes a few
 * generated tables; the rest takes minutes, and is run with `CH_SYNC_VERSIONS`.
 */
import assert from "node:assert/strict";
import { isBefore } from "../../src/clickhouse/dialect/versions.ts";
import { type FuzzFigures, fuzzSchemas } from "../fuzz/schema_property.ts";
import { SEED } from "../support/seed.ts";
import { PRODUCTS } from "../support/schemas/all.ts";
import type { SchemaFixture } from "../support/schemas/fixture.ts";
import { fill, play } from "../support/schemas/play.ts";
import { startTwoSites, type TwoSites, type TwoSitesOptions } from "../support/sites/two_sites.ts";
import { siteOf } from "../support/versions/engine_of_run.ts";
import { enginesOfThisRun, type OldEngine } from "../support/versions/engines.ts";

const whole = Deno.env.get("CH_SYNC_VERSIONS") !== undefined;
const { works } = await enginesOfThisRun();

/** Sites, and of how many tables a check is made with them. */
type Place = readonly [words: string, sites: TwoSitesOptions, tables: number];

/** An engine that starts anew for each statement takes seconds for a table. */
const tablesOf = (...engines: readonly OldEngine[]) => engines.some(({ slow }) => slow) || !whole ? 3 : 12;
const passive = (engine: OldEngine): Place => [
  `a passive site of ${engine.version}`,
  { dr: siteOf(engine) },
  tablesOf(engine),
];
const active = (engine: OldEngine): Place => [
  `an active site of ${engine.version}`,
  { primary: siteOf(engine) },
  tablesOf(engine),
];
const between = (engine: OldEngine, newer: OldEngine): Place => [
  `${engine.version} and ${newer.version}`,
  { dr: siteOf(engine), primary: siteOf(newer) },
  tablesOf(engine, newer),
];

const places = whole
  ? works.flatMap((engine, at) => [
    passive(engine),
    active(engine),
    ...works.slice(at + 1, at + 2).map((newer) => between(engine, newer)),
  ])
  : [...works.slice(0, 1).map(passive), ...works.slice(-1).map(active)];

/**
 * Whether both servers take all of it, and its rows; nothing of it stays. JSON was an experiment before 25.3, with other texts
 * than since, and is refused then: `every_type_test.ts` holds that.
 */
async function takes(sites: TwoSites, product: SchemaFixture): Promise<boolean> {
  const versions = await Promise.all([sites.primary, sites.dr].map((site) => site.query("SELECT version()")));
  const json = product.statements.some((text) => /\bJSON\b/.test(text));
  if (json && versions.some((version) => isBefore(version, "25.3"))) return false;
  const taken = await fill(sites, product).then(() => true, () => false);
  const databases = product.statements.flatMap((text) => /^CREATE DATABASE (\S+)$/.exec(text)?.[1] ?? []);
  for (const site of [sites.primary, sites.dr]) {
    for (const name of databases) await site.query(`DROP DATABASE IF EXISTS ${name}`);
  }
  return taken;
}

for (const [words, sites, tables] of places) {
  Deno.test(`generated tables become the union of both sites: ${words}`, async () => {
    await using two = await startTwoSites(sites);
    const figures: FuzzFigures = { tables: 0, rows: 0, outcomes: {} };
    await fuzzSchemas(two, SEED, tables, figures, { older: true });
    assert.equal(figures.tables, tables, JSON.stringify(figures));
  });
}

for (const [words, sites] of whole ? places.filter(([, , tables]) => tables > 3) : []) {
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
