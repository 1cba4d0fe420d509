/** Why a check compared nothing, as the page says it. */
import type { CheckReport } from "../model/report.ts";

/** Null: it compared what it could. */
export function whyNotCompared({ outcome, unreachable }: CheckReport): string | null {
  switch (outcome) {
    case "completed":
      return null;
    case "standby":
      return "this site is the active one now";
    case "role_unknown":
      return "the active site is unknown";
    case "site_unreachable":
      return unreachable.length === 0
        ? "a ClickHouse does not answer"
        : `no answer from the ${unreachable.join(" and the ")} ClickHouse`;
    case "failed":
      return "the last check was not completed";
    case "aborted":
      return "the last check was stopped";
  }
}
