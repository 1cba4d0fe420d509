/** The main job between this engine and those of other versions, either way round, and between two others, as the doctor names them. */
import assert from "node:assert/strict";
import { OLDEST } from "../../src/clickhouse/dialect/versions.ts";
import { environmentOf, installChSync } from "../support/program/ch_sync.ts";
import { checkSites } from "../support/sites/check_sites.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { areApart, enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";
import { mainJob } from "../support/versions/main_job.ts";

const { works, refused } = await enginesOfThisRun();

for (const engine of works) {
  const other = { engine: frontOf(engine) };
  Deno.test(`a passive site of ${engine.version} gets back what it missed`, async () => {
    await using sites = await startTwoSites({ dr: other });
    await mainJob(sites);
  });

  Deno.test(`an active site of ${engine.version} gives what the passive one missed`, async () => {
    await using sites = await startTwoSites({ primary: other });
    await mainJob(sites);
  });
}

/** As most sites are, and as no pair with this engine is: both lack the same. */
for (const engine of Deno.env.get("CH_SYNC_VERSIONS") === undefined ? [] : works) {
  Deno.test(`a passive site gets back what it missed, both of ${engine.version}`, async () => {
    await using sites = await startTwoSites({
      dr: { engine: frontOf(engine) },
      primary: { engine: frontOf(engine) },
    });
    await mainJob(sites);
  });
}

for (const [at, engine] of works.slice(1).entries()) {
  const older = works[at]!;
  if (areApart(older, engine)) continue;
  Deno.test(`a passive site of ${older.version} gets back what it missed from one of ${engine.version}`, async () => {
    await using sites = await startTwoSites({
      dr: { engine: frontOf(older) },
      primary: { engine: frontOf(engine) },
    });
    await mainJob(sites);
    await using chSync = await installChSync(environmentOf("dr", sites.dr, sites.primary));
    const { code, stdout } = await chSync.run(["--doctor"]);
    assert.equal(code, 0, stdout);
    // Both of the pair by name, and neither as one that ch-sync is not tested with.
    const pair = `${older.version}\\.\\S+ here, ${engine.version}\\.\\S+ at the other site`;
    assert.match(stdout, new RegExp(`^warning +versions: ${pair}`, "m"));
    assert.doesNotMatch(stdout, /is not among those that ch-sync is tested with/);
  });
}

for (const older of works) {
  for (const newer of works.filter((one) => areApart(older, one))) {
    for (const [passive, active] of [[older, newer], [newer, older]] as const) {
      Deno.test(`a passive site of ${passive.version} is not compared with one of ${active.version}: a sentence says which to upgrade`, async () => {
        await using sites = await startTwoSites({
          dr: { engine: frontOf(passive) },
          primary: { engine: frontOf(active) },
        });
        const report = await checkSites(sites);
        assert.match(report.error ?? "", /code 452\); .*before 24\.3 .*26\.9 .*upgrade the older one/);
        assert.doesNotMatch(report.error ?? "", /constraint \(const/);
        assert.deepEqual(report.tables, []);
      });
    }
  }
}

for (const engine of refused) {
  for (const site of ["dr", "primary"] as const) {
    Deno.test(`${engine.version} is refused with a sentence as the ${site} site, before anything else`, async () => {
      await using sites = await startTwoSites({ [site]: { engine: frontOf(engine) } });
      const report = await checkSites(sites);
      const words = `${engine.version}.*ClickHouse ${OLDEST} and newer.*\\(${
        site === "dr" ? "local" : "remote"
      } site\\)`;
      assert.match(report.error ?? "", new RegExp(words));
      assert.deepEqual(report.tables, []);
    });
  }
}
