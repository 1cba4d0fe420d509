/** How commands that check begin. */
import { getLogger } from "@logtape/logtape";
import type { Readiness } from "../notify/message_queue.ts";
import { Outbox, type OutboxOptions } from "../notify/outbox.ts";
import { askNeighbour } from "../run/ask_neighbour.ts";
import { StateStore } from "../run/state_store.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";
import { chooseFormat } from "../notify/payload.ts";
import { isReady } from "../verdict/failback_words.ts";
import { bothVerdict } from "../verdict/neighbour_words.ts";
import { loadState } from "../state/state_file.ts";

const log = getLogger(["ch-sync"]);

/** The first line of every log. */
export function greet(): void {
  log.info("CH-Sync - ClickHouse Data Synchronization");
}

/** The state as the file has it, or a fresh one. */
export async function openState(settings: Settings): Promise<StateStore> {
  const { state, warning } = await loadState(settings.stateFile, new Date());
  if (warning) log.warn("{text}", { text: warning });
  return new StateStore(settings.stateFile, state);
}

/** Delivers nothing if no webhook is set. Only for the holder of the lock: the queue on disk has one writer. */
export async function openOutbox(
  settings: Settings,
  directory: string,
  store: StateStore,
  redact: (text: string) => string,
  onOutcome: OutboxOptions["onOutcome"] = () => {},
): Promise<Outbox> {
  const { webhookUrl, notifyFormat, role } = settings;
  const webhook = webhookUrl === null
    ? null
    : { url: webhookUrl, format: chooseFormat(notifyFormat, webhookUrl) };
  return await Outbox.open({
    directory,
    webhook,
    role,
    readiness: () => readinessOf(store.state, new Date()),
    both: async () => {
      const neighbour = await askNeighbour(settings, store.state, redact);
      return neighbour && bothVerdict(store.state, neighbour, new Date());
    },
    onOutcome,
  });
}

/** While a check that found rows missing runs, it has not been said whether FAILBACK READY will stand. */
function readinessOf(state: State, now: Date): Readiness {
  if (state.ready_undone !== null) return "expired";
  return !state.failback_ready ? "not_ready" : isReady(state, now) ? "ready" : "expired";
}
