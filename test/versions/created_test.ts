/** Tables that an engine of another version created, and that this one creates after it; and the other way round. */
import assert from "node:assert/strict";
import { checkSites, findingsOf, reasonsOf } from "../support/sites/check_sites.ts";
import { startTwoSites, type TwoSites } from "../support/sites/two_sites.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";

const CREATED: Readonly<Record<string, string>> = {
  /** This engine refuses it as it is. */
  sums:
    "(ts DateTime('UTC'), host String, k UInt64, n SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree " +
    "PARTITION BY toYYYYMM(ts) ORDER BY k COMMENT 'sums'",
  plain: "(ts DateTime('UTC'), k Nullable(UInt64), n UInt64 DEFAULT (ifNull(k, 0) + 1)) ENGINE = MergeTree " +
    "PARTITION BY (toYYYYMM(ts)) ORDER BY tuple((ts))",
};

/** Creates tables at the active site, which is of this version, and has ch-sync create them at the other one. */
async function createAfter(version: string, sites: TwoSites): Promise<void> {
  const { primary, dr } = sites;
  await primary.query("CREATE DATABASE d");
  for (const [name, definition] of Object.entries(CREATED)) {
    const refused = name === "sums" && Number(version) >= 26.7;
    const more = refused ? " SETTINGS allow_dimensions_outside_sorting_key = 1 COMMENT" : " COMMENT";
    await primary.query(`CREATE TABLE d.${name} ${definition.replace(" COMMENT", more)}`);
  }
  await primary.query("INSERT INTO d.sums VALUES ('2026-01-01 00:00:00', 'h', 1, 5)");
  await primary.query("INSERT INTO d.plain (ts, k) VALUES ('2026-01-01 00:00:00', NULL)");
  // What is shown is what the passive server takes, as it stands.
  const shown = findingsOf(await checkSites(sites, { dryRun: true })).flatMap(({ sql }) => sql);
  assert.equal(shown.length, 4);
  for (const statement of shown) await dr.query(statement);
  await dr.query("DROP DATABASE d");
  const report = await checkSites(sites, { settings: { autoCreateTables: true } });
  assert.deepEqual(reasonsOf(report), {
    "d.plain 202601": "missing, repaired",
    "d.sums 202601": "missing, repaired",
  });
  assert.equal(await dr.query("SELECT * FROM d.sums"), await primary.query("SELECT * FROM d.sums"));
  assert.deepEqual(reasonsOf(await checkSites(sites)), {});
}

for (const engine of (await enginesOfThisRun()).works) {
  Deno.test(`tables that ${engine.version} created are created after it`, async () => {
    await using sites = await startTwoSites({ primary: { engine: frontOf(engine) } });
    await createAfter(engine.version, sites);
  });

  Deno.test(`tables that this version created are created by ${engine.version}`, async () => {
    await using sites = await startTwoSites({ dr: { engine: frontOf(engine) } });
    await createAfter("26.7", sites);
  });
}
