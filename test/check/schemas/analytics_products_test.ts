/** The tables of Langfuse, Plausible and PostHog, after an outage. docs/schemas.md tells the operator. */
import assert from "node:assert/strict";
import { LANGFUSE } from "../../support/schemas/langfuse.ts";
import { PLAUSIBLE } from "../../support/schemas/plausible.ts";
import { POSTHOG } from "../../support/schemas/posthog.ts";
import { play, SITES } from "../../support/schemas/play.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("after an outage the tables of Langfuse, Plausible and PostHog hold what they can", async (t) => {
  const products = [LANGFUSE, PLAUSIBLE, POSTHOG];
  await using sites = await startTwoSites(SITES);
  const played = await play(sites, products);
  for (const { system, outcomes, left } of products) {
    await t.step(system, () => assert.deepEqual(played.get(system), { outcomes, left }));
  }
});
