/** `--recheck`: limits a check to what the last one left open. */
import { isWanted } from "../check/tables/select_tables.ts";
import type { CheckReport } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { leavesClean } from "../verdict/failback_words.ts";
import type { Context } from "./context.ts";

/**
 * The context limited to tables of which something is open; as it is without `--recheck`; null: nothing is.
 *
 * @param state of the last check
 * @throws {UsageProblem} if there was none yet
 */
export function limitToOpen(context: Context, state: State): Context | null {
  if (!context.within?.open) return context;
  if (state.last_check === null) {
    throw new UsageProblem(
      "--recheck looks at what the last check left open, and none was completed yet: leave it out",
    );
  }
  const open = Object.entries(state.reasons)
    .filter(([, reasons]) => Object.keys(reasons).some((reason) => !leavesClean(reason)))
    .map(([table]) => table).filter((table) => isWanted([table], context.only));
  return open.length === 0 ? null : { ...context, only: new Set(open) };
}

/** The report where there is nothing to look at again: no site was asked. */
export function nothingOpen(
  { settings, only, within, verify }: Context,
  state: State,
  dryRun: boolean,
): CheckReport {
  const where = only === null ? "" : " in these tables";
  return {
    startedAt: state.last_check!,
    role: settings.role,
    active: state.active_site,
    outcome: "completed",
    error: null,
    dryRun,
    limited: true,
    scope: { tables: [...only ?? []], ...within!, verify },
    unreachable: [],
    servers: { local: null, remote: null },
    replicas: { local: null, remote: null, shards: [] },
    settledBefore: null,
    tables: [],
    leftOut: [],
    warnings: [`Nothing was looked at: the last check, at ${state.last_check}, left nothing open${where}`],
  };
}
