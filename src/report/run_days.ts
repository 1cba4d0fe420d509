/** From kept checks to what each day came to. */
import type { Run } from "../model/run.ts";
import type { RunDay, RunKind } from "../model/run_day.ts";

const NONE: RunDay["checks"] = { clean: 0, repaired: 0, left_open: 0, not_completed: 0, standby: 0 };

/** Days to which a run is added; the others stay as they are. */
export function addRun(days: ReadonlyMap<string, RunDay>, run: Run): Map<string, RunDay> {
  const day = run.started_at.slice(0, "2026-02-28".length);
  const { checks, rowsRepaired } = days.get(day) ?? { checks: NONE, rowsRepaired: 0 };
  const kind = kindOf(run);
  const counted = kind === null ? checks : { ...checks, [kind]: checks[kind] + 1 };
  return new Map([...days, [day, { day, checks: counted, rowsRepaired: rowsRepaired + run.rows_repaired }]]);
}

/** Null: it says nothing about the whole, as it was limited or shut down. */
function kindOf({ outcome, limited, clean, partitions_repaired }: Run): RunKind | null {
  if (limited || outcome === "aborted") return null;
  if (outcome === "standby") return "standby";
  if (outcome !== "completed") return "not_completed";
  if (!clean) return "left_open";
  return partitions_repaired > 0 ? "repaired" : "clean";
}

const DAY_MS = 86_400_000;

/** So many days up to today, the oldest first; null: no check is kept of it. */
export function lastDays(
  days: ReadonlyMap<string, RunDay>,
  now: Date,
  count: number,
): { readonly day: string; readonly of: RunDay | null }[] {
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now.getTime() - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { day, of: days.get(day) ?? null };
  });
}
