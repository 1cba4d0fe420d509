/** From the text of the file `pause` to what it says, and back. */
import type { Pause } from "../model/pause.ts";

/** Characters of a reason, at most. */
export const LONGEST_REASON = 200;

export function formatPause(pause: Pause): string {
  return JSON.stringify(pause, null, 2) + "\n";
}

/**
 * The pause that the text asks for; null: it is over. Whatever the file holds, it was put there to hold repairs back: a text that
 * `ch-sync pause` did not write counts without an end, and is its own reason.
 */
export function parsePause(text: string, now: Date): Pause | null {
  const written = readWritten(text);
  if (written === null) return { since: null, until: null, reason: readReason(text) };
  const over = written.until !== null && Date.parse(written.until) <= now.getTime();
  return over ? null : written;
}

/** What `ch-sync pause` wrote; null: somebody else wrote this. */
function readWritten(text: string): Pause | null {
  try {
    const { since, until, reason } = JSON.parse(text) as Record<string, unknown>;
    if (!isTimeOrNull(since) || !isTimeOrNull(until)) return null;
    if (reason !== null && typeof reason !== "string") return null;
    return { since, until, reason: reason === null ? null : readReason(reason) };
  } catch {
    return null;
  }
}

/** One line; null: it says nothing. */
function readReason(text: string): string | null {
  const line = text.replace(/\s+/g, " ").trim();
  if (line === "") return null;
  return line.length > LONGEST_REASON
    ? `${line.slice(0, LONGEST_REASON).toWellFormed()}…`
    : line.toWellFormed();
}

function isTimeOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) && !Number.isNaN(Date.parse(value)));
}
