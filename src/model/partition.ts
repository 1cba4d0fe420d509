/** Partitions as the parts of one site sum them up, without reading a row. */
import type { Stretch } from "./memory.ts";

export interface Partition {
  /** `partition_id`: the same at both sites for the same rows, unlike the printed value. */
  readonly id: string;
  /** Rows in active parts, those hidden by lightweight deletes included. */
  readonly rows: bigint;
  /** On disk, compressed. */
  readonly bytes: bigint;
  /** Changes whenever an active part, or a patch for one, comes or goes. */
  readonly fingerprint: string;
  /** Hash of its highest block and its last mutation: merges keep both, and what is written raises one of them. */
  readonly written: bigint;
  /**
   * Newest `modification_time` of a part that was not merged yet, unix seconds by that server's clock; 0: there is none. A server that was
   * started anew may give the block of a part that was dropped once more.
   */
  readonly insertedAt: number;
  /** Newest `modification_time` of an active part, unix seconds by that server's clock. */
  readonly changedAt: number;
  readonly hasLightweightDeletes: boolean;
  /** Patch parts of lightweight updates that have not been merged in yet. */
  readonly hasPatches: boolean;
  /** The names of its active parts with their rows, hashed and added up; absent: it was not asked for. */
  readonly partRows?: bigint;
}

/** All parts of one table summed up. */
export interface TableSummary {
  readonly partitions: number;
  /** Those hidden by lightweight deletes included. */
  readonly rows: bigint;
  /** Changes whenever an active part, or a patch, of any partition comes or goes. */
  readonly fingerprint: string;
  /** Newest `modification_time` of an active part, unix seconds by that server's clock. */
  readonly changedAt: number;
  /** It has rows, or may have, and its server shows no part of it. */
  readonly unseen?: true;
}

/** Partitions of one table by `partition_id`. */
export type Partitions = ReadonlyMap<string, Partition>;

/** Partitions of one table at both sites. */
export interface BothPartitions {
  readonly here: Partitions;
  readonly there: Partitions;
}

/** One active part as a SELECT sees it, for the proof that no row policy, filter or limit hides rows from ch-sync. */
export interface VisiblePart {
  readonly partitionId: string;
  readonly name: string;
  /** Rows that a SELECT by ch-sync's user counts. */
  readonly rows: bigint;
  /** Lowest and highest value on the time axis, in its unit; null without an axis or where all are NULL. */
  readonly from: bigint | null;
  readonly to: bigint | null;
}

/** One active part as `system.parts` has it. */
export interface StoredPart {
  readonly partitionId: string;
  readonly name: string;
  readonly rows: bigint;
}

/** What a site shows of some partitions: parts that were there throughout, and what a SELECT saw of them. */
export interface Visibility {
  /** Active both before and after the SELECT. */
  readonly stored: readonly StoredPart[];
  readonly visible: readonly VisiblePart[];
}

/** What the numbers of a column span, over some partitions of one site. */
export interface NumberSpan {
  readonly column: string;
  /** Null: there are none. */
  readonly from: bigint | null;
  readonly to: bigint | null;
  /** Some of them, each once. */
  readonly sample: readonly bigint[];
}

/** Parts of one partition that have no values of some columns, as these were added later. */
export interface PartsLacking {
  readonly partitionId: string;
  /** Names of the columns. */
  readonly lacking: readonly string[];
  readonly parts: bigint;
}

export interface Summaries {
  readonly here: ReadonlyMap<string, TableSummary>;
  readonly there: ReadonlyMap<string, TableSummary>;
}

/** How many partitions either site holds. */
export function heldByEither({ here, there }: BothPartitions): number {
  let held = there.size;
  for (const id of here.keys()) if (!there.has(id)) held++;
  return held;
}

/** What was written to a partition at both sites, in one number. @param here null: it has none */
export function writtenAt(
  here: Pick<Partition, "written"> | null,
  there: Pick<Partition, "written">,
): bigint {
  // One counts thrice: it matters which site it is.
  return BigInt.asUintN(64, (here?.written ?? 0n) * 3n + there.written);
}

/** The first partitions of a stretch by the order of their ids, at most so many. */
export interface PartitionPageRequest extends Stretch {
  readonly limit: number;
}
