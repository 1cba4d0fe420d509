/** Spans of time as an operator types them. */

/** Days, hours, minutes and seconds, in this order, each at most once. */
const FORM = /^(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?$/;

/** Seconds of `30m`, `2h` or `1d12h`; null: it is no span of time, or none at all. */
export function parseDuration(text: string): number | null {
  const found = FORM.exec(text.trim().toLowerCase());
  if (!found) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const sum = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
  return sum > 0 ? sum : null;
}
