/** The tables of SigNoz, the OpenTelemetry collector and ClickStack, after an outage. docs/schemas.md tells the operator. */
import assert from "node:assert/strict";
import { SIGNOZ } from "../../support/schemas/signoz.ts";
import { OTEL } from "../../support/schemas/otel.ts";
import { CLICKSTACK } from "../../support/schemas/clickstack.ts";
import { play, SITES } from "../../support/schemas/play.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("after an outage the tables of SigNoz, the OpenTelemetry collector and ClickStack hold what they can", async (t) => {
  const products = [SIGNOZ, OTEL, CLICKSTACK];
  await using sites = await startTwoSites(SITES);
  const played = await play(sites, products);
  for (const { system, outcomes, left } of products) {
    await t.step(system, () => assert.deepEqual(played.get(system), { outcomes, left }));
  }
});
