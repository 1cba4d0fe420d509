/** The main job between this engine and those of other versions, either way round. */
import { startTwoSites } from "../support/sites/two_sites.ts";
import { enginesOfThisRun } from "../support/versions/engines.ts";
import { frontOf } from "../support/versions/front_server.ts";
import { mainJob } from "../support/versions/main_job.ts";

for (const engine of enginesOfThisRun()) {
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
