/** How far a check has come, on one line of a terminal. */
import { partitionsOf, type RunningCheck } from "../model/live.ts";
import { counted, grouped, readableBytes, readableDuration } from "../text/readable.ts";
import { escapeControls } from "../text/escape_controls.ts";

/** @param width columns of the terminal; what is longer is cut off */
export function renderProgress(
  { since, tables, begun, repair }: RunningCheck,
  now: Date,
  width: number,
): string {
  const elapsed = (from: Date) => Math.max(0, (now.getTime() - from.getTime()) / 1000);
  const parts: string[] = [];
  // What moves comes first: a narrow terminal cuts off the rest.
  if (repair) {
    const { table, rows, copiedRows, copiedBytes } = repair;
    const seconds = elapsed(repair.since);
    parts.push(`copying ${table} ${partitionsOf(repair)}: ${grouped(copiedRows)} of ${counted(rows, "row")}`);
    if (copiedRows > 0 && seconds > 0) {
      const left = Math.max(0, Number(rows) - copiedRows) * seconds / copiedRows;
      parts.push(`${readableBytes(copiedBytes / seconds)}/s, about ${readableDuration(left)} left`);
    }
  }
  if (tables !== null) parts.push(`table ${Math.min(begun, tables)} of ${tables}`);
  parts.push(`checking for ${readableDuration(elapsed(since))}`);
  const characters = [...escapeControls(parts.join("; "))];
  return characters.length < width
    ? characters.join("")
    : `${characters.slice(0, Math.max(0, width - 2)).join("")}…`;
}
