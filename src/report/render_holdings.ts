/** What this site would have left if the active one were lost, in words. */
import type { Holdings } from "../model/holdings.ts";
import { counted } from "../text/readable.ts";
import { instant, spanInWords } from "../text/spans_in_words.ts";

/** Tables that are named, at most. */
const NAMED = 5;

/** A sentence of what is held and lacked, then what is not known, then tables one by one. */
export function renderHoldings(holds: Holdings, active: boolean): string[] {
  const begin = active
    ? "When the other site was last compared, this site held"
    : "If the active site were lost now: this site holds";
  return [`${begin} ${sentence(holds)}`, ...holdingsDetails(holds)];
}

/** Lines about what is not known, and about tables that lack something. The year of the check goes without saying. */
export function holdingsDetails(holds: Holdings): string[] {
  return [`not known: ${notKnown(holds)}`, ...shortTables(holds)];
}

/** Lines about tables that lack rows, or that are known less far than others. */
export function shortTables({ tables, compared_through }: Holdings): string[] {
  const year = yearOf(compared_through);
  const ordered = tables.toSorted((a, b) => b.missing - a.missing || (a.through < b.through ? -1 : 1));
  const lines = ordered.slice(0, NAMED).map(({ table, through, missing, from, to }) => {
    const known = missing === 0 || (from !== null && through < from)
      ? [`known through ${at(through, year)}`]
      : [];
    const lacks = missing > 0 ? [`at most ${counted(missing, "row")} of ${between(from, to, year)}`] : [];
    return `${table}: ${[...lacks, ...known].join("; ")}`;
  });
  return ordered.length > NAMED ? [...lines, `and ${counted(ordered.length - NAMED, "more table")}`] : lines;
}

/** `everything through …, but for … tables, and lacks at most … rows of …`. */
export function sentence({ through, missing, from, to, unknown }: Holdings): string {
  if (through === null) return "nothing of which that is proven";
  const but = unknown.length > 0 ? `, but for ${counted(unknown.length, "table")}` : "";
  const lacks = missing > 0 ? `, and lacks at most ${counted(missing, "row")} of ${between(from, to)}` : "";
  return `everything through ${at(through)}${but}${lacks}`;
}

/** What nothing is claimed of. */
export function notKnown({ compared_through, unknown }: Holdings): string {
  const young = `rows since ${at(compared_through, yearOf(compared_through))}`;
  if (unknown.length === 0) return young;
  const named = unknown.slice(0, NAMED).map(({ table, why }) => `${table} (${why})`).join(", ");
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : "";
  return `${young}; ${counted(unknown.length, "table")}: ${named}${more}`;
}

function between(from: string | null, to: string | null, year?: number): string {
  if (from === null || to === null) return "an unknown time";
  return spanInWords({ from: unix(from), to: unix(to) }, year);
}

function at(time: string, year?: number): string {
  return instant(unix(time), year);
}

function yearOf(time: string): number {
  return new Date(time).getUTCFullYear();
}

function unix(time: string): number {
  return Date.parse(time) / 1000;
}
