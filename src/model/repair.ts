/** Repairs, planned and done. */
import type { KeptAside } from "./kept.ts";
import type { FedWay } from "./derived_view.ts";
import type { Digest } from "./digest.ts";
import type { Reason } from "./reason.ts";
import type { Bucket, Bucketing, RowScope } from "./scope.ts";
import type { TablePair } from "./table.ts";

/** Buckets whose missing rows one statement copies. */
export interface Slice {
  readonly buckets: readonly Bucket[];
  /** How many rows are missing in them. */
  readonly missing: bigint;
}

/** Everything that a repair of one partition needs; made by comparing, not changed afterwards. */
export interface Repair {
  readonly pair: TablePair;
  readonly partitionId: string;
  readonly reason: Reason;
  readonly scope: RowScope;
  readonly bucketing: Bucketing;
  /** Buckets that hold nothing here and are copied as they are; `all`: this site has no row of the partition. */
  readonly absent: readonly Bucket[] | "all";
  /** Buckets that are partly here, of which only the missing rows are copied: in groups that one statement can filter. */
  readonly partial: readonly Slice[];
  /** Missing rows that are here too, only fewer times. */
  readonly repeated: bigint;
  /** Of the partition, among which rows are missing. */
  readonly rowsHere: bigint;
  /** Twins are left alone: rows of whose event this site has a row to itself. */
  readonly besidesTwins: boolean;
  /** `missing` was not looked for: what is staged proves it, or the partition is compared once more, exactly. */
  readonly presumed: boolean;
  /** The `cityHash64` of each missing row; absent: they were not told. */
  readonly hashes?: BigUint64Array;
  /** The digest of what must be staged: all missing rows. */
  readonly missing: Digest;
  /** The digest of the buckets named above at this site when they were compared. */
  readonly before: Digest;
  /** Fingerprint of the partition here when it was compared; null: it was absent. */
  readonly fingerprint: string | null;
  /** Estimate of what is moved, in compressed bytes on disk of the active site. */
  readonly bytes: number;
  /** Bytes on this site's disks of what is replaced, which stay there for a while; absent: nothing is. */
  readonly keptBytes?: number;
  /**
   * `insert`: the table feeds views, so its rows must pass through them. `replace`: what is here goes, as the engine has
   * added it up with what may be missing.
   */
  readonly method: "attach" | "insert" | "replace";
  /** Of `insert`: what is looked at before the views are fed, so that no target gets what it holds already. */
  readonly feeds?: readonly FedWay[];
  /** The engine drops or adds up rows as it merges: once they are in the table, they cannot be counted any more. */
  readonly mergesRows: boolean;
  /** Where rows of such an engine are missing among others: the buckets of their keys, and how many there are. */
  readonly merged: { readonly buckets: readonly Bucket[]; readonly bucketCount: number } | null;
}

/** Rows that a repair put on a shard of this site. */
export interface Placed {
  /** In the order of the settings, from 1 on. */
  readonly shard: number;
  readonly rows: bigint;
}

export interface Repaired {
  readonly kind: "repaired";
  readonly rows: bigint;
  readonly queryIds: readonly string[];
  /** What it replaced; absent: it only added. */
  readonly kept?: KeptAside;
  /** Of a site of several shards, how many rows went to which; absent: it has one. */
  readonly placed?: readonly Placed[];
  /** The rows were added past the views of the table, which hold what they would make of them already. */
  readonly pastViews?: true;
  /** Its share of the time that several partitions took together; absent: it was repaired by itself. */
  readonly seconds?: number;
}

export type RepairOutcome =
  | Repaired
  /** Nothing was changed here. */
  | { readonly kind: "failed"; readonly error: string }
  /** Nothing was changed here, and what was presumed to be missing is not what is. */
  | { readonly kind: "disproved" }
  /** Nothing was changed here: what views of the table would make of the rows is in some of their targets already. */
  | { readonly kind: "held"; readonly error: string }
  /** Rows reached the table, but not provably all of its views: the staging table is kept as evidence. */
  | { readonly kind: "views"; readonly error: string; readonly staging: string };

/** What became of partitions that were repaired together. Nothing was added to one that is not among them: it goes by itself. */
export type OutcomesTogether = ReadonlyMap<string, RepairOutcome>;

/** Tells the repairs of a check apart. */
export function repairKey({ pair, partitionId }: Pick<Repair, "pair" | "partitionId">): string {
  return `${pair.name} ${partitionId}`;
}

/** As it is shown: its statements look for the missing rows, where the hashes of these would be too long to read. */
export function inBrief({ hashes: _, ...repair }: Repair): Repair {
  return repair;
}
