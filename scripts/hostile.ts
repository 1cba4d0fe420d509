// deno-lint-ignore-file no-console -- what it prints is for the person who runs it
/**
 * `deno task hostile [--runs N] [--seed S] [--only KIND]`: N generated hostile inputs of each kind, and N / 50 tables. KIND is
 * the beginning of one, such as `lies`.
 */
import { parseArgs } from "node:util";
import * as hostile from "../test/fuzz/hostile_inputs.ts";
import { longLies } from "../test/fuzz/hostile_known.ts";
import { hostileLies, hostileSites, QUICK, SLOW } from "../test/fuzz/hostile_sites.ts";
import { startStand } from "../test/fuzz/hostile_stand.ts";
import { longTexts, takenOver } from "../test/fuzz/hostile_taken.ts";
import { hostileTables } from "../test/fuzz/hostile_tables.ts";
import { SEED } from "../test/support/seed.ts";
import { startTwoSites } from "../test/support/sites/two_sites.ts";

/** Tables of one check. */
const AT_ONCE = 30;
/** A question to a name server that answers nonsense waits until its time is over. */
const DNS_SHARE = 10;

/** Lies that are told in one go before the next seed is shown. */
const LIES_AT_ONCE = 250;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    runs: { type: "string", default: "2000" },
    seed: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const runs = Number(values.runs);
let seed = Number(values.seed ?? SEED);
let inputs = 0;
async function take(kind: string, count: number, property: (count: number) => unknown): Promise<void> {
  if (!kind.startsWith(values.only)) return;
  const started = performance.now();
  await property(count);
  inputs += count;
  console.log(`${kind}: ${count} inputs in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

await using sites = await startTwoSites();
await take("configuration", runs, hostile.configuration);
await take("files of variables", runs, hostile.environmentFile);
await take("state files", runs, hostile.state);
await take("names and errors, as they are shown", runs, hostile.texts);
await take("secrets amid text", runs, hostile.secrets);
await take("names and values in statements", runs, (count) => hostile.quoting(sites.primary, count));
await take("HTTP answers", runs, hostile.httpAnswers);
await take("DNS answers", Math.ceil(runs / DNS_SHARE), hostile.dnsAnswers);
await take("tables between two sites", Math.ceil(runs / 50), async (count) => {
  for (let left = count; left > 0; left -= AT_ONCE) {
    console.log(`seed ${seed}`);
    await hostileTables(sites, Math.min(AT_ONCE, left), seed++);
  }
});
await take("lies of a site: what is taken over", 50 * runs, (count) => {
  console.log(`seed ${seed}`);
  takenOver(count, seed);
  longTexts(Infinity, seed);
});
await using stand = await startStand();
for (const [modes, share] of [[QUICK, 1], [SLOW, 0.02]] as const) {
  await take(`lies of a site: ${modes.join(", ")}`, Math.ceil(runs * share), async (count) => {
    for (let left = count; left > 0; left -= LIES_AT_ONCE) {
      console.log(`seed ${seed}`);
      await hostileSites(stand, { lies: Math.min(LIES_AT_ONCE, left), modes, seed: seed++ });
    }
  });
}
await take("lies of a site: long texts", longLies(seed).length, async () => {
  const mode = { liar: "active", mode: "dry-run", user: "all rights", json: false } as const;
  await hostileLies(stand, longLies(seed), mode);
});
console.log(`${inputs} hostile inputs, and none got through.`);
