/**
 * Twins in another partition: where each site makes up the value by which a row is partitioned, a row that reaches the sites
 * on both sides of a boundary is missing in one partition and surplus in the next.
 */
import type { RememberedPartitions } from "../../model/memory.ts";
import type { BothPartitions } from "../../model/partition.ts";
import type { Table } from "../../model/table.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { siteMadePartitionKeys, withDefaults } from "../tables/made_up_values.ts";
import { rowTotals } from "./row_totals.ts";

/** A page of which some partitions were compared. */
export interface PageCompared extends BothPartitions {
  readonly remembered: RememberedPartitions;
  readonly compared: readonly { readonly facts: PartitionFacts }[];
}

/**
 * Tells of a partition that any surplus row of its neighbours may be the twin of a missing one. Tables whose partitions are
 * the same at both sites are left as they are.
 *
 * @param page only partitions of the same page are neighbours
 */
export function twinsBeside(table: Table, page: PageCompared): (facts: PartitionFacts) => PartitionFacts {
  const made = siteMadePartitionKeys(table);
  if (made.length === 0) return (facts) => facts;
  const besideOf = surplusBeside(surplusRows(page));
  return (facts) => {
    const beside = besideOf(facts.there.id);
    if (beside === 0n) return facts;
    const { missing, surplus: own } = rowTotals(facts);
    const others = own + beside;
    const { free: _, ...known } = facts;
    const twins = missing < others ? missing : others;
    return { ...known, twins, twinsAmong: missing, madeUp: withDefaults(made) };
  };
}

/** Rows that only this site has, by partition, of every one that either site holds. */
function surplusRows({ here, there, remembered, compared }: PageCompared): Map<string, bigint> {
  const found = new Map<string, bigint>();
  for (const id of there.keys()) found.set(id, remembered.get(id)?.proof?.surplus ?? 0n);
  for (const { id, rows } of here.values()) if (!there.get(id)?.rows) found.set(id, rows);
  for (const { facts } of compared) found.set(facts.there.id, rowTotals(facts).surplus);
  return found;
}

/**
 * The surplus rows of the partitions right before and after one, where ids count time, as those of `toYYYYMMDD()` do. Nobody
 * knows the order of others: there each may be next to any.
 */
function surplusBeside(surplus: ReadonlyMap<string, bigint>): (id: string) => bigint {
  const rowsOf = (id: string) => surplus.get(id) ?? 0n;
  const ids = [...surplus.keys()];
  if (!ids.every((id) => /^\d+$/.test(id))) {
    const all = ids.reduce((sum, id) => sum + rowsOf(id), 0n);
    return (id) => all - rowsOf(id);
  }
  const inOrder = ids.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const places = new Map(inOrder.map((id, place) => [id, place]));
  return (id) => {
    const place = places.get(id);
    if (place === undefined) return 0n;
    return [place - 1, place + 1].reduce((sum, next) => sum + rowsOf(inOrder[next] ?? ""), 0n);
  };
}
