/** Spans of time for programs. */
import type { MissingSpan } from "../model/missing_span.ts";

export interface SpanJson {
  /** ISO 8601 UTC; no missing row is older than the first `from`, or of a `to` or later. */
  readonly from: string;
  readonly to: string;
  readonly rows: number;
}

/** Spans outside of what ISO 8601 can write are left out. */
export function spansJson(spans: readonly MissingSpan[]): SpanJson[] {
  return spans.filter(({ from, to }) => Math.max(Math.abs(from), Math.abs(to)) <= 8.64e12).map((
    { from, to, rows },
  ) => ({
    from: new Date(from * 1000).toISOString(),
    to: new Date(to * 1000).toISOString(),
    rows: Number(rows),
  }));
}
