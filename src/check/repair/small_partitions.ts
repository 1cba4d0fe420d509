/** Which partitions of a table are repaired beside each other: a small one is many statements, most of which wait for the one before. */
import type { PartitionPlan } from "../../model/plan.ts";
import { fitsTimes } from "./batch_partitions.ts";

/**
 * The plans in their order, cut into runs: small ones next to each other are one, and each large one is one of its own.
 *
 * @param atATime how many of a run are repaired at a time: together they are no more than is repaired together elsewhere
 */
export function runsOfSmall(plans: readonly PartitionPlan[], atATime: number): PartitionPlan[][] {
  const runs: PartitionPlan[][] = [];
  let open = false;
  for (const plan of plans) {
    const small = atATime > 1 && (plan.repair === null || fitsTimes(plan.repair.repair, atATime));
    if (small && open) runs.at(-1)!.push(plan);
    else runs.push([plan]);
    open = small;
  }
  return runs;
}
