/** `/readyz`: whether ch-sync does its work, whatever it finds. */
import type { State } from "../model/state.ts";
import { isStale } from "../verdict/failback_words.ts";

/** Null: it does; else why not, in words. */
export function whyNotServing(
  state: State,
  policy: { readonly checkIntervalSeconds: number },
  waiting: string | null,
  now: Date,
): string | null {
  if (waiting !== null) return "another ch-sync holds the lock: this one waits for it";
  if (state.unreachable.length > 0) {
    return `no answer from the ${state.unreachable.join(" and the ")} ClickHouse`;
  }
  if (state.last_check === null) return "no check was completed yet";
  if (isStale(state, policy, now)) return `the last completed check was at ${state.last_check}`;
  if (state.active_site === "unknown") return "the active site is unknown";
  return null;
}
