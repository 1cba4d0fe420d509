/** A check's report for programs. */
import type { CheckScope } from "../model/check_scope.ts";
import type { CheckReport } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { type Pace, secondsFor, UNKNOWN_PACE } from "../check/repair/estimate_repair.ts";
import type { ReadReplica } from "../model/replica_pick.ts";
import type { ServerFacts } from "../model/site.ts";
import { spansJson } from "./spans_json.ts";
import { exitCode, isSettled } from "../verdict/clean.ts";

/**
 * The value that `--json` prints. Numbers of rows are JSON numbers; digests, which need 64 bits, are strings.
 *
 * @param state after the check; null: the check was a dry run
 */
export function reportJson(
  report: CheckReport,
  state: State | null,
  pace: Pace = UNKNOWN_PACE,
): Record<string, unknown> {
  const planned = report.tables.flatMap(({ findings }) => findings)
    .filter(({ repair, repaired }) => repair && !repaired);
  const repairs = planned.flatMap(({ repair }) => repair ?? []);
  return {
    schema_version: 1,
    started_at: report.startedAt,
    role: report.role,
    active_site: report.active,
    outcome: report.outcome,
    error: report.error,
    dry_run: report.dryRun,
    limited: report.limited,
    ...(report.paused ? { paused: report.paused } : {}),
    scope: scopeJson(report.scope),
    exit_code: exitCode(report),
    consecutive_clean: state?.consecutive_clean ?? null,
    failback_ready: state?.failback_ready ?? null,
    servers: { local: server(report.servers.local), remote: server(report.servers.remote) },
    replicas: { local: replica(report.replicas.local), remote: replica(report.replicas.remote) },
    shards: report.replicas.shards.map(replica),
    shards_here: report.replicas.localShards.map(replica),
    verified_through: state?.verified_through ?? null,
    plan: {
      partitions: planned.length,
      rows: planned.reduce((sum, { missing }) => sum + Number(missing), 0),
      bytes: repairs.reduce((sum, { bytes }) => sum + bytes, 0),
      seconds: Math.ceil(secondsFor(repairs, pace)),
      bytes_per_second: Math.round(pace.bytesPerSecond),
      measured_by_repairs: pace.repairs,
    },
    tables: report.tables.map((
      {
        table,
        partitions,
        outside = 0,
        proven,
        counted,
        oldestDigest,
        compared,
        findings,
        ignored = [],
        warnings,
      },
    ) => ({
      table,
      partitions,
      partitions_not_looked_at: outside,
      partitions_proven_before: proven,
      partitions_counted_only: counted,
      oldest_digest: oldestDigest === null ? null : new Date(oldestDigest * 1000).toISOString(),
      ignored_columns: ignored,
      rows_compared: Number(compared.rows),
      digest: { city: String(compared.city) },
      findings: findings.map((found) => ({
        partition: found.partitionId,
        reason: found.reason,
        cause: found.cause,
        detail: found.detail,
        clean: isSettled(found),
        repaired: found.repaired,
        ...(found.placed
          ? { placed: found.placed.map(({ shard, rows }) => ({ shard, rows: Number(rows) })) }
          : {}),
        rows_active: Number(found.rowsActive),
        rows_here: Number(found.rowsHere),
        rows_missing: Number(found.missing),
        rows_surplus: Number(found.surplus),
        missing_between: spansJson(found.spans),
        bytes_to_move: found.repair?.bytes ?? 0,
        seconds: found.repair && !found.repaired ? Math.ceil(secondsFor([found.repair], pace)) : 0,
        sql: found.sql,
      })),
      warnings,
    })),
    not_synced: report.leftOut,
    warnings: report.warnings,
  };
}

function replica(read: ReadReplica | null) {
  return read && {
    url: read.url,
    others: read.others.map(({ url, passedOver }) => ({ url, passed_over: passedOver })),
    addresses: read.addresses.map(({ url, read, version, skewSeconds, doubted, remark }) => ({
      url,
      read,
      version,
      clock_ahead_seconds: skewSeconds,
      tables_not_believed: doubted,
      remark,
    })),
  };
}

function scopeJson(scope: CheckScope | undefined) {
  const time = (seconds: number | null) => seconds === null ? null : new Date(seconds * 1000).toISOString();
  return scope === undefined ? null : { ...scope, from: time(scope.from), to: time(scope.to) };
}

function server(facts: ServerFacts | null) {
  return facts && { version: facts.version, timezone: facts.timezone };
}
