/**
 * Whether rows that only this site has and rows that are missing here are the same events, each written with values of its
 * own site in a key: ids, stamps, offsets. Which columns these are is told by the rows, not by names.
 */
import type { TimeAxis } from "../../model/scope.ts";
import { PER_SECOND } from "../../model/time_units.ts";

/** One row by a hash of each of its compared columns, to see in which of them it differs from another. */
export interface RowByColumns {
  readonly columns: readonly string[];
  /** In the unit of the time axis; 0 without one. */
  readonly time: bigint;
}

/** Some rows that only this site has, and rows of the active site that are the same in most of their columns. */
export interface NearRows {
  /** Names, in the order of the hashes. */
  readonly columns: readonly string[];
  readonly surplus: readonly RowByColumns[];
  /** `common`: this site has it as well, so it is no row that is missing. */
  readonly near: readonly (RowByColumns & { readonly common: boolean })[];
}

/** Columns in which the rows of a pair may differ, at most; and fewer than half of them. */
const LEFT_OUT = 3;

/** How far the stamps of one event may be apart, if the time axis itself is one: in its unit. A minute, or a day. */
export function axisNearness({ unit }: Pick<TimeAxis, "unit">): bigint {
  return unit === "days" ? 1n : 60n * PER_SECOND[unit];
}

/** Rows that only this site has, as far as they were looked at. */
export interface PairedOff {
  readonly looked: bigint;
  /** Those that are a missing row once the columns are left out. */
  readonly paired: bigint;
  /** Names, those first in which most pairs differ. */
  readonly columns: readonly string[];
  /** Rows pair off only if their time is left out as well. */
  readonly byTime: boolean;
}

/**
 * Pairs each surplus row with a missing one. A pair does not count where
 *
 * - it differs in no key: such twins are found by their key, and judged by that;
 * - a row that both sites have is as near as the missing one: there the columns are no values that a site makes up;
 *   so rows that are the same but for their time, of which each site lost some, are no twins.
 *
 * @param identifying columns that stand in a key, or are the time axis
 */
export function pairOff(
  { columns, surplus, near }: NearRows,
  identifying: ReadonlySet<string>,
  axis: TimeAxis | null,
): PairedOff | null {
  const time = columns.findIndex((name) => name === axis?.column);
  const most = Math.min(LEFT_OUT, Math.ceil(columns.length / 2) - 1);
  const reach = axis === null ? 0n : axisNearness(axis);
  const differing = new Map<number, number>();
  const times = { with: 0n, without: 0n };
  for (const row of surplus) {
    const likest = nearest(row, near, most, (other) => distance(row.time, other.time) <= reach);
    if (likest === null || !likest.some((at) => identifying.has(columns[at]!))) continue;
    for (const at of likest) differing.set(at, (differing.get(at) ?? 0) + 1);
    times[likest.includes(time) ? "with" : "without"]++;
  }
  const paired = times.with + times.without;
  if (paired === 0n) return null;
  const named = [...differing].toSorted((a, b) => b[1] - a[1]).map(([at]) => columns[at]!);
  const looked = BigInt(surplus.length);
  return { looked, paired, columns: named, byTime: times.with > times.without };
}

/** The columns in which the nearest row differs; null: none is near, or the nearest is one that both sites have. */
function nearest(
  row: RowByColumns,
  others: NearRows["near"],
  most: number,
  isNear: (other: RowByColumns) => boolean,
): readonly number[] | null {
  let [missing, common] = [null as readonly number[] | null, [] as (readonly number[])[]];
  for (const other of others) {
    const differing = differences(row, other, most);
    if (differing === null) continue;
    if (other.common) common.push(differing);
    else if (isNear(other) && (missing === null || differing.length < missing.length)) missing = differing;
  }
  const within = (one: readonly number[]) => one.every((at) => missing?.includes(at));
  return missing === null || common.some(within) ? null : missing;
}

/** Places of the columns in which two rows differ; null: too many. */
function differences(one: RowByColumns, other: RowByColumns, most: number): readonly number[] | null {
  const differing: number[] = [];
  for (const [at, value] of one.columns.entries()) {
    if (value === other.columns[at]) continue;
    if (differing.length === most) return null;
    differing.push(at);
  }
  return differing;
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
