/** FAILBACK READY does not stand while a check knows of rows that are missing here, however soon it repairs them. */
import { getLogger } from "@logtape/logtape";
import type { Observer } from "../check/ports/observer.ts";
import { reportOf } from "../model/plan.ts";
import type { State } from "../model/state.ts";
import { errorText } from "../text/error_text.ts";
import { leavesRowsMissing } from "../verdict/clean.ts";
import { whileRowsAreMissing } from "../verdict/next_state.ts";
import type { StateStore } from "./state_store.ts";

const log = getLogger(["ch-sync"]);

/** @param shown gets the state that holds until the check ends */
export function undoReady(store: StateStore, shown?: (state: State) => Promise<void>): Partial<Observer> {
  return {
    async planned(plans) {
      const tables = plans.map(reportOf);
      if (!store.state.failback_ready || !leavesRowsMissing({ tables })) return;
      const say = (error: unknown) => log.error("{text}", { text: errorText(error) });
      // If it cannot be written, the file is removed, which is as true; what is missing is repaired all the same.
      await store.record(whileRowsAreMissing(store.state, new Date(), tables)).catch(say);
      await shown?.(store.state).catch(say);
    },
  };
}
