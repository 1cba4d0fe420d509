/** What a night says of its checks and of what is wrong. */
import type { SiteName } from "../../src/model/site.ts";

/** Why checks of the passive site did not say READY, each counted once. */
export class Tally {
  readonly counts: Record<string, number> = {};
  #last = "";

  note(state: Readonly<Record<string, unknown>> | null, active: SiteName): void {
    const check = String(state?.["last_check"]);
    if (state === null || state["failback_ready"] || check === this.#last) return;
    this.#last = check;
    for (const why of reasonsOf(state, active)) this.counts[why] = (this.counts[why] ?? 0) + 1;
  }

  toString(): string {
    return JSON.stringify(this.counts);
  }
}

function reasonsOf(state: Readonly<Record<string, unknown>>, active: SiteName): string[] {
  if (state["active_site"] !== active) return ["the role is not known, or new"];
  const causes = (state["causes"] ?? {}) as Readonly<Record<string, readonly string[]>>;
  const reasons = (state["reasons"] ?? {}) as Readonly<Record<string, object>>;
  const all = Object.keys(reasons).flatMap((table) => causes[table] ?? Object.keys(reasons[table]!));
  // Rows that still arrive keep no verdict back.
  const why = [...new Set(all)].filter((one) => one !== "hot");
  if (why.length > 0) return why;
  return [state["last_error"] ? "no check" : "nothing yet"];
}

export function isLoss(text: string): boolean {
  return /(?:^|: )lost\b/.test(text);
}

export function isDouble(text: string): boolean {
  return /(?:^|: )(?:doubled|more)\b/.test(text);
}
