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
import type { Result } from "./bench/measuring.ts";
import { makeReplicatedTables, measureReplicatedTables } from "./bench/replicated_tables.ts";
import { makeTables, measureDistance, measureGrowth, measureQuiet } from "./bench/quiet_checks.ts";
import { measureManyTables } from "./bench/many_tables.ts";
import { measureOutage } from "./bench/outage.ts";
import { measureSmallPartitions } from "./bench/small_partitions.ts";
import { measureDigest, measureRepairs, prepare } from "./bench/repairs.ts";

const [rows = 2_500_000, runs = 5, tables = 200, partitions = 100, sharded = 1_000_000] = Deno.args.map(
  Number,
);

function say({ name, against, theirs, ours, ratio, goal }: Result): void {
  const wanted = Number.isNaN(goal) ? "" : `${goal} x`;
  console.log(`| ${name} | ${against} | ${theirs} | ${ours} | ${ratio.toFixed(3)} x | ${wanted} |`);
}

const HEADER = "| case | against | takes | ch-sync | ratio | goal |\n|---|---|---|---|---|---|";
console.log(HEADER);
let size: string;
{
  await using sites = await startTwoSites();
  size = await prepare(sites, rows);
  for (const result of await measureRepairs(sites, runs)) say(result);
  say(await measureDigest(sites, runs));
}
{
  await using sites = await startTwoSites();
  for (const result of await measureSmallPartitions(sites, runs)) say(result);
}
{
  await using sites = await startTwoSites();
  for (const result of await measureManyTables(sites, tables, 10, 2000, runs)) say(result);
}
{
  await using sites = await startTwoSites();
  say(await measureOutage(sites, 50, 240_000, Math.min(runs, 3)));
}
{
  await using sites = await startTwoSites();
  await makeTables(sites, tables, partitions);
  say(await measureQuiet(sites, tables, runs, `${tables} tables of ${partitions} partitions`));
  console.log(`\nThe same at 200 ms latency: ${await measureDistance(sites, 200)}`);
}
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
{
  await using sites = await startTwoSites();
  for (const partitions of [10_000, 100_000, 1_000_000]) {
    console.log(`A check over ${partitions} proven partitions: ${await measureGrowth(sites, partitions)}`);
  }
}
console.log(
  `\n${rows} wide rows a day (${size} on disk), ${runs} runs, ${navigator.hardwareConcurrency} cores`,
);
