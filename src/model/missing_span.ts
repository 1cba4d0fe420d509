/** When rows are missing, not only how many. */

/** Unix seconds: every missing row that a list of these is about is of `from` or later, and before `to`, of one of them. */
export interface MissingSpan {
  readonly from: number;
  readonly to: number;
  /** Missing rows of that time. */
  readonly rows: bigint;
}

/** Spans that a finding has at most. */
const MOST = 12;

/**
 * The same times and rows in fewer spans: those that touch become one; if there are still too many, those that lie nearest to each
 * other do. Ordered by time.
 */
export function mergeSpans(spans: readonly MissingSpan[], most = MOST): MissingSpan[] {
  const ordered = spans.toSorted((a, b) => a.from - b.from);
  const gaps: number[] = [];
  let end = -Infinity;
  for (const { from, to } of ordered) {
    if (end !== -Infinity && from > end) gaps.push(from - end);
    end = Math.max(end, to);
  }
  // Gaps up to this are closed: then at most `most - 1` are left.
  const closed = gaps.length < most ? 0 : gaps.toSorted((a, b) => b - a)[most - 1]!;
  const merged: MissingSpan[] = [];
  for (const span of ordered) {
    const last = merged.at(-1);
    if (!last || span.from - last.to > closed) merged.push(span);
    else merged[merged.length - 1] = joined(last, span);
  }
  return merged;
}

/** From the beginning of the first to the end of the last, with so many rows; none if there is none. */
export function hullOf(spans: readonly MissingSpan[], rows: bigint): MissingSpan[] {
  if (spans.length === 0) return [];
  const whole = spans.reduce(joined);
  return [{ ...whole, rows }];
}

function joined(a: MissingSpan, b: MissingSpan): MissingSpan {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to), rows: a.rows + b.rows };
}
