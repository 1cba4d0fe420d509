import assert from "node:assert/strict";
import { type FuzzFigures, fuzzSchemas } from "../fuzz/schema_property.ts";
import { casesOf } from "../support/cases.ts";
import { SEED } from "../support/seed.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";

Deno.test("tables of generated columns, keys and names become the union of both sites", async () => {
  await using sites = await startTwoSites();
  const figures: FuzzFigures = { tables: 0, rows: 0, outcomes: {} };
  await fuzzSchemas(sites, SEED, casesOf("schemas"), figures);
  for (const outcome of ["missing, repaired", "partial, repaired", "surplus"]) {
    assert.ok((figures.outcomes[outcome] ?? 0) > 0, JSON.stringify(figures));
  }
});
