/** What is recorded of every repair, one line each in `ch-sync-repairs.jsonl`. */
export interface RepairRecord {
  /** ISO 8601 UTC. */
  readonly time: string;
  readonly table: string;
  readonly partition: string;
  readonly reason: string;
  readonly rows: number;
  /** Estimate of what was moved, in compressed bytes, and how long it took; absent in records of an older ch-sync. */
  readonly bytes?: number;
  readonly seconds?: number;
  /** Of the rows that were added: decimal sums of hashes. */
  readonly digests: { readonly city: string; readonly xxh: string };
  readonly query_ids: readonly string[];
  /** Where what it replaced is kept for a while, and the statement that brings it back; absent: it only added. */
  readonly kept?: string;
  readonly restore?: string;
}
