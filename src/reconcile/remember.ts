/** What is kept of a check for the next one. */
import type { Memory, RememberedPartition, RememberedRepair, RememberedTable } from "../model/memory.ts";
import type { Partition } from "../model/partition.ts";
import type { CheckReport, Finding, TableReport } from "../model/report.ts";
import { isSame, lastArrival } from "./guard_by_memory.ts";
import type { Judgement, PartitionFacts } from "./partition_facts.ts";

/** A partition as it was compared, before anything is repaired. */
export function rememberPartition(
  facts: PartitionFacts,
  { reason, missing }: Judgement,
): RememberedPartition {
  const { comparison, scope, recollection, mutatedAt = 0 } = facts;
  const repair = recollection?.before.repair ?? null;
  const goesOn = repair && isSame(repair, missing) && comparison.here.rows > 0n && mutatedAt < repair.at;
  return {
    rowsHere: comparison.here.rows,
    rowsActive: reason === "shrunk" && recollection ? recollection.before.rowsActive : comparison.active.rows,
    quiet: scope.quiet,
    arrivedAt: lastArrival(facts),
    repair: goesOn ? repair : null,
  };
}

/** A partition of which the active site holds nothing. While it changes, nobody knows which of its rows are settled. */
export function rememberOnlyHere(
  { rows, changedAt }: Partition,
  settledBefore: number,
  before: RememberedPartition | undefined,
  isShrunk: boolean,
): RememberedPartition | null {
  if (changedAt >= settledBefore && !isShrunk) return null;
  const rowsActive = isShrunk ? before?.rowsActive ?? 0n : 0n;
  return { rowsHere: rows, rowsActive, quiet: true, arrivedAt: before?.arrivedAt ?? null, repair: null };
}

/** The memory after a check. */
export function nextMemory(previous: Memory, report: CheckReport): Memory {
  const seen = report.tables.flatMap((table) =>
    table.seen ? [[table.table, withRepairs(table, table.seen)] as const] : []
  );
  // A check that looked at every table forgets those that are gone; one that failed, or saw some, forgets nothing.
  const all = report.outcome === "completed" && !report.limited;
  const reported = new Set(report.tables.map(({ table }) => table));
  const kept = [...previous].filter(([name]) => !all || reported.has(name));
  return new Map([...kept, ...seen]);
}

function withRepairs({ findings }: TableReport, seen: RememberedTable): RememberedTable {
  const partitions = new Map(seen.partitions);
  for (const found of findings.filter(({ repaired }) => repaired)) {
    const before = partitions.get(found.partitionId ?? "");
    if (!before || !found.repair) continue;
    const { rows } = found.repair.missing;
    const rowsHere = found.repair.way === "replace" ? rows : before.rowsHere + rows;
    const accepted = found.accepted ? null : before.repair;
    partitions.set(found.partitionId ?? "", {
      ...before,
      rowsHere,
      repair: again(accepted, found, seen.checkedAt),
    });
  }
  return { ...seen, partitions };
}

function again(before: RememberedRepair | null, { repair }: Finding, at: number): RememberedRepair | null {
  if (!repair) return null;
  const { rows, city } = repair.missing;
  return { rows, city, times: (before?.times ?? 0) + 1, at };
}
