/** This engine made to work as older ones by its profile: the old analyzer, and `compatibility`. */
import { startTwoSites } from "../support/sites/two_sites.ts";
import { mainJob } from "../support/versions/main_job.ts";

/** What each run takes; `CH_SYNC_VERSIONS=all` takes every one. */
const EVERY_RUN = ["23.8", "25.3"];
const ALL = ["23.8", "24.3", "24.8", "25.3", "25.8"];
const versions = Deno.env.get("CH_SYNC_VERSIONS") === "all" ? ALL : EVERY_RUN;

const WAYS: readonly Record<string, unknown>[] = [
  { enable_analyzer: 0 },
  ...versions.map((compatibility) => ({ compatibility })),
];

for (const profile of WAYS) {
  const way = Object.entries(profile).join(" ").replaceAll(",", " = ");
  const old = { sync: { profile } };
  for (
    const [where, sites] of [["here", { dr: old }], ["there", { primary: old }], ["at both", {
      primary: old,
      dr: old,
    }]] as const
  ) {
    Deno.test(`a passive site gets back what it missed with ${way} ${where}`, async () => {
      await using two = await startTwoSites(sites);
      await mainJob(two);
    });
  }
}
