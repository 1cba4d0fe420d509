/** The tables of Jaeger, gigapipe, Uptrace and Coroot, after an outage. docs/schemas.md tells the operator. */
import assert from "node:assert/strict";
import { JAEGER } from "../../support/schemas/jaeger.ts";
import { GIGAPIPE } from "../../support/schemas/gigapipe.ts";
import { UPTRACE } from "../../support/schemas/uptrace.ts";
import { COROOT } from "../../support/schemas/coroot.ts";
import { play, SITES } from "../../support/schemas/play.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("after an outage the tables of Jaeger, gigapipe, Uptrace and Coroot hold what they can", async (t) => {
  const products = [JAEGER, GIGAPIPE, UPTRACE, COROOT];
  await using sites = await startTwoSites(SITES);
  const played = await play(sites, products);
  for (const { system, outcomes, left } of products) {
    await t.step(system, () => assert.deepEqual(played.get(system), { outcomes, left }));
  }
});
