// deno-lint-ignore-file no-console
/**
 * Measures ch-sync against what an operator would otherwise type or script. Both sites run on this machine, so that
 * every digest of either takes time from the other; figures are medians of ratios within one run.
 *
 * Usage: deno task bench [rows of a day] [runs] [tables] [partitions of each] [rows over shards]
 */
import { startReplicatedSites } from "../test/support/sites/replicated_sites.ts";
import { startTwoSites } from "../test/support/sites/two_sites.ts";
import { makeShards, measureShards, QUERY_LOG } from "./bench/clusters.ts";
import { measureShardRepairs } from "./bench/cluster_repairs.ts";
import { CASES } from "./bench/cases.ts";
import { onlySeconds, type Result } from "./bench/measuring.ts";
import { makeReplicatedTables, measureReplicatedTables } from "./bench/replicated_tables.ts";

const [rows = 2_500_000, runs = 5, tables = 200, partitions = 100, sharded = 1_000_000] = Deno.args.map(
  Number,
);

function say({ name, against, theirs, ours, ratio, goal }: Result): void {
  console.log(`| ${name} | ${against} | ${theirs} | ${ours} | ${ratio.toFixed(3)} x | ${goal} |`);
}

const HEADER = "| case | against | takes | ch-sync | ratio | goal |\n|---|---|---|---|---|---|";
console.log(HEADER);
const said: string[] = [];
for (const measure of CASES) {
  await using sites = await startTwoSites();
  for (const told of await measure(sites, { rows, runs, tables, partitions }, onlySeconds)) {
    if (typeof told === "string") said.push(told);
    else say(told);
  }
}
for (const sentence of said) console.log(`\n${sentence}`);
{
  await using sites = await startReplicatedSites({ shards: 2, primary: QUERY_LOG, dr: QUERY_LOG });
  await makeShards(sites, sharded);
  console.log(`\n${sharded} rows over two shards:\n\n${HEADER}`);
  for (const result of await measureShards(sites, runs)) say(result);
  for (const result of await measureShardRepairs(sites, runs)) say(result);
}
{
  await using sites = await startReplicatedSites({ primary: QUERY_LOG, dr: QUERY_LOG });
  await makeReplicatedTables(sites, tables);
  console.log(
    `\nA quiet check of ${tables} tables:\n\n| site | statements | CPU seconds of all servers | takes |\n|---|---|---|---|`,
  );
  for (const line of await measureReplicatedTables(sites, tables, runs)) console.log(line);
}
console.log(`\n${runs} runs, ${navigator.hardwareConcurrency} cores`);
