/** From a fresh check that changed nothing, and the record of those before it, to the evidence for a failback. */
import type { Cause } from "../model/cause.ts";
import type { TableDigest } from "../model/digest.ts";
import type {
  Evidence,
  EvidenceDigest,
  EvidenceFinding,
  EvidenceSite,
  EvidenceTable,
} from "../model/evidence.ts";
import type { NeighbourVerdict } from "../model/neighbour.ts";
import { type CheckReport, type Finding, replicasAt, type TableReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { otherSite } from "../model/site.ts";
import type { State } from "../model/state.ts";
import { findingWords } from "./finding_words.ts";
import { spansJson } from "./spans_json.ts";
import { isSettled, isUncompared } from "../verdict/clean.ts";
import { isReady, verdictOf } from "../verdict/failback_words.ts";
import { counted } from "../text/readable.ts";

/** Filled by a view, compared and found whole: a finding like none. */
const PROVEN: Cause = "derived_proven";

/** Reasons of a table as a whole of which no row is compared. */
const NOT_COMPARED: ReadonlySet<string> = new Set(["derived", "unsupported", "new"]);

/**
 * Safe only where the recorded checks say FAILBACK READY, and this fresh one found nothing that is not clean.
 *
 * @param version of ch-sync
 * @param configDigest of the settings that a streak of clean checks depends on
 * @param neighbour what vm-sync says; null: it is not asked
 */
export function makeEvidence(
  report: CheckReport,
  state: State,
  settings: Settings,
  version: string,
  configDigest: string,
  now: Date,
  neighbour: NeighbourVerdict | null = null,
): Evidence {
  const { role } = settings;
  const passive = report.active === otherSite(role);
  const fresh = passive ? freshProblems(report) : [notPassive(report)];
  const recorded = !isReady(state, now)
    ? recordedProblems(state, settings, now)
    : state.config_digest !== configDigest
    ? ["the recorded checks ran with other settings: let ch-sync check with these first"]
    : state.active_site !== report.active
    ? ["the recorded checks saw another active site"]
    : [];
  const reasons = [...fresh, ...recorded];
  const safe = reasons.length === 0;
  const site = role === "dr" ? "DR" : "primary";
  const alone = safe && neighbour !== null && !neighbour.ready ? ", for ClickHouse alone" : "";
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  return {
    schema_version: 1,
    safe,
    paused: report.paused ?? null,
    verdict: safe
      ? `SAFE to switch back to the ${site} site${alone}`
      : `NOT SAFE to switch back to the ${site} site`,
    neighbour,
    safe_for_both: neighbour === null ? null : safe && neighbour.ready,
    reasons,
    made_at: now.toISOString(),
    ch_sync: version,
    sites: (["local", "remote"] as const).map((side) => {
      const name = side === "local" ? role : otherSite(role);
      const facts = report.servers[side];
      return {
        name,
        role: report.active === name ? "active" : "passive",
        url: urlOf(report, settings, side),
        others: othersOf(report, side),
        ...shardsOf(report, side),
        version: facts?.version ?? null,
        timezone: facts?.timezone ?? null,
      };
    }),
    checks: {
      consecutive_clean: state.consecutive_clean,
      clean_since: state.clean_since,
      wanted: settings.failbackCleanChecks,
      last_check: state.last_check,
      ready_until: state.ready_until,
      verified_through: report.settledBefore === null ? null : iso(report.settledBefore),
    },
    tables: report.tables.map(tableEvidence),
    not_proven: report.tables.flatMap(({ table, findings }) =>
      findings.filter(({ reason, cause }) => reason === "derived" && cause !== PROVEN)
        .map(({ detail }) => ({ table, detail }))
    ),
    ignored_columns: report.tables.flatMap(({ table, ignored = [] }) =>
      ignored.map((column) => `${table}.${column}`)
    ),
    excluded_patterns: settings.excludePatterns,
    not_synced: report.leftOut,
    warnings: report.warnings,
    settings: harmlessSettings(settings),
  };
}

/** Of several shards all of them, as the setting has them. */
function urlOf({ replicas }: CheckReport, settings: Settings, side: "local" | "remote"): string {
  const read = replicasAt(replicas, side);
  return read.length > 0 ? read.map(({ url }) => url).join(",") : settings[side].url;
}

function othersOf({ replicas }: CheckReport, side: "local" | "remote"): string[] {
  return replicasAt(replicas, side).flatMap(({ others }) => others).map(({ url }) => url);
}

/** Which replica belongs to which shard, where the site has several addresses. */
function shardsOf({ replicas }: CheckReport, side: "local" | "remote"): Pick<EvidenceSite, "shards"> {
  const shards = replicasAt(replicas, side).map(({ addresses }, at) => ({
    shard: at + 1,
    replicas: addresses.map(({ url, read, version }) => ({ url, read, version })),
  }));
  return shards.length > 0 ? { shards } : {};
}

function notPassive({ active }: CheckReport): string {
  return active === "unknown"
    ? "the active site is unknown"
    : "this site is the active one: make the evidence at the passive one";
}

/** What the check that was just made found wrong. */
function freshProblems({ outcome, error, limited, tables }: CheckReport): string[] {
  if (outcome !== "completed") return [`the check was not completed: ${error ?? "ch-sync was shut down"}`];
  const open = tables.flatMap(({ findings }) => findings).filter((found) => !isSettled(found));
  const problems = [...Map.groupBy(open, ({ reason }) => reason)].map(([reason, found]) => {
    const missing = found.reduce((sum, one) => sum + one.missing, 0n);
    const rows = missing > 0n ? `, ${counted(missing, "row")} missing` : "";
    const tables = new Set(found.map(({ table }) => table)).size;
    return `${reason}: ${counted(found.length, "finding")} in ${counted(tables, "table")}${rows}`;
  });
  if (!tables.some(({ partitions, findings }) => partitions > 0 || findings.length === 0)) {
    problems.push("no table was compared");
  }
  if (tables.some(({ counted }) => counted > 0)) problems.push("some partitions were only counted");
  if (limited) problems.push("only some tables were checked (--table)");
  return problems;
}

/** Why the recorded checks do not confirm it. */
function recordedProblems(state: State, settings: Settings, now: Date): string[] {
  const { reasons } = verdictOf(state, settings, now);
  const wanted = `FAILBACK READY takes ${
    settings.failbackCleanChecks === 1
      ? "one clean check"
      : `${settings.failbackCleanChecks} clean checks in a row`
  } at this site`;
  return [...reasons.map((reason) => `at the last recorded check: ${reason}`), wanted];
}

function tableEvidence(report: TableReport): EvidenceTable {
  const { table, partitions, compared, findings, warnings, oldestDigest } = report;
  const surplus = findings.reduce((sum, found) => sum + found.surplus, 0n);
  const leftClean = findings.every(isSettled);
  const notCompared = isUncompared(report) ||
    findings.some(({ partitionId, reason, cause }) =>
      partitionId === null && NOT_COMPARED.has(reason) && cause !== PROVEN
    );
  const complete = leftClean && !notCompared;
  return {
    table,
    verdict: notCompared ? "not_compared" : leftClean ? "complete" : "incomplete",
    partitions,
    oldest_digest: oldestDigest === null ? null : new Date(oldestDigest * 1000).toISOString(),
    active: digest(compared),
    here: complete && findings.every(({ cause }) => cause === PROVEN) ? digest(compared) : null,
    rows_surplus: String(surplus),
    findings: findings.map(findingEvidence),
    warnings,
  };
}

function findingEvidence(found: Finding): EvidenceFinding {
  const { partitionId, reason, cause, missing, surplus, spans } = found;
  return {
    partition: partitionId,
    reason,
    cause,
    detail: findingWords(found),
    clean: isSettled(found),
    rows_missing: String(missing),
    rows_surplus: String(surplus),
    missing_between: spansJson(spans),
  };
}

function digest({ rows, city }: TableDigest): EvidenceDigest {
  return { rows: String(rows), cityhash64: String(city) };
}

/** No setting that is a secret, or could hold one. */
function harmlessSettings(settings: Settings): Evidence["settings"] {
  return {
    ROLE: settings.role,
    DNS_RECORD: settings.dns.record,
    ACTIVE_SITE: settings.activeSite === "unknown" ? "auto" : settings.activeSite,
    LOCAL_CH_USER: settings.local.user,
    REMOTE_CH_USER: settings.remote.user,
    CHECK_INTERVAL: settings.checkIntervalSeconds,
    FAILBACK_CLEAN_CHECKS: settings.failbackCleanChecks,
    SETTLE_SECONDS: settings.settleSeconds,
    IGNORE_COLUMNS: settings.ignoreColumns.join(",") || null,
    MAX_CONFLICT_PERCENT: settings.maxConflictPercent,
    REPAIR_AGGREGATES: settings.replaceAggregates ? "replace" : "report",
    AUTO_CREATE_TABLES: settings.autoCreateTables,
    VERIFY_INTERVAL: settings.verifyIntervalSeconds,
    VERIFY_BUDGET: settings.verifyBudget,
  };
}
