/** What is known about a partition after comparing it, and what follows from that. */
import { toSeconds } from "../../model/time_units.ts";
import type { Cause } from "../../model/cause.ts";
import type { Digest } from "../../model/digest.ts";
import type { PartitionMemory, RememberedPartition } from "../../model/memory.ts";
import type { MergedDifference } from "../../model/merge_rule.ts";
import type { Partition } from "../../model/partition.ts";
import type { Bucket, BucketDifference, BucketDigest, Bucketing, RowScope } from "../../model/scope.ts";
import type { Table } from "../../model/table.ts";
import type { Side } from "../replicas/believe.ts";
import type { PairedOff } from "../compare/pair_off.ts";
import type { BucketComparison } from "../compare/compare_buckets.ts";

/** Everything that is known about one partition after comparing it. */
export interface PartitionFacts {
  /** Null: this site has no active part of it. */
  readonly here: Partition | null;
  readonly there: Partition;
  readonly scope: RowScope;
  readonly comparison: BucketComparison;
  /** Row by row, for every partial bucket of a table whose rows can be united. */
  readonly differences: readonly BucketDifference[];
  /** The partition changed at either site while its rows counted as settled because it was quiet. */
  readonly disturbed?: boolean;
  /** Settled rows that came to this site between two comparisons by the same check; absent: none did, or there was one only. */
  readonly arrivedMeanwhile?: bigint;
  /** Missing rows with a twin here, and among how many missing rows. */
  readonly twins: bigint;
  readonly twinsAmong: bigint;
  /** Columns of a key that each site makes up, with their defaults: which rows are twins cannot be seen, only how many may be. */
  readonly madeUp?: readonly string[];
  /** Missing rows of buckets that are partly here, without those that may be a twin's; absent: they were not told apart. */
  readonly free?: readonly Pick<BucketDigest, "bucket" | "digest">[];
  /** Rows that only this site has, and that are missing ones but for a few columns; absent: none, or it was not looked for. */
  readonly pairedOff?: PairedOff;
  /** For an engine that merges rows, if both sites hold the partition with different rows. */
  readonly merged?: MergedComparison;
  /** Keys of an engine that merges rows, of which rows stand on more than one shard of a site; absent: none do. */
  readonly scattered?: { readonly keys: bigint; readonly side: Side };
  /** Oldest and newest time of a row on either side, in the unit of the axis. */
  readonly oldest?: bigint | null;
  readonly newest: bigint | null;
  /** As many rows were left out at both sites as not settled, and they are others; absent: it was not asked, or they are the same. */
  readonly othersLeftOut?: boolean;
  /** Some of its rows, at either site, are past a `TTL … GROUP BY`. */
  readonly grouped?: boolean;
  /** The differences were not looked for. They follow from the digests if no bucket with missing rows has surplus ones. */
  readonly presumed?: boolean;
  /** The `cityHash64` of what is presumed to be missing; absent: it is not told. */
  readonly missingHashes?: BigUint64Array;
  /** Its rows were counted, not digested. */
  readonly counted?: boolean;
  /** Absent: nothing is remembered of the partition. */
  readonly remembered?: PartitionMemory;
  /** Unix seconds of the newest mutation of this site's table; 0: none is on record. */
  readonly mutatedAt?: number;
}

/** What is known about a partition of which the active site holds no row. */
export interface OnlyHere {
  readonly partition: Partition;
  /** Null: nothing is remembered of it. */
  readonly last: RememberedPartition | null;
  /** Rows that the active site held at the last check. */
  readonly heldBefore: bigint;
  /** Rows here that no TTL of the active site has taken; 0 where that site held none before: they are not counted. */
  readonly unexpired: bigint;
}

/** A partition as it would read once everything were merged. */
export interface MergedComparison {
  /** Null: it would read the same. */
  readonly difference: MergedDifference | "differs" | null;
  /** Buckets of keys that would read differently, and into how many the keys were cut. */
  readonly buckets: readonly Bucket[];
  readonly bucketCount: number;
}

export interface PartitionPolicy extends Pick<Table, "engine" | "mergeRule" | "traits"> {
  readonly maxConflictPercent: number;
  /** At the active site views fill the table, and none here. */
  readonly fedThere: boolean;
  /** The active site has several shards. */
  readonly severalShards: boolean;
  /** More copies of a row mean no more than one. */
  readonly covers: boolean;
  /** An aggregating engine's partition that differs may be replaced by the active site's. */
  readonly mayReplace: boolean;
  /** Why that must wait until the roles have been steady for long enough, in words; null: it need not. */
  readonly roleAwaited: string | null;
  /** An operator has looked at it and wants it repaired (`--accept`). */
  readonly accepted: boolean;
}

export interface Judgement {
  /** Null: it is simply in sync. */
  readonly cause: Cause | null;
  readonly detail: string;
  readonly missing: Digest;
  readonly surplus: Digest;
  readonly repeated: bigint;
  /** What is left alone where the rest, which is `missing`, is repaired. */
  readonly held?: Held;
  /** The partition shall be replaced by the active site's, all rows of which are in `missing`. */
  readonly replace?: boolean;
}

/** What is refused of a partition. */
export interface Held {
  readonly cause: Cause;
  readonly detail: string;
  /** Rows, or keys, of the active site. */
  readonly count: bigint;
  /** Missing rows among them, besides those that are repaired. */
  readonly missing: Digest;
}

/**
 * Unix seconds at which the earliest bucket with missing rows begins: no missing row is older. Null if nothing is
 * missing, or if rows have no time.
 */
export function oldestMissing(
  { scope: { axis }, comparison: { absent }, differences }: PartitionFacts,
  bucketing: Bucketing,
): number | null {
  if (axis === null || bucketing.kind !== "time") return null;
  const lacking = [
    ...absent.map(({ bucket }) => bucket),
    ...differences.filter(({ missing }) => missing.rows > 0n).map(({ bucket }) => bucket),
  ].filter((bucket) => bucket !== null);
  if (lacking.length === 0) return null;
  const first = lacking.reduce((low, bucket) => bucket < low ? bucket : low);
  const time = bucketing.origin + first * bucketing.width;
  return toSeconds(time, axis);
}

/** Why a partition is not repaired, in a word and in a sentence. */
export type Objection = readonly [Cause, string];
