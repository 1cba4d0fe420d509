/** What changed between two checks that people should hear about; nothing that stays as it was. */
import type { Event } from "../model/event.ts";
import type { CheckReport } from "../model/report.ts";
import { otherSite } from "../model/site.ts";
import type { State } from "../model/state.ts";
import { gapSpans, refusedReasons } from "./left_behind.ts";
import { unsettledReasons, verdictOf, type VerdictPolicy, wasReady } from "./failback_words.ts";
import { counted } from "../text/readable.ts";

/** The events of a check, in the order in which they should be read. */
export function detectEvents(
  previous: State,
  next: State,
  report: CheckReport,
  policy: VerdictPolicy,
  now: Date,
): Event[] {
  const before = wasReady(previous);
  const lost = before && !next.failback_ready;
  if (report.limited || report.outcome === "aborted") {
    const because = "a check that was stopped found rows missing here";
    return [
      ...completions(report),
      ...lost && previous.ready_undone === null
        ? [{ kind: "failback_not_ready", because, active: false } as const]
        : [],
    ];
  }
  const fresh = (now: readonly string[], before: readonly string[]) => {
    const known = new Set(before);
    return now.filter((item) => !known.has(item));
  };
  const sites = ["local", "remote"] as const;
  const events: Event[] = [
    ...roleEvents(previous, next, report),
    ...sites.filter((site) => fresh(next.unreachable, previous.unreachable).includes(site))
      .map((site): Event => ({
        kind: "site_unreachable",
        site,
        ...site === "remote" && report.active === otherSite(report.role) && next.holds
          ? { holds: next.holds }
          : {},
      })),
    ...sites.filter((site) => fresh(previous.unreachable, next.unreachable).includes(site))
      .map((site): Event => ({ kind: "site_back", site })),
  ];
  if (fresh(next.gap_tables, previous.gap_tables).length > 0) {
    events.push({ kind: "gap_detected", tables: next.gap_tables, spans: gapSpans(report) });
  }
  const newTables = fresh(next.new_tables_detected, previous.new_tables_detected);
  if (newTables.length > 0) events.push({ kind: "new_tables", tables: newTables });
  const refused = fresh(next.refused, previous.refused);
  if (refused.length > 0) events.push({ kind: "refused", what: refused, reasons: refusedReasons(report) });
  events.push(...completions(report));
  if (next.failback_ready && !before) events.push(ready(next));
  if (lost) {
    const active = report.outcome === "standby";
    events.push({ kind: "failback_not_ready", because: whyNotReady(next, report), active });
  }
  const { told_not_ready: told } = previous;
  if (
    told !== null && next.told_not_ready !== null && next.told_not_ready !== told && !before
  ) {
    const because = verdictOf(next, policy, now).reasons;
    events.push({ kind: "still_not_ready", because, reasons: unsettledReasons(next) });
  }
  return events;
}

/** At the first check ever, only that the role is unknown is news. */
function roleEvents(
  { active_site: before, config_digest }: State,
  { active_site: now }: State,
  { outcome }: CheckReport,
): Event[] {
  const first = config_digest === "";
  if (now === "unknown") {
    return outcome === "role_unknown" && (first || before !== now) ? [{ kind: "role_unknown" }] : [];
  }
  if (first || before === now) return [];
  return before === "unknown"
    ? [{ kind: "role_known", active: now }]
    : [{ kind: "role_changed", from: before, to: now }];
}

function ready({ replicas_read }: State): Event {
  const replicas = Object.values(replicas_read);
  return { kind: "failback_ready", ...(replicas.length > 0 ? { replicas } : {}) };
}

function completions({ tables }: CheckReport): Event[] {
  const moved = tables.flatMap(({ findings }) => findings).filter(({ repaired }) => repaired);
  if (moved.length === 0) return [];
  const rows = moved.reduce((sum, { missing }) => sum + missing, 0n);
  const names = [...new Set(moved.map(({ table }) => table))];
  return [{ kind: "sync_complete", partitions: moved.length, rows, tables: names }];
}

/** The gravest reason, in words. */
export function whyNotReady(next: State, report: CheckReport): string {
  if (report.outcome === "standby") return "this site is the active one";
  if (report.outcome === "role_unknown") return "the active site is unknown";
  if (next.unreachable.length > 0) {
    return `no answer from the ${next.unreachable.join(" and the ")} ClickHouse`;
  }
  if (report.error) return report.error;
  if (next.new_tables_detected.length > 0) {
    const { length } = next.new_tables_detected;
    return `${counted(length, "table")} ${length === 1 ? "exists" : "exist"} at the active site only`;
  }
  if (next.gap_tables.length > 0) return gaps(next.gap_tables.length);
  if (report.outcome === "completed") return "the streak of clean checks started over";
  return "the check could not be completed";
}

function gaps(tables: number): string {
  return `${counted(tables, "table")} ${tables === 1 ? "has" : "have"} data gaps`;
}
