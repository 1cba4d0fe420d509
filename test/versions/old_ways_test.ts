/** This engine made to work as older ones by its profile: the old analyzer, and `compatibility`. */
import { startTwoSites } from "../support/sites/two_sites.ts";
import { mainJob } from "../support/versions/main_job.ts";

/** Each run takes the two that are farthest from today's, at both sites; `CH_SYNC_VERSIONS=all` takes all, at either site too. */
const whole = Deno.env.get("CH_SYNC_VERSIONS") === "all";

const WAYS: readonly Record<string, unknown>[] = [
  { enable_analyzer: 0 },
  ...(whole ? ["23.8", "24.3", "24.8", "25.3", "25.8"] : ["23.8"]).map((compatibility) => ({
    compatibility,
  })),
];

for (const profile of WAYS) {
  const way = Object.entries(profile).join(" ").replaceAll(",", " = ");
  const old = { sync: { profile } };
  const places = [["here", { dr: old }], ["there", { primary: old }], ["at both", {
    primary: old,
    dr: old,
  }]] as const;
  for (const [where, sites] of whole ? places : places.slice(-1)) {
    Deno.test(`a passive site gets back what it missed with ${way} ${where}`, async () => {
      await using two = await startTwoSites(sites);
      await mainJob(two);
    });
  }
}
