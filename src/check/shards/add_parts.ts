/** What the parts of all shards of a site come to. */
import type { Partition, Partitions, TableSummary } from "../../model/partition.ts";
import { sum } from "./add_shards.ts";

/** Of one table. */
export function addPartitions(shards: readonly Partitions[]): Map<string, Partition> {
  const sums = new Map<string, Partition>();
  for (const id of new Set(shards.flatMap((shard) => [...shard.keys()]))) {
    const found = shards.flatMap((shard) => shard.get(id) ?? []);
    sums.set(id, {
      id,
      rows: sum(found.map(({ rows }) => rows)),
      bytes: sum(found.map(({ bytes }) => bytes)),
      // Each shard has its place, so that rows that change places change it too.
      fingerprint: shards.map((shard) => shard.get(id)?.fingerprint ?? "").join(" "),
      written: BigInt.asUintN(64, sum(found.map(({ written }) => written))),
      insertedAt: Math.max(...found.map(({ insertedAt }) => insertedAt)),
      changedAt: Math.max(...found.map(({ changedAt }) => changedAt)),
      hasLightweightDeletes: found.some(({ hasLightweightDeletes }) => hasLightweightDeletes),
      hasPatches: found.some(({ hasPatches }) => hasPatches),
    });
  }
  return sums;
}

/**
 * One page of the partitions of a table: those of which every shard has told.
 *
 * @param limit to which each shard's page was cut
 */
export function addPages(shards: readonly Partitions[], limit: number): Map<string, Partition> {
  const full = shards.filter(({ size }) => size >= limit).map((shard) => [...shard.keys()].sort().at(-1)!);
  const end = full.sort()[0];
  return new Map([...addPartitions(shards)].filter(([id]) => end === undefined || id <= end));
}

/** Of each stretch what every shard has of it, as `addSummaries` tells it of tables. */
export function addStretches(shards: readonly (readonly string[])[]): string[] {
  return shards[0]!.map((_, at) => shards.map((shard) => shard[at] ?? "").join(" "));
}

export function addSummaries(
  shards: readonly ReadonlyMap<string, TableSummary>[],
): Map<string, TableSummary> {
  const names = new Set(shards.flatMap((shard) => [...shard.keys()]));
  return new Map([...names].map((name) => {
    const found = shards.flatMap((shard) => shard.get(name) ?? []);
    return [name, {
      // At most: of a partition that is on several shards, each counts it.
      partitions: found.reduce((all, { partitions }) => all + partitions, 0),
      rows: sum(found.map(({ rows }) => rows)),
      fingerprint: shards.map((shard) => shard.get(name)?.fingerprint ?? "").join(" "),
      changedAt: Math.max(...found.map(({ changedAt }) => changedAt)),
      ...found.some(({ unseen }) => unseen) ? { unseen: true } : {},
    }];
  }));
}
