/** Whether the roles have been the same for long enough to replace rows because of them. */
import type { CheckReport } from "../model/report.ts";
import type { Settings } from "../model/settings.ts";
import { type ActiveSite, otherSite } from "../model/site.ts";
import type { State } from "../model/state.ts";

/**
 * Completed checks in a row that must have found the same site active, and this one passive, before a
 * partition is replaced: twice the default of FAILBACK_CLEAN_CHECKS, so half an hour at the default interval. A forged
 * answer, a failover that is taken back, or an answer that a name server caches for as long as failover records may be
 * cached (minutes) is over by then; and what waits for it was at rest already.
 */
export const STEADY_CHECKS = 6;

/** Which site was active at the last checks, and at how many completed ones in a row. */
export interface SteadyRole {
  readonly active: ActiveSite;
  readonly checks: number;
}

/** Nothing is known: there was no check before, or no state. */
export const NO_STEADY_ROLE: SteadyRole = { active: "unknown", checks: 0 };

/** @param configDigest of the settings now: with other sites, earlier checks say nothing */
export function steadyRole(state: State, configDigest: string): SteadyRole {
  return state.config_digest === configDigest
    ? { active: state.active_site, checks: state.steady_checks }
    : NO_STEADY_ROLE;
}

/** The count after a check. One that was not completed, or was limited to some tables, can reset the count but not add to it. */
export function countSteady(previous: SteadyRole, report: CheckReport): number {
  if (report.active !== otherSite(report.role)) return 0;
  const before = previous.active === report.active ? previous.checks : 0;
  return report.outcome === "completed" && !report.limited ? before + 1 : before;
}

/**
 * Why nothing may be replaced yet, in words; null: it may.
 *
 * @param active who is active at this check, this site being passive
 */
export function awaitSteadyRole(
  { activeSite }: Pick<Settings, "activeSite">,
  steady: SteadyRole,
  active: ActiveSite,
): string | null {
  if (activeSite === active) return null;
  const checks = steady.active === active ? steady.checks : 0;
  if (checks >= STEADY_CHECKS) return null;
  return `it will be replaced once ${active} has been the active site at ${STEADY_CHECKS} checks in a row ` +
    `(${checks} so far), as one wrong answer from DNS must not replace anything; or set ACTIVE_SITE=${active}`;
}
