/** Figures and times as the page writes them. */
import type { html } from "hono/html";
import { readableBytes, readableDuration } from "../text/readable.ts";

/** Escaped markup. */
export type Html = ReturnType<typeof html>;

export { counted as plural, grouped as count } from "../text/readable.ts";

/** To the second: `2026-01-02 03:04:05 UTC`. */
export function isoOf(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `2026-01-02 03:04 UTC`. */
export function minuteOf(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `3 minutes ago`, `in 20 seconds`. */
export function ago(time: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - time.getTime()) / 1000);
  return seconds >= 0 ? `${readableDuration(seconds)} ago` : `in ${readableDuration(-seconds)}`;
}

export function perSecond(bytes: number, seconds: number): string {
  return `${readableBytes(seconds > 0 ? bytes / seconds : 0)}/s`;
}

/** Characters of what was found, where a page has many of them. */
const SHORT = 240;

/** The beginning of a text that is longer. */
export function cut(text: string, length = SHORT): string {
  return text.length > length ? `${text.slice(0, length).toWellFormed()}…` : text;
}

/** The page of one table, relative to the page of all. */
export function linkTo(table: string): string {
  return `?table=${encodeURIComponent(table.toWellFormed())}`; // a half of a character cannot be encoded
}
