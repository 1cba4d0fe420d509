/** Whole numbers that are times: by what the operator says, or by what they read as. */
import type { Moment, TimeAxis, TimeUnit } from "../../model/scope.ts";
import type { TimeColumn } from "../../model/settings.ts";
import type { Table } from "../../model/table.ts";
import type { NumberSpan } from "../../model/partition.ts";
import { PER_SECOND, toSeconds } from "../../model/time_units.ts";
import { findTimeAxis, isGiven, saidOf } from "./time_axis.ts";

/** A column whose numbers may be times. */
export interface NumberColumn {
  readonly column: string;
  /** What the operator says; null: nothing, the numbers have to tell. */
  readonly said: { readonly unit: Exclude<TimeUnit, "days"> | null } | null;
}

/**
 * The columns of whole numbers that may be the axis: those that the operator names; else those in keys, unless one of
 * them is a time that tells more than the day.
 */
export function numberColumns(
  table: Table,
  typed: TimeAxis | null,
  timeColumns: readonly TimeColumn[],
): NumberColumn[] {
  const whole = table.columns.filter((column) => isWhole(column.type) && isGiven(column));
  const named = whole.flatMap((column): NumberColumn[] => {
    const said = saidOf(table, column, timeColumns);
    return !said || said.unit === "none" ? [] : [{ column: column.name, said: { unit: said.unit } }];
  });
  if (named.length > 0) return named;
  if (typed?.unit === "seconds") return [];
  const keys = [
    ...whole.filter(({ inPartitionKey }) => inPartitionKey),
    ...whole.filter(({ inPartitionKey, inSortingKey }) => inSortingKey && !inPartitionKey),
  ];
  return keys.filter((column) => !saidOf(table, column, timeColumns)).map(({ name }) => ({
    column: name,
    said: null,
  }));
}

/** The column by which rows settle, as far as no value has to be looked at: whole numbers are one if their unit is said. */
export function saidAxis(table: Table, timeColumns: readonly TimeColumn[]): TimeAxis | null {
  const typed = findTimeAxis(table, timeColumns);
  const named = numberColumns(table, typed, timeColumns).flatMap(({ column, said }) =>
    said?.unit ? [{ column, unit: said.unit, numbers: { grain: 0n } }] : []
  );
  return named[0] ?? typed;
}

function isWhole(type: string): boolean {
  const bare = type.replace(/^LowCardinality\((.*)\)$/, "$1").replace(/^Nullable\((.*)\)$/, "$1");
  return /^U?Int(?:32|64)$/.test(bare);
}

export interface NumberAxis {
  readonly axis: TimeAxis | null;
  /** Why numbers that look like times are not taken for them: a sentence for the operator; null: none do. */
  readonly doubt: string | null;
}

/** 2000-01-01, in unix seconds. */
const FIRST = 946_684_800n;
const DAY = 86_400n;

/**
 * The axis, by the numbers of both sites in all partitions that still change. A number that is none, or too old for what has just
 * been written, is what speaks against it: identifiers may lie in the range of times, but hardly end where the clock stands.
 * Of several columns the finest is taken: a bucket of time is older than the rows in it.
 *
 * @param spans of `columns`, of both sites
 * @param changedAt unix seconds of the newest part of these partitions
 */
export function chooseNumberAxis(
  columns: readonly NumberColumn[],
  spans: readonly NumberSpan[],
  { now }: Pick<Moment, "now">,
  changedAt: number,
): NumberAxis {
  const axes: { readonly axis: TimeAxis; readonly coarse: number }[] = [];
  const doubts: string[] = [];
  for (const { column, said } of columns) {
    const span = bothOf(spans.filter((span) => span.column === column));
    if (span === null) {
      if (said?.unit) axes.push({ axis: { column, unit: said.unit, numbers: { grain: 0n } }, coarse: 0 });
      continue;
    }
    const unit = said?.unit ?? unitOf(span.to, now) ?? unitOf(span.from, now);
    if (unit === null) {
      if (said) {
        doubts.push(
          `TIME_COLUMNS names ${column}, whose newest value, ${span.to}, is no time of these years in s, ms, us or ns`,
        );
      }
      continue;
    }
    if (said && span.to < FIRST * PER_SECOND[unit]) {
      doubts.push(
        `TIME_COLUMNS says that ${column} holds ${unit}, whose newest value, ${span.to}, would then be older than the year 2000`,
      );
      continue;
    }
    const objection = said ? null : objectionTo(span, unit, now, changedAt);
    if (objection !== null) {
      doubts.push(
        `${column} looks like a time in ${unit} and is not taken for one, as ${objection}: set TIME_COLUMNS, with :none if it is ` +
          "no time",
      );
      continue;
    }
    // Whole weeks are older than what was written last, and pass only if the operator says so.
    const grain = least(span.grain, (said ? 7n : 1n) * DAY * PER_SECOND[unit]);
    const axis = { column, unit, numbers: { grain } };
    axes.push({ axis, coarse: Number(grain) / Number(PER_SECOND[unit]) });
  }
  const [finest] = axes.toSorted((a, b) => a.coarse - b.coarse);
  return { axis: finest?.axis ?? null, doubt: finest ? null : doubts.join("; ") || null };
}

/** The unit in which a number is a time from 2000 to tomorrow; there is at most one. */
function unitOf(value: bigint, now: number): Exclude<TimeUnit, "days"> | null {
  for (const unit of ["seconds", "milliseconds", "microseconds", "nanoseconds"] as const) {
    const perSecond = PER_SECOND[unit];
    if (value >= FIRST * perSecond && value <= (BigInt(now) + DAY) * perSecond) return unit;
  }
  return null;
}

function objectionTo(
  { from, to }: Span,
  unit: Exclude<TimeUnit, "days">,
  now: number,
  changedAt: number,
): string | null {
  if (from < FIRST * PER_SECOND[unit]) return `its values reach down to ${from}`;
  if (to > (BigInt(now) + DAY) * PER_SECOND[unit]) {
    return `its values reach up to ${to}, which is later than tomorrow`;
  }
  const newest = toSeconds(to, { unit });
  return newest < changedAt - Number(DAY)
    ? `its newest value, ${to}, is more than a day older than what was written last`
    : null;
}

interface Span {
  readonly from: bigint;
  readonly to: bigint;
  readonly grain: bigint;
}

/** Of both sites; null where neither holds a number. */
function bothOf(spans: readonly NumberSpan[]): Span | null {
  const held = spans.flatMap(({ from, to, sample }) =>
    from === null || to === null ? [] : [{ from, to, sample }]
  );
  if (held.length === 0) return null;
  const from = held.map(({ from }) => from).reduce(least);
  const to = held.map(({ to }) => to).reduce((a, b) => a > b ? a : b);
  const grain = [...held.flatMap(({ sample }) => sample), from, to].reduce(commonDivisor);
  return { from, to, grain };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function commonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}
