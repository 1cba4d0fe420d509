/** What the shards of a site hold together, from what each of them said. */
import { addDigests, sameDigest, sumDigests } from "../../model/digest.ts";
import type { NumberSpan, Visibility } from "../../model/partition.ts";
import type { OtherServer, OtherServers } from "../../model/other_servers.ts";
import type { ServerLoad } from "../../model/site.ts";
import type { BucketDigest, DigestGrain, MergedDigest } from "../../model/scope.ts";
import type { Catalog, SiteObject, Table } from "../../model/table.ts";
import type { Side } from "../replicas/believe.ts";
import { compareSchemas, describeDrift } from "../tables/schema_drift.ts";
import { addDatabases } from "./add_databases.ts";
import { addOthers, union } from "./add_others.ts";
import { unlikeViews } from "./unlike_views.ts";
import { SITE_OF } from "./site_words.ts";

export function addBuckets(shards: readonly (readonly BucketDigest[])[]): BucketDigest[] {
  const sums = new Map<string, BucketDigest>();
  for (const one of shards.flat()) {
    const key = `${one.bucket} ${one.partitionId}`;
    const before = sums.get(key);
    sums.set(key, before ? { ...one, digest: addDigests(before.digest, one.digest) } : one);
  }
  return [...sums.values()];
}

/** The same, and which shards hold the very same rows of a partition: counts do not tell. */
export function addDigested(
  shards: readonly (readonly BucketDigest[])[],
  grain: DigestGrain = "bucket",
): BucketDigest[] {
  const copied = grain === "count" ? new Map() : copiedPartitions(shards);
  return addBuckets(shards).map((one) => {
    const two = copied.get(one.partitionId);
    return two ? { ...one, copied: two } : one;
  });
}

/** Of keys of which no two shards have rows. */
export function addMerged(shards: readonly (readonly MergedDigest[])[]): MergedDigest[] {
  return [...Map.groupBy(shards.flat(), ({ bucket }) => bucket).values()].map((found) => ({
    ...found[0]!,
    digest: sumDigests(found.map(({ digest }) => digest)),
    settled: sumDigests(found.map(({ settled }) => settled)),
  }));
}

/** Of partitions of which two shards hold the very same rows: those shards, counted from 1. @param shards what each answered */
function copiedPartitions(
  shards: readonly (readonly BucketDigest[])[],
): Map<string, readonly [number, number]> {
  const sums = shards.map((shard) =>
    new Map(
      [...Map.groupBy(shard, ({ partitionId }) => partitionId)]
        .map(([id, digests]) => [id, sumDigests(digests.map(({ digest }) => digest))] as const),
    )
  );
  const found = new Map<string, readonly [number, number]>();
  for (const [at, partitions] of sums.entries()) {
    for (const [id, digest] of partitions) {
      const same = sums.slice(0, at).findIndex((other) => {
        const theirs = other.get(id);
        return theirs !== undefined && sameDigest(theirs, digest);
      });
      if (same >= 0 && digest.rows > 0n && !found.has(id)) found.set(id, [same + 1, at + 1]);
    }
  }
  return found;
}

/** Each once, whatever shards have it. */
export function allObjects(shards: readonly (readonly SiteObject[])[]): SiteObject[] {
  return [...new Map(shards.flat().map((one) => [`${one.kind} ${one.name}`, one])).values()];
}

/** Names of parts tell nothing apart between shards, so each gets its shard's number in front. */
export function addVisibilities(shards: readonly Visibility[]): Visibility {
  const own = <Part extends { readonly name: string }>(parts: readonly Part[], shard: number) =>
    parts.map((part) => ({ ...part, name: `${shard + 1}/${part.name}` }));
  return {
    stored: shards.flatMap(({ stored }, shard) => own(stored, shard)),
    visible: shards.flatMap(({ visible }, shard) => own(visible, shard)),
  };
}

export function addSpans(shards: readonly (readonly NumberSpan[])[]): NumberSpan[] {
  return [...Map.groupBy(shards.flat(), ({ column }) => column)].map(([column, spans]) => {
    const [low, high] = [spans.flatMap(({ from }) => from ?? []), spans.flatMap(({ to }) => to ?? [])];
    return {
      column,
      from: low.length === 0 ? null : low.reduce((a, b) => a < b ? a : b),
      to: high.length === 0 ? null : high.reduce((a, b) => a > b ? a : b),
      sample: [...new Set(spans.flatMap(({ sample }) => sample))],
    };
  });
}

export function addCounts(
  shards: readonly ReadonlyMap<string, bigint>[],
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [id, rows] of shards.flatMap((shard) => [...shard])) sums.set(id, (sums.get(id) ?? 0n) + rows);
  return sums;
}

export function sum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((a, b) => a + b, 0n);
}

/** Null: one of them is not known. */
export function busiest(loads: readonly (ServerLoad | null)[]): ServerLoad | null {
  const known = loads.filter((load) => load !== null);
  if (known.length < loads.length) return null;
  return {
    statements: Math.max(...known.map(({ statements }) => statements)),
    delayedInserts: Math.max(...known.map(({ delayedInserts }) => delayedInserts)),
  };
}

/** Of all shards, each once; those of one shard are others to another one. */
export function addOtherServers(shards: readonly OtherServers[]): OtherServers {
  const servers = new Map<string, OtherServer>();
  for (const server of shards.flatMap(({ servers }) => servers)) {
    const before = servers.get(server.name);
    servers.set(server.name, {
      name: server.name,
      clusters: [...new Set([...before?.clusters ?? [], ...server.clusters])],
      replica: server.replica || before?.replica === true,
      holds: before?.holds ?? server.holds,
    });
  }
  const unseen = shards.flatMap(({ unseen }) => unseen ?? []);
  return {
    servers: [...servers.values()],
    // That nobody may ask excuses no server that was asked in vain.
    unseen: unseen.find(({ because }) => because === "failed") ?? unseen[0] ?? null,
  };
}

/** Every table that any shard has; why one is not alike on all of them is told by name. */
export function addCatalogs(shards: readonly Catalog[], side: Side): Catalog {
  const [first] = shards as readonly [Catalog, ...Catalog[]];
  const tables = new Map<string, Table>();
  const unequal = new Map<string, string>();
  for (const name of new Set(shards.flatMap((shard) => [...shard.tables.keys()]))) {
    const found = shards.map((shard) => shard.tables.get(name) ?? null);
    const known = found.filter((table) => table !== null);
    const [one] = known as [Table];
    tables.set(name, {
      ...one,
      uuid: found.map((table) => table?.uuid ?? "").join(" "),
      feeds: union(known.flatMap(({ feeds }) => feeds)),
      unfinishedMutations: known.reduce((all, { unfinishedMutations }) => all + unfinishedMutations, 0),
      mutatedAt: Math.max(...known.map(({ mutatedAt }) => mutatedAt)),
      deletedAt: Math.max(...known.map(({ deletedAt }) => deletedAt)),
    });
    const why = found.map((table, at) => unlike(one, table, at, side)).find((why) => why !== null);
    if (why) unequal.set(name, why);
  }
  return {
    ...first,
    tables,
    views: new Map(shards.flatMap((shard) => [...shard.views])),
    readAs: new Map(shards.flatMap(({ readAs }) => [...readAs])),
    others: addOthers(shards.map(({ others }) => others)),
    ambiguous: shards.reduce((all, shard) => all.union(shard.ambiguous), new Set<string>()),
    ...addDatabases(shards.map(({ databases }) => databases), side),
    unequal,
    unlikeViews: unlikeViews(shards, side),
  };
}

const NO_ZONES = { here: "", there: "" };

/** Why a shard's table is not like the first one's; null: it is. @param at counts shards from 0 */
function unlike(one: Table, other: Table | null, at: number, side: Side): string | null {
  const where = `shard ${at + 1} of ${SITE_OF[side].name}`;
  if (other === null) {
    return `the table is not on ${where}, so a statement that reads all shards fails: create it there, or exclude it`;
  }
  // Whether replicas are asked about it is read off one engine: that of the first shard.
  if (other.engine !== one.engine) {
    return `the table on ${where} is not like that on others: its engine is ${other.engine} there, and ${one.engine} on ` +
      "others; make them alike, or exclude it";
  }
  const pair = { name: "", here: other, there: one, deletes: [], groups: [], early: [], untaken: [] };
  const drifts = compareSchemas({ ...pair, ttlStatement: null }, NO_ZONES);
  const same = ["ttl", "partitionKey", "sortingKey"] as const;
  const differs = same.find((field) => one[field] !== other[field]);
  const rules = JSON.stringify([...one.rules.columns]) !== JSON.stringify([...other.rules.columns]);
  if (drifts.length === 0 && differs === undefined && !rules) return null;
  const what = drifts.length > 0
    ? describeDrift(drifts).replaceAll(" here", " on that shard").replaceAll(
      "at the active site",
      "on others",
    )
    : `the ${differs === "ttl" || differs === undefined ? "TTL" : "key"} differs`;
  return `the table on ${where} is not like that on others: ${what}; make them alike, or exclude it`;
}
