/** How much of each partition of a page is read. */
import type { RememberedPartition } from "../../model/memory.ts";
import type { Partition } from "../../model/partition.ts";
import type { TablePair } from "../../model/table.ts";
import { chooseReading, type Reading } from "../memory/choose_reading.ts";
import type { PartitionPage } from "../compare/partition_reader.ts";
import type { ExamineContext, TableFacts } from "./examine_context.ts";

export interface ReadingPlan {
  readonly proven: readonly { readonly partition: Partition; readonly remembered: RememberedPartition }[];
  readonly byCounts: ReadonlySet<string>;
  readonly toRead: ReadonlyMap<string, Partition>;
  /** What was chosen for each, whether or not the budget allowed it. */
  readonly chosen: ReadonlyMap<string, Reading>;
}

/** Takes what proofs that fall due would read from the budget of the check. */
export function planReading(
  pair: TablePair,
  page: PartitionPage,
  { proofsHold, unstable }: TableFacts,
  { moment, deep, settings, budget }: ExamineContext,
): ReadingPlan {
  const policy = {
    now: moment.now,
    deep,
    verifyInterval: settings.verifyIntervalSeconds,
    mutatedAt: Math.max(pair.here.mutatedAt, pair.there.mutatedAt),
    mergesRows: pair.here.traits.mergesRows,
  };
  const proven: { partition: Partition; remembered: RememberedPartition }[] = [];
  const byCounts = new Set<string>();
  const toRead = new Map<string, Partition>();
  const chosen = new Map<string, Reading>();
  for (const [id, partition] of page.there) {
    if (unstable.has(id) || partition.rows === 0n) continue;
    const remembered = proofsHold ? page.remembered.get(id) ?? null : null;
    const reading = chooseReading(remembered, page.here.get(id) ?? null, partition, policy);
    chosen.set(id, reading);
    if (remembered && (reading === "proven" || (reading === "due" && !budget.take(partition.bytes)))) {
      proven.push({ partition, remembered });
      continue;
    }
    if (reading === "counts" || (reading === "merged" && !budget.take(partition.bytes))) {
      byCounts.add(id);
    }
    toRead.set(id, partition);
  }
  return { proven, byCounts, toRead, chosen };
}
