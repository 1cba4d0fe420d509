// deno-lint-ignore-file no-console -- what it prints is for the person who runs it
/** `deno task fuzz [--runs N] [--seed S]`: generated tables by the hundred, until one is not made whole. */
import { parseArgs } from "node:util";
import { type FuzzFigures, fuzzSchemas } from "../test/fuzz/schema_property.ts";
import { SEED } from "../test/support/seed.ts";
import { startTwoSites } from "../test/support/sites/two_sites.ts";

/** Tables of one check. */
const AT_ONCE = 50;

const { values } = parseArgs({
  args: Deno.args,
  options: { runs: { type: "string", default: "1000" }, seed: { type: "string" } },
});
const runs = Number(values.runs);
let seed = Number(values.seed ?? SEED);
const figures: FuzzFigures = { tables: 0, rows: 0, outcomes: {} };
const started = performance.now();
await using sites = await startTwoSites();
for (let left = runs; left > 0; left -= AT_ONCE) {
  await fuzzSchemas(sites, seed, Math.min(AT_ONCE, left), figures);
  seed += AT_ONCE;
  console.log(
    `${figures.tables} of ${runs} tables, ${figures.rows} rows, next seed ${seed}: ${
      JSON.stringify(figures.outcomes)
    }`,
  );
}
console.log(`Done in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
