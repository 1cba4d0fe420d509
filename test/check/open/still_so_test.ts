/** What a check ends with where something was otherwise when it began. */
import assert from "node:assert/strict";
import { load, onBoth, telemetryTable } from "../../support/data/telemetry.ts";
import { checkSites } from "../../support/sites/check_sites.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("a server of this site that was restarted in mid-check, without rows that had been compared: not clean", async () => {
  await using sites = await startTwoSites();
  const { primary, dr } = sites;
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.a"), telemetryTable("d.z"));
  for (const site of [primary, dr]) {
    await load(site, "d.a", "2026-01-01", 1000, "number < 900");
    await load(site, "d.a", "2026-01-01", 1000, "number >= 900");
    await load(site, "d.z", "2026-01-01", 1000);
  }
  let compared = 0;
  const report = await checkSites(sites, {
    settings: { maxConcurrentTables: 1 },
    wrap: (ports) => {
      const digests = ports.there.digests.bind(ports.there);
      ports.there.digests = async (request) => {
        const answer = await digests(request);
        // The active site takes its time for the last table; this site's server dies meanwhile.
        if (++compared === 2) {
          const [part] = await dr.rows<{ path: string }>(
            "SELECT path FROM system.parts WHERE database = 'd' AND table = 'a' AND active AND rows = 100",
          );
          await dr.server.kill();
          Deno.removeSync(part!.path, { recursive: true }); // not yet on disk
          await dr.restart();
        }
        return answer;
      };
      return ports;
    },
  });
  assert.equal(await dr.query("SELECT count() FROM d.a"), "900\n");
  assert.equal(report.outcome, "failed");
  assert.match(report.error ?? "", /started anew in mid-check/);
});

Deno.test("a check that ends at the active site was not completed", async () => {
  await using sites = await startTwoSites();
  await onBoth(sites, "CREATE DATABASE d", telemetryTable("d.t"));
  await load(sites.primary, "d.t", "2026-01-01", 100);
  await load(sites.dr, "d.t", "2026-01-01", 100);
  let asked = 0;
  const report = await checkSites(sites, { active: () => ++asked > 1 ? "dr" : "primary" });
  assert.equal(report.outcome, "failed");
  assert.match(report.error ?? "", /the active site is dr now/);
});
