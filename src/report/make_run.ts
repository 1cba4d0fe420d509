/** From a check's report to what is kept of it. */
import { ALL_REASONS } from "../model/reason.ts";
import type { CheckReport, Finding } from "../model/report.ts";
import type { Run, RunFinding } from "../model/run.ts";
import type { State } from "../model/state.ts";
import { shorten } from "../text/readable.ts";
import { isClean, isSettled } from "../verdict/clean.ts";
import { holdingsOf } from "../verdict/holdings.ts";
import { findingWords } from "./finding_words.ts";
import { renderScope } from "./render_scope.ts";

/** Findings of one run that are kept, and characters of one: some 90 kB at most. */
const FINDINGS = 100;
const DETAIL = 700;

/** @param state after the check */
export function makeRun(report: CheckReport, state: State, seconds: number): Run {
  const { tables, scope } = report;
  const all = tables.flatMap(({ findings }) => findings);
  const repaired = all.filter((found) => found.repaired);
  const open = all.filter((found) => !isSettled(found));
  const sum = (numbers: readonly (number | bigint)[]) => numbers.reduce<number>((a, b) => a + Number(b), 0);
  return {
    started_at: report.startedAt,
    seconds: Math.round(seconds * 10) / 10,
    active_site: report.active,
    outcome: report.outcome,
    error: report.error === null ? null : shorten(report.error, DETAIL),
    scope: scope ? shorten(renderScope(scope), DETAIL) : null,
    limited: report.limited,
    tables: tables.length,
    partitions: sum(tables.map(({ partitions }) => partitions)),
    partitions_proven_before: sum(tables.map(({ proven }) => proven)),
    partitions_counted_only: sum(tables.map(({ counted }) => counted)),
    rows_compared: sum(tables.map(({ compared }) => compared.rows)),
    partitions_repaired: repaired.length,
    rows_repaired: sum(repaired.map(({ missing }) => missing)),
    rows_missing: sum(open.map(({ missing }) => missing)),
    clean: isClean(report),
    consecutive_clean: state.consecutive_clean,
    failback_ready: state.failback_ready,
    holds_through: holdingsOf(report)?.through ?? null,
    findings: all.toSorted((a, b) => weight(a) - weight(b)).slice(0, FINDINGS).map(runFinding),
    findings_left_out: Math.max(0, all.length - FINDINGS),
  };
}

/** What is open comes first, then what was repaired, then what does no harm. */
function weight(found: Finding): number {
  const standing = !isSettled(found) ? 0 : found.repaired ? 1 : 2;
  return standing * ALL_REASONS.length + ALL_REASONS.indexOf(found.reason);
}

function runFinding(found: Finding): RunFinding {
  const { table, partitionId, reason, cause, repaired, missing, surplus } = found;
  return {
    table,
    partition: partitionId,
    reason,
    cause,
    detail: shorten(findingWords(found), DETAIL),
    clean: isSettled(found),
    repaired,
    rows_missing: Number(missing),
    rows_surplus: Number(surplus),
  };
}
