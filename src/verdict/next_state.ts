/** From the state before a check, and its report, to the state after it. */
import type { CheckReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";
import { countSteady, steadyRole } from "./steady_role.ts";
import { holdingsBut, holdingsOf } from "./holdings.ts";
import { isReady } from "./failback_words.ts";
import { isClean, leavesRowsMissing } from "./clean.ts";
import { gapTables, newTables, reasons, refusals } from "./left_behind.ts";

/**
 * Whether a check could turn FAILBACK READY on, so that it must digest every partition that has changed. READY that has expired, as
 * nobody checked for a while, is turned on again.
 *
 * @param now when the check begins
 */
export function couldTurnReady(state: State, { failbackCleanChecks }: ReadinessPolicy, now: Date): boolean {
  return !isReady(state, now) && state.consecutive_clean + 1 >= failbackCleanChecks;
}

/**
 * The state while a check knows of rows that are missing here. Once it has ended, the state is made of the one before; if it is
 * killed, this one is left, and the next check counts clean ones from the beginning.
 *
 * @param tables in which they are missing
 */
export function whileRowsAreMissing(state: State, now: Date, tables: CheckReport["tables"]): State {
  return {
    ...state,
    holds: state.holds && holdingsBut(state.holds, tables),
    failback_ready: false,
    ready_until: null,
    verified_through: null,
    ready_undone: now.toISOString(),
  };
}

/** What the verdict depends on besides the report. */
export type ReadinessPolicy = Pick<Settings, "failbackCleanChecks" | "checkIntervalSeconds">;

/**
 * The state after a check.
 *
 * @param previous before the check began
 * @param configDigest of the settings that a streak of clean checks depends on
 * @param now when the check ended
 * @param undone the check found rows missing, and so undid FAILBACK READY until it would end
 */
export function nextState(
  previous: State,
  report: CheckReport,
  policy: ReadinessPolicy,
  configDigest: string,
  now: Date,
  undone = false,
): State {
  const findings = report.tables.flatMap((table) => table.findings);
  const moved = findings.filter(({ repaired }) => repaired);
  const rowsMoved = moved.reduce((sum, { missing }) => sum + Number(missing), 0);
  const before = withoutDisproved(previous, report, undone);
  const totals = {
    ...before,
    last_sync: moved.length > 0 ? now.toISOString() : previous.last_sync,
    steady_checks: countSteady(steadyRole(previous, configDigest), report),
    partitions_synced: previous.partitions_synced + moved.length,
    rows_synced: previous.rows_synced + rowsMoved,
    last_error: report.outcome === "aborted"
      ? previous.last_error // shutting down is no error
      : report.error ?? findings.find(({ reason }) => reason === "failed")?.detail ?? null,
  };
  // A check of some tables, or one that was stopped, says nothing about the others, neither good nor bad.
  if (report.limited) return totals;
  if (report.outcome === "aborted") return totals;

  const completed = report.outcome === "completed" || report.outcome === "standby";
  const sameStreak = previous.active_site === report.active && previous.config_digest === configDigest &&
    previous.ready_undone === null;
  const clean = report.outcome === "completed" && isClean(report);
  const consecutive = clean ? (sameStreak ? previous.consecutive_clean : 0) + 1 : 0;
  // Counts alone never say ready; they may let it stand until the next digest.
  const digested = report.tables.every(({ counted }) => counted === 0);
  const ready = consecutive >= policy.failbackCleanChecks &&
    (digested || (sameStreak && isReady(previous, new Date(report.startedAt))));
  const compared = report.outcome === "completed";
  return {
    ...totals,
    last_check: completed ? now.toISOString() : previous.last_check,
    consecutive_clean: consecutive,
    clean_since: consecutive === 0 ? null : consecutive === 1 ? now.toISOString() : previous.clean_since,
    failback_ready: ready,
    ready_until: ready ? new Date(now.getTime() + 2000 * policy.checkIntervalSeconds).toISOString() : null,
    ready_undone: null,
    active_site: report.active,
    config_digest: configDigest,
    tables_checked: compared
      ? report.tables.length - newTables(report).length
      : completed
      ? 0
      : previous.tables_checked,
    tables_with_gaps: compared ? gapTables(report).length : completed ? 0 : previous.tables_with_gaps,
    new_tables_detected: compared ? newTables(report) : completed ? [] : previous.new_tables_detected,
    gap_tables: compared ? gapTables(report) : completed ? [] : previous.gap_tables,
    ...(compared ? proofs(report) : {}),
    verified_through: !completed
      ? before.verified_through
      : clean && report.settledBefore !== null
      ? new Date(report.settledBefore * 1000).toISOString()
      : null,
    reasons: compared ? reasons(report) : completed ? {} : previous.reasons,
    causes: compared ? causes(report) : completed ? {} : previous.causes,
    refused: compared ? refusals(report) : completed ? [] : previous.refused,
    replicas_read: compared ? replicasRead(report) : previous.replicas_read,
    unreachable: [...report.unreachable],
    holds: holdingsOf(report) ?? before.holds,
    told_not_ready: ready || report.outcome === "standby" ? null : toldNotReady(previous, now),
  };
}

/** The state before a check, without what that check disproved: it found rows missing, and was not completed. */
function withoutDisproved(previous: State, report: CheckReport, undone: boolean): State {
  if (report.limited || report.outcome === "completed") return previous;
  // Ended by an error, it does not tell what became of the rows that it had found.
  const untold = undone && report.tables.length === 0;
  if (!untold && !leavesRowsMissing(report)) return previous;
  const holds = untold ? null : previous.holds && holdingsBut(previous.holds, report.tables);
  return { ...previous, ...NOT_READY, holds };
}

const NOT_READY = {
  consecutive_clean: 0,
  clean_since: null,
  failback_ready: false,
  ready_until: null,
  verified_through: null,
} as const;

/** Milliseconds between two reminders of the same bad news. */
const REMINDER_MS = 24 * 3_600_000;

function toldNotReady({ told_not_ready, failback_ready }: State, now: Date): string {
  const due = told_not_ready === null || failback_ready ||
    Math.abs(now.getTime() - Date.parse(told_not_ready)) >= REMINDER_MS;
  return due ? now.toISOString() : told_not_ready;
}

/** How much of what was compared had been proven before, and since when. */
function proofs({ tables }: CheckReport) {
  const looked = tables.filter(({ partitions }) => partitions > 0);
  const sum = (count: (table: CheckReport["tables"][number]) => number) =>
    looked.reduce((total, table) => total + count(table), 0);
  const oldest = looked.reduce<number | null>(
    (low, { oldestDigest }) => low === null || oldestDigest === null ? null : Math.min(low, oldestDigest),
    Infinity,
  );
  return {
    partitions_checked: sum(({ partitions }) => partitions),
    partitions_proven: sum(({ proven }) => proven),
    partitions_counted: sum(({ counted }) => counted),
    oldest_digest: oldest === null || oldest === Infinity ? null : new Date(oldest * 1000).toISOString(),
  };
}

function replicasRead(
  { replicas: { local, remote, shards, localShards } }: CheckReport,
): State["replicas_read"] {
  return {
    ...(local ? { local: local.url } : {}),
    ...(remote ? { remote: remote.url } : {}),
    ...(localShards.length > 0 ? { local: localShards.map(({ url }) => url).join(",") } : {}),
    ...(shards.length > 0 ? { remote: shards.map(({ url }) => url).join(",") } : {}),
  };
}

/** What the reasons of each table come from, where a reason has several causes. */
function causes(report: CheckReport): State["causes"] {
  return Object.fromEntries(report.tables.flatMap(({ table, findings }) => {
    const left = findings.filter(({ repaired, cause, reason }) => !repaired && cause !== reason);
    return left.length > 0 ? [[table, [...new Set(left.map(({ cause }) => cause))]]] : [];
  }));
}
