/** What is open after a check, for whoever hears of something else that it did. */
import type { CheckReport } from "../model/report.ts";
import type { State } from "../model/state.ts";
import { counted } from "../text/readable.ts";
import { isSettled } from "./clean.ts";
import { openReasons, type VerdictPolicy } from "./failback_words.ts";

/** Reasons in words, the gravest first; none at the active site. A check of some tables speaks of those alone. */
export function stillOpen(next: State, report: CheckReport, policy: VerdictPolicy, now: Date): string[] {
  if (report.outcome === "standby") return [];
  if (!report.limited && report.outcome !== "aborted") return openReasons(next, policy, now);
  const open = report.tables.flatMap(({ findings }) => findings).filter((found) => !isSettled(found));
  return [...Map.groupBy(open, ({ reason }) => reason)].map(([reason, found]) => {
    const tables = [...new Set(found.map(({ table }) => table))];
    return `${reason}: ${counted(found.length, "finding")} in ${tables.slice(0, 5).join(", ")}${
      tables.length > 5 ? ` and ${tables.length - 5} more` : ""
    }`;
  });
}
