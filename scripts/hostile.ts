// deno-lint-ignore-file no-console -- what it prints is for the person who runs it
/** `deno task hostile [--runs N]`: N generated hostile inputs of each kind, and N / 50 tables. */
import { parseArgs } from "node:util";
import * as hostile from "../test/fuzz/hostile_inputs.ts";
import { hostileTables } from "../test/fuzz/hostile_tables.ts";
import { startTwoSites } from "../test/sites/two_sites.ts";

/** Tables of one check. */
const AT_ONCE = 30;
/** A question to a name server that answers nonsense waits until its time is over. */
const DNS_SHARE = 10;

const { values } = parseArgs({ args: Deno.args, options: { runs: { type: "string", default: "2000" } } });
const runs = Number(values.runs);
let inputs = 0;
async function take(kind: string, count: number, property: (count: number) => unknown): Promise<void> {
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
  let seed = Math.floor(Math.random() * 2 ** 30);
  for (let left = count; left > 0; left -= AT_ONCE) {
    console.log(`seed ${seed}`);
    await hostileTables(sites, Math.min(AT_ONCE, left), seed++);
  }
});
console.log(`${inputs} hostile inputs, and none got through.`);
