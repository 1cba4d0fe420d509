/** What a completed check comes to, on the last line of its report. */
import { type Pace, secondsFor } from "../check/repair/estimate_repair.ts";
import type { Repair } from "../model/repair.ts";
import type { CheckReport, Finding } from "../model/report.ts";
import type { State } from "../model/state.ts";
import type { Style } from "../text/paint.ts";
import { aboutDuration, counted, readableBytes } from "../text/readable.ts";
import { isClean, isSettled, isUncompared } from "../verdict/clean.ts";

/** @param state after the check; null: it was a dry run */
export function renderOutcome(
  report: CheckReport,
  pace: Pace,
  state: State | null,
): { readonly label: string; readonly style: Style } {
  const { tables, dryRun, limited } = report;
  const findings = tables.flatMap((table) => table.findings);
  const repaired = findings.filter((found) => found.repaired);
  const open = findings.filter((found) => !isSettled(found));
  const parts = [`${counted(tables.length, "table")} checked`];
  if (repaired.length > 0) {
    parts.push(`${counted(repaired.length, "partition")} repaired (${rowsOf(repaired)})`);
  }
  if (open.length === 0) {
    parts.push(limited ? "nothing is missing here of what was looked at" : "nothing is missing here");
  } else if (dryRun) {
    const planned = open.filter(({ repair }) => repair);
    const repairs = planned.flatMap(({ repair }) => repair ?? []);
    const moved = readableBytes(repairs.reduce((sum, { bytes }) => sum + bytes, 0));
    parts.push(
      planned.length === 0
        ? "nothing to repair"
        : `${counted(planned.length, "partition")} to repair (${rowsOf(planned)}, about ${moved}, ${
          duration(repairs, pace)
        })`,
      ...open.length > planned.length ? [`${open.length - planned.length} refused or put off`] : [],
    );
  } else {
    const unknown = tables.filter((table) =>
      isUncompared(table) && table.findings.every(({ missing }) => missing === 0n)
    );
    const more = unknown.length > 0 ? `, ${counted(unknown.length, "table")} not compared` : "";
    parts.push(`${open.length} not repaired (${rowsOf(open)} missing${more})`);
  }
  if (state !== null && !limited) {
    if (isClean(report)) parts.push(`clean check #${state.consecutive_clean}`);
    if (state.failback_ready) parts.push("FAILBACK READY");
  }
  return { label: parts.join("; "), style: open.length === 0 ? "good" : dryRun ? "wait" : "bad" };
}

function rowsOf(some: readonly Finding[]): string {
  return counted(some.reduce((sum, { missing }) => sum + missing, 0n), "row");
}

function duration(repairs: readonly Repair[], pace: Pace): string {
  const source = pace.repairs > 0
    ? `the speed of the last ${pace.repairs === 1 ? "repair" : `${pace.repairs} repairs`}`
    : "assumed, as no large repair has been measured yet";
  return `in ${aboutDuration(secondsFor(repairs, pace))} at ${
    readableBytes(pace.bytesPerSecond)
  }/s, ${source}`;
}
