/** Times in the unit of an axis. */
import type { Moment, RowScope, TimeAxis, TimeUnit } from "./scope.ts";

/** How many of each unit make a second; days are no part of one. */
export const PER_SECOND: Readonly<Record<Exclude<TimeUnit, "days">, bigint>> = {
  seconds: 1n,
  milliseconds: 1000n,
  microseconds: 1_000_000n,
  nanoseconds: 1_000_000_000n,
};

/** Rows before this are settled, in the unit of the axis. */
export function settledBefore({ unit, numbers }: TimeAxis, moment: Moment): bigint {
  if (unit === "days") return BigInt(moment.settledBeforeDay);
  return BigInt(moment.settledBefore) * PER_SECOND[unit] - (numbers?.grain ?? 0n);
}

/** @param newest time of a partition, in the unit of the axis @returns whether all of its rows are compared, as far as their age goes */
export function isAllSettled({ axis, moment, quiet }: RowScope, newest: bigint | null): boolean {
  return quiet || (axis !== null && newest !== null && newest < settledBefore(axis, moment));
}

/** Unix seconds, rounded towards 1970. */
export function toSeconds(value: bigint, { unit }: Pick<TimeAxis, "unit">): number {
  return Number(unit === "days" ? value * 86_400n : value / PER_SECOND[unit]);
}
