/** Spans of time, sizes, numbers of things and long texts for people. */

/** `3,334`. */
export function grouped(number: number | bigint): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 partition`, `3,334 partitions`. */
export function counted(number: number | bigint, word: string, words = `${word}s`): string {
  return `${grouped(number)} ${BigInt(number) === 1n ? word : words}`;
}

/** `1 row is absent here`, `2 rows are absent here`. */
export function absentHere(rows: bigint): string {
  return `${counted(rows, "row")} ${rows === 1n ? "is" : "are"} absent here`;
}

/** `45 seconds`, `3 minutes`, `2 hours`: in the largest unit of which there are two. */
export function readableDuration(seconds: number): string {
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]] as const;
  for (const [unit, size] of units) {
    if (seconds >= 2 * size) return `${Math.floor(seconds / size)} ${unit}s`;
  }
  const rounded = Math.max(0, Math.round(seconds));
  return `${rounded} second${rounded === 1 ? "" : "s"}`;
}

/** An estimate, in words. */
export function aboutDuration(seconds: number): string {
  return seconds < 1 ? "less than a second" : `about ${readableDuration(Math.ceil(seconds))}`;
}

/** The beginning of a text that a site gives, which may be of any length. */
export function shorten(text: string, most = 300): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}… (${text.length} characters)`;
}

/** Binary units, as ClickHouse prints sizes. */
export function readableBytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let [value, unit] = [count, 0];
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
