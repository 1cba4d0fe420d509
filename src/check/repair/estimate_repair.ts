/** What repairs will take: time, judging by earlier ones, and space on the disks of this site. */
import type { RepairRecord } from "../../model/repair_record.ts";
import type { Settings } from "../../model/settings.ts";
import type { Repair } from "../../model/repair.ts";
import { readableBytes } from "../../text/readable.ts";

export interface Pace {
  /** Compressed bytes of the active site. */
  readonly bytesPerSecond: number;
  /** How many repairs it was measured by; 0: it is assumed. */
  readonly repairs: number;
}

/** What two servers of moderate size in different towns reach. Whoever shows it says that it is assumed. */
const ASSUMED = 20 * 1024 * 1024;
/** Seconds that a repair takes at least: for a staging table, proofs, an attach. */
const SMALLEST_SECONDS = 0.3;
/** A repair of at least so many bytes says something about the speed of the link. */
const TELLING_BYTES = 1024 * 1024;

/** @param repairs earlier ones, in any order */
export function paceOf(
  repairs: readonly RepairRecord[],
  { maxBytesPerSecond }: Pick<Settings, "maxBytesPerSecond">,
): Pace {
  const telling = repairs.filter(({ bytes = 0, seconds = 0 }) => bytes >= TELLING_BYTES && seconds > 0);
  const sum = (of: (repair: RepairRecord) => number) => telling.reduce((total, one) => total + of(one), 0);
  const measured = telling.length === 0
    ? ASSUMED
    : sum(({ bytes = 0 }) => bytes) / sum(({ seconds = 0 }) => seconds);
  return { bytesPerSecond: Math.min(measured, maxBytesPerSecond ?? Infinity), repairs: telling.length };
}

export const UNKNOWN_PACE: Pace = { bytesPerSecond: ASSUMED, repairs: 0 };

/** Seconds that repairs of so many bytes each will take, one after the other. */
export function secondsFor(bytes: readonly number[], { bytesPerSecond }: Pace): number {
  return bytes.reduce((total, one) => total + SMALLEST_SECONDS + one / bytesPerSecond, 0);
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
