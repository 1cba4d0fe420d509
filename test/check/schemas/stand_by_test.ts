/** Two sites of which only the active one's writer writes. docs/schemas.md advises it where each writer draws ids of its own. */
import assert from "node:assert/strict";
import { PRODUCTS } from "../../support/schemas/all.ts";
import { SITES, standBy } from "../../support/schemas/play.ts";
import { startTwoSites } from "../../support/sites/two_sites.ts";

Deno.test("what one writer wrote is the same at both sites, ids and stamps included", async (t) => {
  const products = PRODUCTS.filter(({ standby }) => standby !== undefined);
  assert.ok(products.length > 3);
  await using sites = await startTwoSites(SITES);
  const played = await standBy(sites, products);
  for (const { system, standby } of products) {
    await t.step(system, () => assert.deepEqual(played.get(system), standby));
  }
});
