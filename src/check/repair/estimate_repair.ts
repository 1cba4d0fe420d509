/** What repairs will take: time, judging by earlier ones, and space on the disks of this site. */
import type { RepairRecord } from "../../model/repair_record.ts";
import type { Settings } from "../../model/settings.ts";
import type { Repair } from "../../model/repair.ts";
import { readableBytes } from "../../text/readable.ts";
import { batchRepairs } from "./batch_partitions.ts";

export interface Pace {
  /** Compressed bytes of the active site. */
  readonly bytesPerSecond: number;
  /** How many repairs it was measured by; 0: it is assumed. */
  readonly repairs: number;
  /** Whether small partitions of a table are repaired together: not over several shards. */
  readonly together: boolean;
}

/** What two servers of moderate size in different towns reach. Whoever shows it says that it is assumed. */
const ASSUMED = 20 * 1024 * 1024;
/** Seconds that a repair, or a batch of them, takes at least: for a staging table, proofs, an attach. */
const SMALLEST_SECONDS = 0.3;
/**
 * Seconds of each partition of a batch: for its part, its proofs, its mark, its share of the ALTER. 300 partitions of 2,000 rows took
 * 0.007 to 0.01 on two servers of 26.7 that shared two idle cores, and up to 0.07 on busy ones (docs/benchmarks.md).
 */
const TOGETHER_SECONDS = 0.01;
/** A repair of at least so many bytes says something about the speed of the link. */
const TELLING_BYTES = 1024 * 1024;

/** @param repairs earlier ones, in any order */
export function paceOf(
  repairs: readonly RepairRecord[],
  { maxBytesPerSecond, shards, localShards }: Pick<
    Settings,
    "maxBytesPerSecond" | "shards" | "localShards"
  >,
): Pace {
  const telling = repairs.filter(({ bytes = 0, seconds = 0 }) => bytes >= TELLING_BYTES && seconds > 0);
  const sum = (of: (repair: RepairRecord) => number) => telling.reduce((total, one) => total + of(one), 0);
  const measured = telling.length === 0
    ? ASSUMED
    : sum(({ bytes = 0 }) => bytes) / sum(({ seconds = 0 }) => seconds);
  return {
    bytesPerSecond: Math.min(measured, maxBytesPerSecond ?? Infinity),
    repairs: telling.length,
    together: shards.length + localShards.length === 0,
  };
}

export const UNKNOWN_PACE: Pace = { bytesPerSecond: ASSUMED, repairs: 0, together: false };

/** Seconds that these repairs will take: small partitions of a table together, the others one after the other. */
export function secondsFor(repairs: readonly Repair[], { bytesPerSecond, together }: Pace): number {
  const tables = together ? [...Map.groupBy(repairs, ({ pair }) => pair.name).values()] : [];
  const batches = tables.flatMap(batchRepairs);
  const batched = batches.reduce((sum, { length }) => sum + length, 0);
  const copies = repairs.reduce((sum, { bytes }) => sum + bytes / bytesPerSecond, 0);
  return copies + SMALLEST_SECONDS * (repairs.length - batched + batches.length) + TOGETHER_SECONDS * batched;
}

/** Bytes that the repair takes of the disks. */
export function spaceFor({ bytes, keptBytes = 0, method }: Pick<Repair, "bytes" | "keptBytes" | "method">) {
  // Attached parts are hard links to the staged ones; an INSERT writes the rows a second time.
  // What is kept aside is hard links too, but its space is not freed when the table merges its parts.
  return (method === "insert" ? 2 * bytes : bytes) + keptBytes;
}

/**
 * Why the repair must not begin, with figures; null: it fits, or that cannot be told.
 *
 * @param freeBytes on the disks of the table's storage policy; null: unknown
 */
export function lacksSpace(
  repair: Pick<Repair, "pair" | "bytes" | "keptBytes" | "method">,
  freeBytes: number | null,
): string | null {
  const needed = spaceFor(repair);
  if (freeBytes === null || needed <= freeBytes) return null;
  return `the copy needs about ${readableBytes(needed)}, and ${
    readableBytes(freeBytes)
  } are free on the disks of ` +
    `${repair.pair.name}: free space at this site; nothing was copied, and the next check tries again`;
}
