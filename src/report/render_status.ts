/** The last recorded state as text for an operator. */
import type { NeighbourVerdict } from "../model/neighbour.ts";
import type { Pause } from "../model/pause.ts";
import type { State } from "../model/state.ts";
import type { RepairRecord } from "../model/repair_record.ts";
import { type Paint, PLAIN } from "../text/paint.ts";
import { counted, grouped, readableDuration } from "../text/readable.ts";
import { leavesClean, verdictOf, type VerdictPolicy } from "../verdict/failback_words.ts";
import { bothVerdict } from "../verdict/neighbour_words.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { renderHoldings } from "./render_holdings.ts";
import { escapeControls } from "../text/escape_controls.ts";

/** What is shown besides the state. */
export interface StatusFacts extends VerdictPolicy {
  /** The last ones, oldest first. */
  readonly repairs: readonly RepairRecord[];
  /** What holds repairs back; null, the default: nothing does. */
  readonly paused?: Pause | null;
  /** What vm-sync says; null, the default: nobody asks. */
  readonly neighbour?: NeighbourVerdict | null;
}

/** Lines for stdout, without a final newline; `now` decides whether a verdict still counts. */
export function renderStatus(state: State, facts: StatusFacts, now: Date, paint: Paint = PLAIN): string {
  const { kind, headline, reasons } = verdictOf(state, facts, now);
  const both = facts.neighbour && kind !== "active" ? bothVerdict(state, facts.neighbour, now) : null;
  const through = state.verified_through;
  const lines = [
    ...reasons.map((reason) => `  - ${reason}`),
    ...both === null ? [] : [both.headline, ...both.reasons.map((reason) => `  - ${reason}`)],
    `Active site: ${state.active_site} (this site: ${facts.role})`,
    ...Object.entries(state.replicas_read).map(([site, url]) =>
      `Replica read of ${site === "local" ? "this site" : "the other site"}: ${url}`
    ),
    `Last check: ${state.last_check ?? "never completed"}`,
    `Clean checks in a row: ${ofWanted(state.consecutive_clean, facts.failbackCleanChecks)}${
      cleanSpan(state)
    }`,
    ...(through === null ? [] : [`Verified: everything that was settled before ${through} is here`]),
    ...holdings(state, facts),
    `Tables checked: ${state.tables_checked}; gaps found in: ${state.tables_with_gaps}`,
    ...proofs(state),
    `Repaired so far: ${counted(state.partitions_synced, "partition")}, ${
      counted(state.rows_synced, "row")
    }` +
    (state.last_sync ? `, last at ${state.last_sync}` : ""),
    ...list("Gaps found by the last check, repaired ones too", state.gap_tables),
    ...section("Not simply in sync", standing(state)),
    ...section("Refused", state.refused),
    ...list("New tables at the active site", state.new_tables_detected),
    ...section("Last repairs", facts.repairs.map(repairLine)),
  ];
  const paused = facts.paused ? [paint("wait", escapeControls(pauseLine(facts.paused)))] : [];
  // Green stands for all that would be switched back.
  const style = STYLES[both === null || both.safe ? kind : "not_ready"];
  return [...paused, paint(style, escapeControls(headline)), ...lines.map(escapeControls)].join("\n");
}

const STYLES = { ready: "good", not_ready: "bad", active: "strong" } as const;

function holdings({ holds, active_site }: State, { role }: StatusFacts): string[] {
  if (holds === null) return [];
  const [first = "", ...rest] = renderHoldings(holds, active_site === role);
  return [first, ...rest.map((line) => `  - ${line}`)];
}

/** `2 of 3`, or `5 (3 are enough)`. */
export function ofWanted(clean: number, wanted: number): string {
  return clean <= wanted
    ? `${clean} of ${wanted}`
    : `${clean} (${wanted} ${wanted === 1 ? "is" : "are"} enough)`;
}

/** Over which span of time the clean checks were made: three of them within seconds say less than three in a quarter of an hour. */
export function cleanSpan({ clean_since, last_check, consecutive_clean }: State): string {
  if (clean_since === null || last_check === null || consecutive_clean < 2) return "";
  const seconds = Math.round((Date.parse(last_check) - Date.parse(clean_since)) / 1000);
  return `, made within ${readableDuration(seconds)}, since ${clean_since}`;
}

function repairLine({ time, table, partition, reason, rows, seconds }: RepairRecord): string {
  const took = seconds === undefined ? "" : ` in ${readableDuration(seconds)}`;
  return `${time}  ${table} partition ${partition}: ${counted(rows, "row")} (${reason})${took}`;
}

/** How much was read, and how old the oldest proof is. */
function proofs(
  { partitions_checked, partitions_proven, partitions_counted, oldest_digest }: State,
): string[] {
  if (partitions_checked === 0) return [];
  const counted = partitions_counted > 0 ? `; only counted: ${grouped(partitions_counted)}` : "";
  const oldest = oldest_digest === null ? "" : `; oldest digest: ${oldest_digest}`;
  return [
    `Partitions: ${grouped(partitions_checked)}; unchanged since they were proven: ${
      grouped(partitions_proven)
    }${counted}${oldest}`,
  ];
}

/** `table: reason (partitions)` of every table that the last check left so, those that are not clean first. */
function standing({ reasons }: State): string[] {
  const clean = ([reason]: [string, number]) => leavesClean(reason);
  return Object.entries(reasons).map(([table, counts]) => ({ table, counts: Object.entries(counts) }))
    .toSorted((a, b) => Number(a.counts.every(clean)) - Number(b.counts.every(clean)))
    .map(({ table, counts }) => `${table}: ${counts.map(([reason, n]) => `${reason} (${n})`).join(", ")}`);
}

/** One line for `systemctl status`. @param paused what holds repairs back; null, the default: nothing does */
export function renderStanding(
  state: State,
  active: boolean,
  wanted: number,
  paused: Pause | null = null,
): string {
  const first = paused === null ? "" : `${escapeControls(pauseLine(paused))}. `;
  if (active) return `${first}This site is the active one: nothing to do`;
  const verdict = state.failback_ready ? "FAILBACK READY" : "NOT READY";
  const gaps = state.tables_with_gaps > 0 ? `, tables with gaps: ${state.tables_with_gaps}` : "";
  return `${first}${verdict}: clean checks ${state.consecutive_clean} of ${wanted}${gaps}; last check ${
    state.last_check ?? "not completed yet"
  }`;
}

function list(title: string, items: readonly string[]): string[] {
  const more = items.length > 10 ? ` and ${items.length - 10} more` : "";
  return items.length === 0 ? [] : [`${title}: ${items.slice(0, 10).join(", ")}${more}`];
}

/** One item a line, as they may be long. */
function section(title: string, items: readonly string[]): string[] {
  const more = items.length > LINES ? [`  and ${items.length - LINES} more`] : [];
  return items.length === 0
    ? []
    : [`${title}:`, ...items.slice(0, LINES).map((item) => `  ${item}`), ...more];
}

/** Items of one section at most. */
const LINES = 20;
