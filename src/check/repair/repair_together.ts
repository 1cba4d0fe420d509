/** Repairing many small partitions of one table together. Whatever stands in the way of one, it goes by itself. */
import type { PartitionPlan } from "../../model/plan.ts";
import type { OutcomesTogether, Repair } from "../../model/repair.ts";
import type { Finding } from "../../model/report.ts";
import type { SiteName } from "../../model/site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Admitted, Turns } from "../ports/writable_site.ts";
import { batchOverShards, batchPartitions } from "./batch_partitions.ts";
import { lacksSpace } from "./estimate_repair.ts";
import { failed, sayPlaced } from "./repair_findings.ts";
import { roleChanged } from "./role_changed.ts";
import type { SpaceHeld } from "./space_held.ts";

/**
 * @param doubtOf why what was compared cannot be believed any more; null: it can
 * @returns what is found of the partitions that were repaired, or may have been, by their ids; all others are as before
 */
export async function repairTogether(
  ports: CheckPorts,
  role: SiteName,
  plans: readonly PartitionPlan[],
  doubtOf: (repair: Repair) => Promise<Finding | null>,
  space: SpaceHeld,
  beside: Pick<Turns, "atATime" | "mayJoin">,
): Promise<Map<string, Finding>> {
  const after = new Map<string, Finding>();
  // What shards there hold of each other is looked at in each partition.
  if (ports.there.shards && !ports.here.shards) return after;
  const found = new Map(plans.map(({ partitionId, finding }) => [partitionId, finding]));
  const admitted: Admitted = (repairs) => admit(ports, role, repairs, doubtOf);
  for (const batch of (ports.here.shards ? batchOverShards : batchPartitions)(plans)) {
    if (ports.signal.aborted) break;
    const bytes = batch.reduce((sum, repair) => sum + repair.bytes, 0);
    const { here } = batch[0]!.pair;
    using _held = await space.hold(bytes, here, () => ports.here.freeBytes(here.id));
    // Asked before rows are read, and again before they are brought in.
    const repairs = await admitted(batch);
    if (repairs.length === 0) continue;
    const outcomes = await run(ports, role, repairs, admitted, beside);
    for (const repair of repairs) {
      const outcome = outcomes.get(repair.partitionId);
      const before = found.get(repair.partitionId);
      if (!outcome || !before) continue;
      await ports.observer.repaired(repair, outcome);
      const error = "error" in outcome ? outcome.error : outcome.kind;
      after.set(
        repair.partitionId,
        outcome.kind === "repaired"
          ? { ...sayPlaced(before, outcome), repaired: true }
          : failed(before, error),
      );
    }
  }
  return after;
}

/**
 * Which of these may be repaired now: none where repairs wait, this site is not the passive one, or its disks cannot take them
 * all. Why, is said of each as it goes by itself.
 */
async function admit(
  { signal, repairsWait, role: source, here }: CheckPorts,
  role: SiteName,
  repairs: readonly Repair[],
  doubtOf: (repair: Repair) => Promise<Finding | null>,
): Promise<readonly Repair[]> {
  const [first] = repairs;
  if (first === undefined || signal.aborted || await repairsWait() !== null) return [];
  if (await roleChanged(source, role) !== null) return [];
  const bytes = repairs.reduce((sum, repair) => sum + repair.bytes, 0);
  if (lacksSpace({ ...first, bytes }, await here.freeBytes(first.pair.here.id)) !== null) return [];
  const doubts = await Promise.all(repairs.map(doubtOf));
  return repairs.filter((_, at) => doubts[at] === null);
}

async function run(
  { here, observer, repairsWait, role: source, step = (_name, run) => run() }: CheckPorts,
  role: SiteName,
  repairs: readonly Repair[],
  admitted: Admitted,
  atATime: Pick<Turns, "atATime" | "mayJoin">,
): Promise<OutcomesTogether> {
  const [first, ...beside] = repairs as [Repair, ...Repair[]];
  observer.repairing(first, beside);
  const progress = {
    slice() {},
    written: (rows: number, bytes: number) => observer.written(first, rows, bytes),
  };
  const objection = async () => await repairsWait() ?? await roleChanged(source, role);
  const outcomes = await step(
    { kind: "repair", table: first.pair.name },
    () => here.repairTogether(repairs, progress, admitted, { ...atATime, objection }),
    (outcomes) => ({
      partitions: repairs.length,
      repaired: [...outcomes.values()].filter(({ kind }) => kind === "repaired").length,
    }),
  );
  if (!outcomes.has(first.partitionId)) observer.apart(first);
  return outcomes;
}
