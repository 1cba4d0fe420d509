/** Spans of time as people write them, in UTC. */
import type { MissingSpan } from "../model/missing_span.ts";
import { counted } from "./readable.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const [DAY, MINUTE] = [86_400, 60];
/** Seconds from which on a span is told by minutes, rounded outwards. */
const BY_MINUTES = 600;
/** Spans that are listed one by one. */
const LISTED = 3;

/**
 * `14:00–16:05 UTC of 24 Nov, 3,334 rows`, several of them separated by semicolons.
 *
 * @param missing all missing rows: those that are in no span have no time
 * @param year that goes without saying; absent: none does
 */
export function spansInWords(spans: readonly MissingSpan[], missing: bigint, year?: number): string {
  const listed = spans.slice(0, LISTED).map((span) =>
    `${spanInWords(span, year)}, ${counted(span.rows, "row")}`
  );
  const rest = spans.slice(LISTED);
  if (rest.length > 0) {
    const more = rest.reduce((sum, span) => sum + span.rows, 0n);
    listed.push(`${rest.length} more until ${instant(rest.at(-1)!.to, year)}, ${counted(more, "row")}`);
  }
  const untimed = missing - spans.reduce((sum, span) => sum + span.rows, 0n);
  if (untimed > 0n) listed.push(`${counted(untimed, "row")} without a time`);
  return listed.join("; ");
}

/** `14:00–16:05 UTC of 24 Nov`, `24–26 Nov`, `22:10 UTC of 24 Nov – 03:05 UTC of 25 Nov`. */
export function spanInWords({ from, to }: Pick<MissingSpan, "from" | "to">, year?: number): string {
  if (!isTold(from) || !isTold(to)) return "a time that no calendar has";
  if (from % DAY === 0 && to % DAY === 0 && to > from) return days(from, to - DAY, year);
  const [start, end] = to - from < BY_MINUTES
    ? [from, to]
    : [Math.floor(from / MINUTE) * MINUTE, Math.ceil(to / MINUTE) * MINUTE];
  const first = Math.floor(start / DAY);
  if (end <= (first + 1) * DAY) {
    const until = end === (first + 1) * DAY ? "24:00" : clock(end);
    return `${clock(start)}–${until} UTC of ${date(start, year)}`;
  }
  return `${instant(start, year)} – ${instant(end, year)}`;
}

/** `14:02:10 UTC of 24 Nov`. */
export function instant(seconds: number, year?: number): string {
  return isTold(seconds) ? `${clock(seconds)} UTC of ${date(seconds, year)}` : "a time that no calendar has";
}

function days(from: number, last: number, year?: number): string {
  if (from === last) return date(from, year);
  const [a, b] = [new Date(from * 1000), new Date(last * 1000)];
  const sameYear = a.getUTCFullYear() === b.getUTCFullYear();
  if (sameYear && a.getUTCMonth() === b.getUTCMonth()) return `${a.getUTCDate()}–${date(last, year)}`;
  const begin = sameYear ? date(from, a.getUTCFullYear()) : date(from, year);
  return `${begin} – ${date(last, year)}`;
}

function date(seconds: number, year?: number): string {
  const at = new Date(seconds * 1000);
  const named = at.getUTCFullYear() === year ? "" : ` ${at.getUTCFullYear()}`;
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${named}`;
}

/** Without seconds where there are none. */
function clock(seconds: number): string {
  const text = new Date(seconds * 1000).toISOString();
  return text.slice(11, seconds % MINUTE === 0 ? 16 : 19);
}

/** A column may hold more than a calendar does. */
function isTold(seconds: number): boolean {
  return Math.abs(seconds) <= 8.64e12 && !Number.isNaN(seconds);
}
