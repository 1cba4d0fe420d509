/** The spans of time in which rows of a partition are missing. */
import { hullOf, mergeSpans, type MissingSpan } from "../../model/missing_span.ts";
import type { Bucketing, TimeAxis } from "../../model/scope.ts";
import { PER_SECOND, settledBefore } from "../../model/time_units.ts";
import type { Judgement, PartitionFacts } from "./partition_facts.ts";

type Timed = Pick<
  PartitionFacts,
  "here" | "scope" | "comparison" | "differences" | "free" | "oldest" | "newest" | "merged"
>;

/**
 * By the buckets that differ, as far as they account for all that is missing; else the time of the whole partition, as it
 * was when it was compared. Rows without a time are in no span. None if nothing is missing, or if no column tells the time.
 */
export function missingSpans(
  facts: Timed,
  bucketing: Bucketing,
  { missing, held }: Pick<Judgement, "missing" | "held">,
): MissingSpan[] {
  const { scope: { axis }, here } = facts;
  const whole = wholeSpan(facts, missing.rows);
  if (axis === null || whole === null || missing.rows === 0n) return [];
  // Of a partition that is not here at all, one digest was asked for.
  if (bucketing.kind !== "time" || here === null || here.rows === 0n) return [whole];
  const { origin, width } = bucketing;
  const lacking = lackingBuckets(facts, held?.cause === "twins");
  if (lacking.reduce((sum, { rows }) => sum + rows, 0n) !== missing.rows) return [whole];
  const spans = lacking.flatMap(({ bucket, rows }) => {
    if (bucket === null) return [];
    const from = Math.max(whole.from, floored(origin + bucket * width, axis));
    const to = Math.min(whole.to, raised(origin + (bucket + 1n) * width, axis));
    return [{ from: Math.min(from, to), to: Math.max(from, to), rows }];
  });
  return mergeSpans(spans);
}

/** Of what is left alone of a partition: somewhere in the time in which rows are missing, repaired or not. */
export function heldSpans(facts: Timed, bucketing: Bucketing, rows: bigint): MissingSpan[] {
  const timed = lackingBuckets(facts, false);
  const missing = { rows: timed.reduce((sum, { rows }) => sum + rows, 0n), city: 0n, xxh: 0n };
  const hull = hullOf(missingSpans(facts, bucketing, { missing }), rows);
  const whole = wholeSpan(facts, rows);
  return hull.length > 0 || whole === null ? hull : [whole];
}

/** Buckets with missing rows. @param besidesHeld without those that are left alone */
function lackingBuckets({ comparison, differences, free, merged }: Timed, besidesHeld: boolean) {
  const absent = comparison.absent.map(({ bucket, digest: { rows } }) => ({ bucket, rows }));
  const partial = besidesHeld && free && !merged
    ? free.map(({ bucket, digest: { rows } }) => ({ bucket, rows }))
    : differences.map(({ bucket, missing: { rows } }) => ({ bucket, rows }));
  return [...absent, ...partial].filter(({ rows }) => rows > 0n);
}

/** From the oldest to the newest row of either site, as far as rows are settled. */
function wholeSpan({ scope, oldest = null, newest }: Timed, rows: bigint): MissingSpan | null {
  const { axis, quiet, moment } = scope;
  if (axis === null || oldest === null || newest === null) return null;
  const grain = axis.numbers?.grain ?? 0n;
  const end = newest + 1n + grain;
  const settled = settledBefore(axis, moment) + grain;
  const from = floored(oldest, axis);
  const to = raised(quiet || end < settled ? end : settled, axis);
  return { from: Math.min(from, to), to, rows };
}

function floored(value: bigint, axis: TimeAxis): number {
  return seconds(value, axis, (rest) => rest < 0n ? -1n : 0n);
}

function raised(value: bigint, axis: TimeAxis): number {
  return seconds(value, axis, (rest) => rest > 0n ? 1n : 0n);
}

function seconds(value: bigint, { unit }: TimeAxis, round: (rest: bigint) => bigint): number {
  if (unit === "days") return Number(value * 86_400n);
  const per = PER_SECOND[unit];
  return Number(value / per + round(value % per));
}
