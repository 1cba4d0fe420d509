/** Repairing many small partitions of one table together. Whatever stands in the way of one, it goes by itself. */
import type { PartitionPlan } from "../../model/plan.ts";
import type { OutcomesTogether, Repair } from "../../model/repair.ts";
import type { Finding } from "../../model/report.ts";
import { otherSite, type SiteName } from "../../model/site.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { Admitted } from "../ports/writable_site.ts";
import { type AtATime, sideBySide } from "../plan/tables_at_a_time.ts";
import { batchPartitions } from "./batch_partitions.ts";
import { lacksSpace } from "./estimate_repair.ts";
import { failed } from "./repair_findings.ts";
import type { SpaceHeld } from "./space_held.ts";

/**
 * One group waits for the marks and the parts of its partitions while another one's rows are copied.
 *
 * @param doubtOf why what was compared cannot be believed any more; null: it can
 * @returns what is found of the partitions that were repaired, or may have been, by their ids; all others are as before
 */
export async function repairTogether(
  ports: CheckPorts,
  role: SiteName,
  plans: readonly PartitionPlan[],
  doubtOf: (repair: Repair) => Promise<Finding | null>,
  space: SpaceHeld,
  { workers, join }: Pick<AtATime, "workers" | "join">,
): Promise<Map<string, Finding>> {
  const after = new Map<string, Finding>();
  // Of several shards, which of them a row belongs on, and what they hold of each other, is looked at in each partition.
  if (ports.here.shards || ports.there.shards) return after;
  const found = new Map(plans.map(({ partitionId, finding }) => [partitionId, finding]));
  const admitted: Admitted = (repairs) => admit(ports, role, repairs, doubtOf);
  await sideBySide(batchPartitions(plans), workers, join, async (batch) => {
    if (ports.signal.aborted) return;
    const bytes = batch.reduce((sum, repair) => sum + repair.bytes, 0);
    const { here } = batch[0]!.pair;
    using _held = await space.hold(bytes, here, () => ports.here.freeBytes(here.id));
    // Asked before rows are read, and again before they are brought in.
    const repairs = await admitted(batch);
    if (repairs.length === 0) return;
    const outcomes = await run(ports, repairs, admitted);
    for (const repair of repairs) {
      const outcome = outcomes.get(repair.partitionId);
      const before = found.get(repair.partitionId);
      if (!outcome || !before) continue;
      await ports.observer.repaired(repair, outcome);
      const error = "error" in outcome ? outcome.error : outcome.kind;
      after.set(
        repair.partitionId,
        outcome.kind === "repaired" ? { ...before, repaired: true } : failed(before, error),
      );
    }
  });
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
  if (first === undefined || signal.aborted) return [];
  const doubts = await Promise.all(repairs.map((repair) => doubtOf(repair)));
  const believed = repairs.filter((_, at) => doubts[at] === null);
  const bytes = believed.reduce((sum, repair) => sum + repair.bytes, 0);
  if (lacksSpace({ ...first, bytes }, await here.freeBytes(first.pair.here.id)) !== null) return [];
  // Last, as queues that doubts wait for may take minutes.
  if (await repairsWait() !== null) return [];
  return (await source.resolve()).active === otherSite(role) ? believed : [];
}

async function run(
  { here, observer, step = (_name, run) => run() }: CheckPorts,
  repairs: readonly Repair[],
  admitted: Admitted,
): Promise<OutcomesTogether> {
  const [first, ...beside] = repairs as [Repair, ...Repair[]];
  observer.repairing(first, beside);
  const progress = {
    slice() {},
    written: (rows: number, bytes: number) => observer.written(first, rows, bytes),
  };
  const outcomes = await step(
    { kind: "repair", table: first.pair.name },
    () => here.repairTogether(repairs, progress, admitted),
    (outcomes) => ({
      partitions: repairs.length,
      repaired: [...outcomes.values()].filter(({ kind }) => kind === "repaired").length,
    }),
  );
  if (!outcomes.has(first.partitionId)) observer.apart(first);
  return outcomes;
}
