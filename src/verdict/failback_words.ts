/** The verdict in the words of every page, command and message: is it safe to switch back, and if not, why? */
import { type Cause, meaningOf, reasonOf } from "../model/cause.ts";
import { ALL_REASONS, type Reason, REASONS } from "../model/reason.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";

/** `active`: this site is the active one, so there is nothing to switch back from here. */
export type VerdictKind = "ready" | "not_ready" | "active";

export interface Verdict {
  readonly kind: VerdictKind;
  /** One line. */
  readonly headline: string;
  /** Why it is not ready, the gravest first. */
  readonly reasons: readonly string[];
}

export interface VerdictPolicy extends Pick<Settings, "failbackCleanChecks" | "checkIntervalSeconds"> {
  readonly role: Settings["role"] | "unknown";
}

/** Milliseconds by which the clock may be corrected between a check and the moment when its verdict is read. */
const CLOCK_STEP_MS = 60_000;

/** How many tables are named with one reason, and with all reasons together. */
const NAMED = 5;
const NAMED_IN_ALL = 10;

/** The verdict of the last check, if it still counts. */
export function verdictOf(state: State, policy: VerdictPolicy, now: Date): Verdict {
  if (state.active_site === policy.role && policy.role !== "unknown") {
    const headline = "This site is the active one: nothing is compared or repaired here";
    return { kind: "active", headline, reasons: [] };
  }
  if (isReady(state, now)) {
    return { kind: "ready", headline: `FAILBACK READY (until ${state.ready_until})`, reasons: [] };
  }
  return { kind: "not_ready", headline: "NOT READY", reasons: reasonsOf(state, policy, now) };
}

/** Whether FAILBACK READY was said, and still counts. */
export function isReady({ failback_ready, ready_until, last_check }: State, now: Date): boolean {
  return failback_ready && ready_until !== null && !liesAhead(last_check, now) &&
    now <= new Date(ready_until);
}

/** Whether people were last told that it is ready: a check that found rows missing has undone it since, and told nobody. */
export function wasReady(
  { failback_ready, ready_undone }: Pick<State, "failback_ready" | "ready_undone">,
): boolean {
  return failback_ready || ready_undone !== null;
}

function liesAhead(time: string | null, now: Date): boolean {
  return time !== null && now.getTime() + CLOCK_STEP_MS < Date.parse(time);
}

function reasonsOf(state: State, policy: VerdictPolicy, now: Date): string[] {
  const { last_check, consecutive_clean, ready_undone } = state;
  const reasons = openReasons(state, policy, now);
  const { failbackCleanChecks: wanted } = policy;
  // While a check that found rows missing runs, it is not known how many there will be.
  if (last_check !== null && ready_undone === null && (reasons.length === 0 || consecutive_clean > 0)) {
    reasons.push(`clean checks in a row: ${consecutive_clean} of ${wanted}`);
  }
  return reasons;
}

/** What is wrong, the gravest first: without it, clean checks alone are still wanted. */
export function openReasons(
  state: State,
  policy: Pick<VerdictPolicy, "checkIntervalSeconds">,
  now: Date,
): string[] {
  const { last_check, ready_until, ready_undone, last_error, unreachable, active_site } = state;
  const reasons: string[] = [];
  if (liesAhead(last_check, now)) {
    reasons.push(`the last check, at ${last_check}, lies in the future: set the clock and check again`);
  } else if (isStale(state, policy, now)) {
    reasons.push(
      state.failback_ready && ready_until !== null
        ? `the verdict of the last check expired at ${ready_until}: is ch-sync running?`
        : `the last completed check was at ${last_check}: is ch-sync running?`,
    );
  }
  if (ready_undone !== null) {
    reasons.push(`a check found rows missing here at ${ready_undone}, and has not come to its end`);
  }
  if (last_check === null) reasons.push("no check was completed yet");
  else if (active_site === "unknown") reasons.push("the active site is unknown: look at the failover record");
  if (unreachable.length > 0) reasons.push(`no answer from the ${unreachable.join(" and the ")} ClickHouse`);
  reasons.push(...tableReasons(state));
  if (last_error !== null) reasons.push(`last error: ${last_error}`);
  return reasons;
}

/** Whether no check was completed for more than two intervals. */
export function isStale(
  { last_check }: State,
  { checkIntervalSeconds }: Pick<Settings, "checkIntervalSeconds">,
  now: Date,
): boolean {
  return last_check !== null && now.getTime() - Date.parse(last_check) > 2000 * checkIntervalSeconds;
}

/** Whether a check that left this reason in a table may be clean; never for a reason that this version does not know. */
export function leavesClean(reason: string): boolean {
  const known = REASONS[reason as Reason];
  return known?.clean === true && known.remedy !== "repaired";
}

/** The reasons that keep this site from being ready, each once. */
export function unsettledReasons({ reasons }: State): Reason[] {
  const all = Object.values(reasons).flatMap((counts) => Object.keys(counts) as Reason[]);
  return [...new Set(all)].filter((reason) => !leavesClean(reason));
}

/** `reason (its meaning): tables`, for everything that keeps a check from being clean; the gravest first. */
function tableReasons({ reasons, causes }: State): string[] {
  const byCause = new Map<string, { reason: string; tables: string[] }>();
  for (const [table, counts] of Object.entries(reasons)) {
    for (const reason of Object.keys(counts)) {
      if (leavesClean(reason)) continue;
      const known = (Object.hasOwn(causes, table) ? causes[table]! : []).filter((cause) =>
        reasonOf(cause as Cause) === reason
      );
      for (const cause of known.length > 0 ? known : [reason]) {
        const entry = byCause.get(cause) ?? { reason, tables: [] };
        entry.tables.push(table);
        byCause.set(cause, entry);
      }
    }
  }
  const weight = (reason: string) =>
    (ALL_REASONS.indexOf(reason as Reason) + ALL_REASONS.length + 1) % (ALL_REASONS.length + 1);
  let left = NAMED_IN_ALL;
  const sorted = [...byCause].toSorted(([, a], [, b]) => weight(a.reason) - weight(b.reason));
  return sorted.map(([cause, { reason, tables }]) => {
    const named = tables.slice(0, Math.min(NAMED, left));
    left -= named.length;
    const meaning = `${reason} (${meaningOf(cause)})`;
    if (named.length === 0) return `${meaning}: ${tables.length} ${tables.length === 1 ? "table" : "tables"}`;
    const more = tables.length > named.length ? ` and ${tables.length - named.length} more` : "";
    return `${meaning}: ${named.join(", ")}${more}`;
  });
}
