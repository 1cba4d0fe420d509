/** Figures and times as the page writes them. */
import type { html } from "hono/html";
import { readableBytes } from "../reconcile/readable_bytes.ts";

/** Escaped markup. */
export type Html = ReturnType<typeof html>;

/** 1234567 as `1,234,567`. */
export function count(number: bigint | number): string {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

export function plural(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

/** To the second: `2026-01-02 03:04:05 UTC`. */
export function isoOf(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `3 minutes ago`, `in 20 seconds`. */
export function ago(time: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - time.getTime()) / 1000);
  return seconds >= 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/** In its largest unit; of less than two of it, in the next smaller one. */
export function duration(seconds: number): string {
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]] as const;
  for (const [unit, size] of units) {
    if (seconds >= 2 * size) return plural(Math.floor(seconds / size), unit);
  }
  return plural(Math.floor(seconds), "second");
}

export function perSecond(bytes: number, seconds: number): string {
  return `${readableBytes(seconds > 0 ? bytes / seconds : 0)}/s`;
}
