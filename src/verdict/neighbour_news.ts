/** Whether somebody waits for vm-sync since FAILBACK READY was said, and when to tell that the wait is over. */
import type { Event } from "../model/event.ts";
import type { State } from "../model/state.ts";
import { wasReady } from "./failback_words.ts";
import type { BothVerdict } from "./neighbour_words.ts";

/**
 * The state after a check with what it knows of vm-sync, and the news of that. A READY that says itself that it is safe for both
 * leaves nobody waiting.
 *
 * @param both null: nobody asks vm-sync, or ch-sync is not ready by itself
 */
export function withNeighbour(
  previous: Pick<State, "failback_ready" | "ready_undone" | "waits_for_neighbour">,
  state: State,
  both: BothVerdict | null,
): { readonly state: State; readonly events: readonly Event[] } {
  const before = wasReady(previous);
  const waited = before && previous.waits_for_neighbour;
  const ready = state.failback_ready && both !== null;
  const waits_for_neighbour = ready && !both.safe && (waited || !before);
  return {
    state: { ...state, waits_for_neighbour },
    events: ready && both.safe && waited ? [{ kind: "neighbour_ready" }] : [],
  };
}
