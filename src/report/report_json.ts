/** A check's report for programs. */
import type { CheckReport } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { exitCode, isSettled } from "../reconcile/judge_check.ts";

/**
 * The value that `--json` prints. Numbers of rows are JSON numbers; digests, which need 64 bits, are strings.
 *
 * @param state after the check; null: the check was a dry run
 */
export function reportJson(report: CheckReport, state: State | null): Record<string, unknown> {
  return {
    started_at: report.startedAt,
    role: report.role,
    active_site: report.active,
    outcome: report.outcome,
    error: report.error,
    dry_run: report.dryRun,
    limited: report.limited,
    exit_code: exitCode(report),
    consecutive_clean: state?.consecutive_clean ?? null,
    failback_ready: state?.failback_ready ?? null,
    tables: report.tables.map((
      { table, partitions, proven, counted, oldestDigest, compared, findings, warnings },
    ) => ({
      table,
      partitions,
      partitions_proven_before: proven,
      partitions_counted_only: counted,
      oldest_digest: oldestDigest === null ? null : new Date(oldestDigest * 1000).toISOString(),
      rows_compared: Number(compared.rows),
      digest: { city: String(compared.city), xxh: String(compared.xxh) },
      findings: findings.map((found) => ({
        partition: found.partitionId,
        reason: found.reason,
        detail: found.detail,
        clean: isSettled(found),
        repaired: found.repaired,
        rows_active: Number(found.rowsActive),
        rows_here: Number(found.rowsHere),
        rows_missing: Number(found.missing),
        rows_surplus: Number(found.surplus),
        bytes_to_move: found.repair?.bytes ?? 0,
        sql: found.sql,
      })),
      warnings,
    })),
    not_synced: report.leftOut,
    warnings: report.warnings,
  };
}
