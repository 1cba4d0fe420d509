/** What the last check left in memory of a table, held against the table as it is now. */
import type { Remembered, RememberedPartitions, RememberedTable } from "../../model/memory.ts";
import type { Moment, RowScope } from "../../model/scope.ts";
import { sameDigest } from "../../model/digest.ts";
import type { TablePair } from "../../model/table.ts";
import type { ComparedPartition } from "../compare/compare_partitions.ts";
import type { CheckPorts } from "../ports/check_ports.ts";

/**
 * Recollections by partition. Rows that arrived late are counted only where the sites differ, as only there anything
 * would be copied: a count of the rows that the last check would have called settled.
 */
export async function countLateArrivals(
  { here }: Pick<CheckPorts, "here">,
  pair: TablePair,
  remembered: RememberedTable | null,
  partitions: RememberedPartitions,
  compared: readonly ComparedPartition[],
): Promise<Map<string, Remembered>> {
  if (!remembered) return new Map();
  const known = compared.flatMap(({ facts }) => {
    const before = partitions.get(facts.there.id);
    return before ? [{ id: facts.there.id, facts, before }] : [];
  });
  const differing = known.filter(({ facts: { comparison } }) =>
    comparison.here.rows > 0n && !sameDigest(comparison.here, comparison.there)
  );
  const now = new Map<string, bigint>();
  for (const quiet of [true, false]) {
    const some = differing.filter(({ before }) => before.quiet === quiet);
    if (some.length === 0) continue;
    const scope = asBefore(some[0]!.facts.scope, remembered, quiet);
    const counts = await here.countRows(pair.here, some.map(({ id }) => id), scope);
    for (const [id, rows] of counts) now.set(id, rows);
  }
  return new Map(known.map(({ id, before }) => {
    const rows = now.get(id) ?? 0n;
    return [id, { before, arrived: rows > before.rowsHere ? rows - before.rowsHere : 0n }];
  }));
}

/** The scope of the last check, but for rows whose TTL has passed since. */
function asBefore(scope: RowScope, remembered: RememberedTable, quiet: boolean): RowScope {
  const { settledBefore, settledBeforeDay } = remembered;
  const moment: Moment = { now: scope.moment.now, settledBefore, settledBeforeDay };
  return { ...scope, moment, quiet };
}
