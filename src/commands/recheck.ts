/** `--recheck`: limits a check to what the last one left open. */
import { isWanted } from "../check/tables/select_tables.ts";
import type { Reason } from "../model/reason.ts";
import type { CheckReport } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { UsageProblem } from "../model/usage_problem.ts";
import { MemoryFile } from "../state/memory_file.ts";
import { nearest } from "../text/nearest.ts";
import { leavesClean } from "../verdict/failback_words.ts";
import type { Context } from "./context.ts";

/** Reasons of partitions alone, which the memory knows one by one. */
const IN_PART: ReadonlySet<string> = new Set<Reason>([
  "missing",
  "partial",
  "shrunk",
  "recurring",
  "independent",
  "backfilling",
  "deleted",
]);

/**
 * The context limited to tables of which something is open; as it is without `--recheck`; null: nothing is.
 *
 * @param state of the last check
 * @throws {UsageProblem} if there was none yet, if it compared nothing, or if a pattern fits no table that earlier checks saw
 */
export async function limitToOpen(context: Context, state: State): Promise<Context | null> {
  const { within, only, settings, directory } = context;
  if (!within?.open) return context;
  if (state.last_check === null) {
    throw new UsageProblem(
      "--recheck looks at what the last check left open, and none was completed yet: leave it out",
    );
  }
  if (state.active_site === settings.role) {
    throw new UsageProblem(
      "--recheck looks at what the last check left open, and that one compared nothing, as this site was the active one: " +
        "leave it out",
    );
  }
  if (only !== null) assertKnown(only, state, await remembered(directory));
  const all = Object.entries(state.reasons).flatMap(([table, counts]) => {
    const reasons = Object.keys(counts).filter((reason) => !leavesClean(reason));
    return reasons.length > 0 ? [{ table, reasons }] : [];
  });
  const open = all.filter(({ table }) => isWanted([table], only));
  if (open.length === 0) {
    if (all.length > 0 || wasClean(state)) return null;
    throw new UsageProblem(
      "--recheck looks at what the last check left open, and that one was not completed, so nobody knows what it left: leave it out",
    );
  }
  const whole = open.filter(({ reasons }) => reasons.some((reason) => !IN_PART.has(reason)));
  return {
    ...context,
    only: new Set(open.map(({ table }) => table)),
    within: { ...within, openAsWhole: new Set(whole.map(({ table }) => table)), sourcesToo: only === null },
  };
}

/** Whether the last check of everything was; one that was completed, and left nothing open, is. */
function wasClean({ ready_undone, consecutive_clean }: State): boolean {
  return ready_undone === null && consecutive_clean > 0;
}

async function remembered(directory: string): Promise<string[]> {
  using memory = await MemoryFile.open(directory, "", { readOnly: true });
  return memory.names();
}

/** @param names of the tables in the memory; none: it was lost, so that nobody knows which there are */
function assertKnown(only: Iterable<string>, { reasons }: State, names: readonly string[]): void {
  if (names.length === 0) return;
  const known = [...new Set([...names, ...Object.keys(reasons)])];
  const mistakes = [...only].flatMap((pattern) => {
    const name = pattern.replace(/^!/, "");
    if (known.some((table) => isWanted([table], new Set([name])))) return [];
    const near = nearest(name.replace(/[*?]/g, ""), known);
    const meant = near.length > 0
      ? `; the nearest ${near.length === 1 ? "is" : "are"} ${near.join(", ")}`
      : "";
    return [
      `No table of this name was seen by an earlier check: ${pattern}${meant}; write database.table as reports do`,
    ];
  });
  if (mistakes.length > 0) throw new UsageProblem(...mistakes);
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
    replicas: { local: null, remote: null, shards: [], localShards: [] },
    settledBefore: null,
    tables: [],
    leftOut: [],
    warnings: [`Nothing was looked at: the last check, at ${state.last_check}, left nothing open${where}`],
  };
}
