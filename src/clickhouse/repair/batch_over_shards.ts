/** Repairing several small partitions of a site of shards: one statement copies all of them, each is proven and brought in by itself. */
import type { OutcomesTogether, RepairOutcome } from "../../model/repair.ts";
import type { Turns } from "../../check/ports/writable_site.ts";
import type { Connection } from "../http/connection.ts";
import type { ShardsRepairOptions } from "./shard_share.ts";
import { ShardsRepair } from "./shards_repair.ts";
import { dropEverywhere, stageOverShards } from "./stage_over_shards.ts";

/**
 * Never throws. What went wrong before rows were brought in is not told: each partition goes by itself then. Those that are proven
 * and brought in beside each other share what they ask the servers.
 *
 * @param each of one table, and alike but for the repair
 */
export async function repairBatchOverShards(
  each: readonly ShardsRepairOptions[],
  { atATime, mayJoin }: Pick<Turns, "atATime" | "mayJoin">,
): Promise<OutcomesTogether> {
  const [first] = each as readonly [ShardsRepairOptions];
  const began = performance.now();
  const outcomes = new Map<string, RepairOutcome>();
  const queryIds: string[] = [];
  const batch = each.map(({ repair }) => repair);
  const copied = await stageOverShards({ ...first, batch }, async (connection, statement, options) => {
    queryIds.push(await connection.command(statement, options));
  }).catch(() => null);
  if (copied === null) return outcomes;
  const repairs: ShardsRepair[] = [];
  while (repairs.length < each.length) {
    const from = repairs.length;
    const beside = each.slice(from, from + (await mayJoin() ? atATime : 1));
    await Promise.all(beside.map(async (options, at) => {
      const shared = { ...copied, queryIds, number: from + at };
      const repair = new ShardsRepair({ ...options, shared });
      repairs.push(repair);
      const outcome = await repair.run();
      if (!repair.mayHaveAdded) return;
      const seconds = Math.round((performance.now() - began) / each.length) / 1000;
      const { repair: { partitionId } } = options;
      outcomes.set(partitionId, outcome.kind === "repaired" ? { ...outcome, seconds } : outcome);
    }));
  }
  const left = new Set<Connection>(repairs.flatMap((repair) => [...repair.left]));
  await dropEverywhere(first.shards.filter(({ connection }) => !left.has(connection)), copied.staging);
  // The marks outlive the staging tables: while these are there, rows may come from them.
  await Promise.all(repairs.map((repair) => repair.release()));
  return outcomes;
}
