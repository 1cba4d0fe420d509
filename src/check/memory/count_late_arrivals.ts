/** How many rows have arrived here late, that is after the last check would have called them settled. */
import type { PartitionMemory, RememberedPartitions, RememberedTable } from "../../model/memory.ts";
import type { Moment, RowScope } from "../../model/scope.ts";
import { sameDigest } from "../../model/digest.ts";
import type { TablePair } from "../../model/table.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/**
 * What is remembered of the compared partitions, by their ids. Late arrivals are counted only where the sites differ, as
 * only there anything would be copied: by counting the rows that the last check would have called settled.
 */
export async function countLateArrivals(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  remembered: RememberedTable | null,
  partitions: RememberedPartitions,
  compared: readonly ComparedPartition[],
): Promise<Map<string, PartitionMemory>> {
  if (!remembered) return new Map();
  const both = compared.flatMap(({ facts }) => {
    const last = partitions.get(facts.there.id);
    return last ? [{ id: facts.there.id, facts, last }] : [];
  });
  const differing = both.filter(({ facts: { comparison } }) =>
    comparison.here.rows > 0n && !sameDigest(comparison.here, comparison.there)
  );
  const now = new Map<string, bigint>();
  for (const quiet of [true, false]) {
    const some = differing.filter(({ last }) => last.quiet === quiet);
    if (some.length === 0) continue;
    const scope = scopeOfLastCheck(some[0]!.facts.scope, remembered, quiet);
    const counts = await here.countRows(pair.here, some.map(({ id }) => id), scope);
    for (const [id, rows] of counts) now.set(id, rows);
  }
  return new Map(both.map(({ id, last }) => {
    const rows = now.get(id) ?? 0n;
    return [id, { last, arrived: rows > last.rowsHere ? rows - last.rowsHere : 0n }];
  }));
}

/** The scope of the last check, but for rows whose TTL has passed since. */
function scopeOfLastCheck(scope: RowScope, remembered: RememberedTable, quiet: boolean): RowScope {
  const { settledBefore, settledBeforeDay } = remembered;
  const moment: Moment = { now: scope.moment.now, settledBefore, settledBeforeDay };
  return { ...scope, moment, quiet };
}
