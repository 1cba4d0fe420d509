/** How long repairs will take, by how long earlier ones took. */
import type { RepairRecord } from "../model/repair_record.ts";
import type { Settings } from "../model/settings.ts";

export interface Pace {
  /** Compressed bytes of the active site. */
  readonly bytesPerSecond: number;
  /** Repairs by which it was measured; 0: it is assumed. */
  readonly repairs: number;
}

/** What two servers of moderate size in different towns do; said where it is used. */
const ASSUMED = 20 * 1024 * 1024;
/** Seconds that a repair takes however little it moves: a staging table, proofs, an attach. */
const SMALLEST_SECONDS = 0.3;
/** Bytes of a repair from which its pace says something about the link. */
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
