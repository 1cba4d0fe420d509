/**
 * What is counted besides, where the sites differ: rows that arrived late, those that a `TTL … GROUP BY` takes, and those of
 * partitions that only this site holds.
 */
import { sameDigest } from "../../model/digest.ts";
import type { RememberedPartition, RememberedPartitions, RememberedTable } from "../../model/memory.ts";
import type { Moment, RowScope } from "../../model/scope.ts";
import type { Settings } from "../../model/settings.ts";
import type { Table, TablePair } from "../../model/table.ts";
import type { BothPartitions } from "../../model/partition.ts";
import type { OnlyHere, PartitionFacts } from "../judge/partition_facts.ts";
import type { CheckPorts } from "../ports/check_ports.ts";
import type { ComparedPartition } from "./compare_partitions.ts";

/** What the last check remembers. */
export interface LastCheck {
  /** Null: it did not see the table. */
  readonly table: RememberedTable | null;
  readonly partitions: RememberedPartitions;
  /** As in `PartitionMemory`. */
  readonly rehashed: boolean;
}

/** The compared partitions with what is known of them besides their rows, and may forbid a repair. */
export async function countLateAndGrouped<Compared extends ComparedPartition>(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  last: LastCheck,
  compared: readonly Compared[],
): Promise<Compared[]> {
  const differing = compared.map(({ facts }) => facts).filter(({ comparison }) =>
    comparison.here.rows > 0n && !sameDigest(comparison.here, comparison.there)
  );
  const late = await countLateArrivals(ports, pair.here, last, differing);
  const grouped = await groupedPartitions(ports, pair, differing);
  const { mutatedAt } = pair.here;
  return compared.map((one) => {
    const { id } = one.facts.there;
    const before = last.table ? last.partitions.get(id) : undefined;
    const remembered = before && { last: before, rehashed: last.rehashed, arrived: late.get(id) ?? 0n };
    const more = { mutatedAt, grouped: grouped.has(id), ...(remembered ? { remembered } : {}) };
    return { ...one, facts: { ...one.facts, ...more } };
  });
}

/**
 * Rows by partition that have arrived here after the last check would have called them settled. They are counted only where
 * the sites differ, as only there anything would be copied.
 */
async function countLateArrivals(
  { here }: Pick<CheckPorts, "here">,
  table: Table,
  { table: last, partitions }: LastCheck,
  differing: readonly PartitionFacts[],
): Promise<Map<string, bigint>> {
  const late = new Map<string, bigint>();
  if (!last) return late;
  for (const quiet of [true, false]) {
    const some = differing.filter((facts) => {
      const before = partitions.get(facts.there.id);
      return before?.quiet === quiet && !heldAsMany(facts, last, before);
    });
    if (some.length === 0) continue;
    const scope = scopeOfLastCheck(some[0]!.scope, last, quiet);
    for (const [id, rows] of await here.countRows(table, some.map(({ there }) => there.id), scope)) {
      const before = partitions.get(id)?.rowsHere ?? 0n;
      if (rows > before) late.set(id, rows - before);
    }
  }
  return late;
}

/** Whether no row has come, as what is settled now holds no more rows than what was then, and all that was settled then still is. */
function heldAsMany(
  { scope: { quiet, moment, ttls }, comparison: { here } }: PartitionFacts,
  last: RememberedTable,
  before: RememberedPartition,
): boolean {
  if (ttls.length > 0) return false; // some may have expired since
  const stillSettled = quiet || (!before.quiet && last.settledBefore <= moment.settledBefore &&
    last.settledBeforeDay <= moment.settledBeforeDay);
  return stillSettled && here.rows <= before.rowsHere;
}

/** The scope of the last check: rows whose TTL has passed since were counted then, and are no room for others. */
function scopeOfLastCheck(scope: RowScope, remembered: RememberedTable, quiet: boolean): RowScope {
  const { checkedAt: now, settledBefore, settledBeforeDay } = remembered;
  const moment: Moment = { now, settledBefore, settledBeforeDay };
  return { ...scope, moment, quiet };
}

/**
 * Partitions with rows past a `TTL … GROUP BY` of either site, which has grouped them, or may at any moment, at a different
 * time at each site.
 */
async function groupedPartitions(
  { here, there }: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  differing: readonly PartitionFacts[],
): Promise<ReadonlySet<string>> {
  const ttls = pair.groups;
  if (ttls.length === 0 || differing.length === 0) return new Set();
  const ids = differing.map(({ there }) => there.id);
  const all = { ...differing[0]!.scope, quiet: true, ttls: [] };
  const young = { ...all, ttls };
  const grouped = new Set<string>();
  for (const [site, table] of [[here, pair.here], [there, pair.there]] as const) {
    const [every, left] = await Promise.all([
      site.countRows(table, ids, all),
      site.countRows(table, ids, young),
    ]);
    for (const id of ids) if ((every.get(id) ?? 0n) > (left.get(id) ?? 0n)) grouped.add(id);
  }
  return grouped;
}

/** The partitions of which the active site holds no row. Rows are counted only in those of which it held some before. */
export async function countOnlyHere(
  { here: site }: Pick<CheckPorts, "here">,
  { here: table, deletes: ttls }: TablePair,
  { here, there }: BothPartitions,
  last: LastCheck,
  { moment, settings: { settleSeconds } }: {
    readonly moment: Moment;
    readonly settings: Pick<Settings, "settleSeconds">;
  },
): Promise<OnlyHere[]> {
  const found = [...here.values()].filter(({ id, rows }) => rows > 0n && !there.get(id)?.rows);
  const heldBefore = (id: string) => last.table ? last.partitions.get(id)?.rowsActive ?? 0n : 0n;
  const held = found.map(({ id }) => id).filter((id) => heldBefore(id) > 0n);
  // What the TTL removed there, and has not removed here yet, is no loss.
  const scope: RowScope = { axis: null, moment, quiet: true, settleSeconds, ttls };
  const unexpired = held.length === 0 ? new Map() : await site.countRows(table, held, scope);
  return found.map((partition) => ({
    partition,
    last: last.partitions.get(partition.id) ?? null,
    heldBefore: heldBefore(partition.id),
    unexpired: unexpired.get(partition.id) ?? 0n,
  }));
}
