/** What ch-sync remembers of tables from one check to the next, beside the state. Safe to lose: it only makes bolder. */

/** Rows that a repair added, to know them again when they are missing once more. */
export interface RememberedRepair {
  readonly rows: bigint;
  /** Sum of `cityHash64` of the rows, as in a `Digest`. */
  readonly city: bigint;
  /** In how many checks one after the other. */
  readonly times: number;
  /** Unix seconds, by the servers' clocks. */
  readonly at: number;
}

export interface RememberedPartition {
  /** Settled rows of this site when the check was over, those that it repaired included. */
  readonly rowsHere: bigint;
  /** Settled rows of the active site; while the partition is `shrunk`, those it held before. */
  readonly rowsActive: bigint;
  /** All rows counted as settled, whatever their time, as nothing had changed for a while. */
  readonly quiet: boolean;
  /** Unix seconds of the last check that found old rows to have arrived here; null: none did. */
  readonly arrivedAt: number | null;
  /** Null: the last check repaired nothing here. */
  readonly repair: RememberedRepair | null;
}

export interface RememberedTable {
  /** Of this site's table: another one under the same name is not remembered. */
  readonly uuid: string;
  /** Unix seconds, on the older clock of the two. */
  readonly checkedAt: number;
  /** The instants by which rows were settled: unix seconds, and days since 1970. */
  readonly settledBefore: number;
  readonly settledBeforeDay: number;
  readonly partitions: ReadonlyMap<string, RememberedPartition>;
}

/** By `database.table` of this site. */
export type Memory = ReadonlyMap<string, RememberedTable>;

/** What is known of a partition besides how it compares now. */
export interface Recollection {
  readonly before: RememberedPartition;
  /** Rows here, not through ch-sync, that the last check would have counted as settled had they been here. */
  readonly arrived: bigint;
}
