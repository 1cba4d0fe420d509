/** Dates and times as an operator types them. */

const FORM = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Unix seconds of an ISO date (its midnight) or a date and time, in UTC unless a zone is given; null: it is none. A day or an
 * hour that no calendar has is none.
 */
export function parseInstant(text: string): number | null {
  const found = FORM.exec(text.trim());
  if (!found) return null;
  const [year, month, day, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((part) =>
    part === undefined ? undefined : Number(part)
  ) as [number, number, number, number?, number?, number?];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  const same = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 && minute < 60 && second < 60;
  const offset = zoneSeconds(found[7] ?? "Z");
  return same && offset !== null ? time / 1000 - offset : null;
}

/** Seconds by which a zone is ahead of UTC. */
function zoneSeconds(zone: string): number | null {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!found) return 0;
  const [hours, minutes] = [Number(found[2]), Number(found[3])];
  if (hours > 14 || minutes > 59) return null;
  return (found[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60);
}
