import { startOneSite } from "../support/sites/one_site.ts";
import { startTwoSites } from "../support/sites/two_sites.ts";
import { SEED } from "../support/seed.ts";
import * as hostile from "./hostile_inputs.ts";
import { hostileTables } from "./hostile_tables.ts";

/** Inputs of each kind; `deno task hostile` takes more. */
const RUNS = 60;

for (const kind of ["configuration", "environmentFile", "state", "texts", "secrets"] as const) {
  Deno.test(`hostile input: ${kind}`, () => hostile[kind](RUNS));
}

for (const kind of ["httpAnswers", "dnsAnswers"] as const) {
  Deno.test(`hostile input: ${kind}`, () => hostile[kind](RUNS));
}

Deno.test("hostile input: names and values in statements", async () => {
  await using one = await startOneSite();
  await hostile.quoting(one.site, 5 * RUNS);
});

Deno.test("hostile input: tables between two sites", async () => {
  await using sites = await startTwoSites();
  await hostileTables(sites, 12, SEED);
});
