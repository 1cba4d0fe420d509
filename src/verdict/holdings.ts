/** From what a check proved to what this site would have left if the active one were lost. It claims nothing else. */
import type { Holdings } from "../model/holdings.ts";
import { hullOf, type MissingSpan } from "../model/missing_span.ts";
import type { Reason } from "../model/reason.ts";
import type { CheckReport, Finding, TableReport } from "../model/report.ts";
import { counted } from "../text/readable.ts";
import { isSettled } from "./clean.ts";

/** Reasons with which missing rows were counted one by one. With others, more may be missing than was found. */
const COUNTED: ReadonlySet<Reason> = new Set([
  "missing",
  "partial",
  "independent",
  "recurring",
  "backfilling",
  "deleted",
]);

/** Null: the check was not one of everything, or compared nothing. */
export function holdingsOf(report: CheckReport): Holdings | null {
  const { outcome, limited, settledBefore, tables, leftOut } = report;
  if (outcome !== "completed" || limited || settledBefore === null) return null;
  const known: Known[] = [];
  const unknown = leftOut.map(({ table, engine }) => ({ table, why: `not synced: ${engine}` }));
  for (const table of tables) {
    const holds = knownOf(table, settledBefore);
    if (typeof holds === "string") unknown.push({ table: table.table, why: holds });
    else known.push(holds);
  }
  const through = known.length === 0 ? null : least([settledBefore, ...known.map((one) => one.through)]);
  return {
    compared_through: iso(settledBefore),
    through: through === null ? null : iso(through),
    ...lacks(known.flatMap(({ lacking }) => lacking)),
    tables: known.filter(({ lacking, through }) => lacking.length > 0 || through < settledBefore)
      .map(({ table, through, lacking }) => ({ table, through: iso(through), ...lacks(lacking) })),
    unknown,
  };
}

/**
 * What was known before, but of tables in which a check that was not completed found rows missing: nobody knows how far they go.
 *
 * @param tables as that check saw them
 */
export function holdingsBut(before: Holdings, tables: readonly TableReport[]): Holdings {
  const lacking = tables.flatMap(({ table, findings }) => {
    const missing = findings.reduce((sum, found) => sum + (isHere(found) ? 0n : found.missing), 0n);
    return missing > 0n ? [{ table, why: `${counted(missing, "row")} missing` }] : [];
  });
  const isOther = ({ table }: { readonly table: string }) => !lacking.some((one) => one.table === table);
  const known = before.tables.filter(isOther);
  return {
    ...before,
    missing: known.reduce((sum, { missing }) => sum + missing, 0),
    from: known.map(({ from }) => from).filter((from) => from !== null).sort()[0] ?? null,
    to: known.map(({ to }) => to).filter((to) => to !== null).sort().at(-1) ?? null,
    tables: known,
    unknown: [...before.unknown.filter(isOther), ...lacking],
  };
}

interface Known {
  readonly table: string;
  /** Unix seconds. */
  readonly through: number;
  readonly lacking: readonly MissingSpan[];
}

/** What a table holds; or why that is not known, in a word or two. */
function knownOf({ table, findings, through }: TableReport, settledBefore: number): Known | string {
  const open = findings.filter((found) => !isHere(found));
  const untold = open.find((found) => !isCounted(found));
  const missing = open.reduce((sum, found) => sum + found.missing, 0n);
  if (untold) return missing > 0n ? `${untold.reason}; ${counted(missing, "row")} missing` : untold.reason;
  if (through === null) return "keys that change all the time";
  if (through === undefined) return "not compared";
  const lacking = open.flatMap(({ spans }) => spans);
  const timed = lacking.reduce((sum, { rows }) => sum + rows, 0n);
  if (timed < missing || !lacking.every(({ from, to }) => isWritten(from) && isWritten(to))) {
    return `${counted(missing, "row")} missing, of an unknown time`;
  }
  const first = lacking.map(({ from }) => from);
  return { table, through: Math.max(FIRST, least([through, settledBefore, ...first])), lacking };
}

/** Whether no more is missing than the finding says. */
function isCounted({ reason, cause, missing, repair }: Finding): boolean {
  if (cause === "same_version") return false; // keys in conflict are not among the missing rows
  // Where rows are surplus too, more may be missing than is presumed.
  return missing > 0n && COUNTED.has(reason) && !repair?.presumed;
}

function lacks(spans: readonly MissingSpan[]) {
  const rows = spans.reduce((sum, { rows }) => sum + rows, 0n);
  const [whole] = hullOf(spans, rows);
  return {
    missing: Number(rows),
    from: whole ? iso(whole.from) : null,
    to: whole ? iso(whole.to) : null,
  };
}

/** The seconds in which the years 0 to 9999 begin and end. */
const [FIRST, LAST] = [-62_167_219_200, 253_402_300_799];

function isWritten(seconds: number): boolean {
  return seconds >= FIRST && seconds <= LAST;
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function least(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b));
}

/** Whether all that the finding is about is here, if it was settled when the check began. */
function isHere(found: Finding): boolean {
  if (found.cause === "derived_proven") return true;
  if (found.reason === "derived") return false;
  return isSettled(found) && (found.repaired || found.missing === 0n);
}
