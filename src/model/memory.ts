/** What ch-sync remembers of tables from one check to the next, besides the state. Safe to lose: everything is compared again. */

import type { Reason } from "./reason.ts";

/** Rows that a repair added, to recognise them if they go missing again. */
export interface RememberedRepair {
  readonly rows: bigint;
  /** Sum of `cityHash64` of the rows, as in a `Digest`. */
  readonly city: bigint;
  /** At how many checks in a row. */
  readonly times: number;
  /** Unix seconds, by the servers' clocks. */
  readonly at: number;
}

/** Proof, by digests of all its rows, that nothing of a partition was missing here while it had these parts. */
export interface Proof {
  /** Fingerprints of the parts at both sites, the same before the rows were read and after. */
  readonly here: string;
  readonly active: string;
  /** What was written to both sites, as `writtenAt()` sums it up; null: an older ch-sync, which did not keep it, proved this. */
  readonly written: bigint | null;
  readonly city: bigint;
  /** The reason it had all the same: `surplus`, `unmerged` or `expiring`; null: it was simply in sync. */
  readonly reason: Reason | null;
  /** Rows, or keys, that only this site holds. */
  readonly surplus: bigint;
}

export interface RememberedPartition {
  /** Settled rows of this site at the end of the check, repaired ones included. */
  readonly rowsHere: bigint;
  /** Settled rows of the active site; while the partition is `shrunk`, those it held before. */
  readonly rowsActive: bigint;
  /** All rows counted as settled, whatever their time, because nothing had changed for a while. */
  readonly quiet: boolean;
  /** Unix seconds of the last check that found old rows to have arrived here; null: none did. */
  readonly arrivedAt: number | null;
  /** Null: the last check repaired nothing here. */
  readonly repair: RememberedRepair | null;
  /** Unix seconds of the last digest that found nothing missing; null: there was none yet. */
  readonly digestedAt: number | null;
  /** Null: not all of its rows were settled, or something was missing. */
  readonly proof: Proof | null;
}

/** A table as a whole. */
export interface RememberedTable {
  /** Of this site's table: another one under the same name is not remembered. */
  readonly uuid: string;
  /** Unix seconds, on the older clock of the two. */
  readonly checkedAt: number;
  /** The instants by which rows were settled: unix seconds, and days since 1970. */
  readonly settledBefore: number;
  readonly settledBeforeDay: number;
  /** Identity of what proofs depend on besides the parts, as `proofKey()` makes it: proofs under another one do not count. */
  readonly proofKey: string;
  /** Of all parts of the table at both sites that its partitions were proven with; empty: there were none. */
  readonly fingerprintHere: string;
  readonly fingerprintActive: string;
  /** Whole: every partition is proven, and nothing was to be said of any of them. Of a derived table: none is absent here. */
  readonly whole: boolean;
  /** Unix seconds of the oldest of its digests; null: there is none, or a partition was never digested. */
  readonly oldestDigest: number | null;
  readonly partitions: number;
  /** What of the active site was compared, as in a `TableDigest`. */
  readonly rowsActive: bigint;
  readonly city: bigint;
}

/** Neighbouring partitions of a table, by the order of their ids: those after `after` and up to `upTo`; null: all that follow. */
export interface Stretch {
  readonly after: string;
  readonly upTo: string | null;
}

/** What was proven of partitions of which nothing is to be said: of each that every row is here. */
export interface ProvenSum extends Pick<RememberedTable, "partitions" | "rowsActive" | "city"> {
  /** Added up from the proofs. */
  readonly fingerprintHere: string;
  readonly fingerprintActive: string;
  /** Unix seconds of the oldest and the newest digest. */
  readonly oldestDigest: number;
  readonly newestDigest: number;
  /** When the first of them falls due, unix seconds. */
  readonly dueAt: number;
}

/** While its parts add up to the same, nothing of it has changed: neither site is asked for its partitions. */
export interface ProvenStretch extends Stretch, ProvenSum {
  readonly upTo: string;
}

/** Partitions of one table by `partition_id`. */
export type RememberedPartitions = ReadonlyMap<string, RememberedPartition>;

/** What a check changes in the memory. */
export interface MemoryChanges {
  /** Tables that were examined. */
  readonly tables: ReadonlyMap<string, RememberedTable>;
  /** Whether one of the other tables stays remembered. */
  readonly keep: (name: string) => boolean;
  /** Partitions that were repaired, or compared once more, after their page was remembered; by table. */
  readonly partitions: ReadonlyMap<string, RememberedPartitions>;
}

/** A partition as the last check remembered it, and what has arrived since. */
export interface PartitionMemory {
  readonly last: RememberedPartition;
  /** Rows are hashed in another way since, so that sums of their hashes tell nothing. */
  readonly rehashed?: boolean;
  /**
   * Rows here that the last check would have counted as settled had they been here. No check brought them that is remembered;
   * one of some partitions alone is not.
   */
  readonly arrived: bigint;
}

/** By what a remembered table is known again: that it is the same one, proven under the same key, with the same parts. */
export type TableIdentity = Pick<
  RememberedTable,
  "uuid" | "proofKey" | "fingerprintHere" | "fingerprintActive"
>;
