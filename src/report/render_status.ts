/** The last recorded state as text for an operator. */
import { type Reason, REASONS } from "../model/reason.ts";
import type { State } from "../model/state.ts";
import { escapeControls } from "./escape_controls.ts";

/** Lines for stdout, without a final newline; `now` decides whether a verdict still counts. */
export function renderStatus(state: State, now: Date): string {
  const lines = [
    verdict(state, now),
    `Active site: ${state.active_site}`,
    `Last check: ${state.last_check ?? "never completed"}`,
    `Clean checks in a row: ${state.consecutive_clean}`,
    `Tables checked: ${state.tables_checked}; with gaps: ${state.tables_with_gaps}`,
    ...proofs(state),
    `Repaired so far: ${state.partitions_synced} partitions, ${state.rows_synced} rows` +
    (state.last_sync ? `, last at ${state.last_sync}` : ""),
    ...list("Tables with gaps", state.gap_tables),
    ...list("Not simply in sync", standing(state)),
    ...list("Refused", state.refused),
    ...list("New tables on the active site", state.new_tables_detected),
    ...(state.last_error ? [`Last error: ${state.last_error}`] : []),
  ];
  return lines.map(escapeControls).join("\n");
}

/** How much was read, and how old the oldest proof is. */
function proofs(
  { partitions_checked, partitions_proven, partitions_counted, oldest_digest }: State,
): string[] {
  if (partitions_checked === 0) return [];
  const counted = partitions_counted > 0 ? `; only counted: ${partitions_counted}` : "";
  const oldest = oldest_digest === null ? "" : `; oldest digest: ${oldest_digest}`;
  return [
    `Partitions: ${partitions_checked}; unchanged since they were proven: ${partitions_proven}${counted}${oldest}`,
  ];
}

/** `table: reason (partitions)` of every table that the last check left so, those that are not clean first. */
function standing({ reasons }: State): string[] {
  const clean = ([reason]: [string, number]) => REASONS[reason as Reason]?.clean ?? false;
  return Object.entries(reasons).map(([table, counts]) => ({ table, counts: Object.entries(counts) }))
    .toSorted((a, b) => Number(a.counts.every(clean)) - Number(b.counts.every(clean)))
    .map(({ table, counts }) => `${table}: ${counts.map(([reason, n]) => `${reason} (${n})`).join(", ")}`);
}

/** Milliseconds by which the clock may be corrected between a check and a look at its verdict. */
const CLOCK_STEP_MS = 60_000;

function verdict({ failback_ready, ready_until, last_check }: State, now: Date): string {
  if (!failback_ready || ready_until === null) return "NOT READY";
  if (last_check !== null && now.getTime() + CLOCK_STEP_MS < Date.parse(last_check)) {
    return `NOT READY: the last check, at ${last_check}, lies in the future; set the clock right and check again`;
  }
  return now <= new Date(ready_until)
    ? `FAILBACK READY (until ${ready_until})`
    : `NOT READY: the verdict of the last check expired at ${ready_until}; is ch-sync running?`;
}

/** One line for `systemctl status`. */
export function renderStanding(state: State, active: boolean, wanted: number): string {
  if (active) return "This site is the active one: nothing to do";
  const verdict = state.failback_ready ? "FAILBACK READY" : "NOT READY";
  const gaps = state.tables_with_gaps > 0 ? `, tables with gaps: ${state.tables_with_gaps}` : "";
  return `${verdict}: clean checks ${state.consecutive_clean} of ${wanted}${gaps}; last check ${
    state.last_check ?? "not completed yet"
  }`;
}

function list(title: string, items: readonly string[]): string[] {
  const more = items.length > 10 ? ` and ${items.length - 10} more` : "";
  return items.length === 0 ? [] : [`${title}: ${items.slice(0, 10).join(", ")}${more}`];
}
