/** What commands that check begin with. */
import { getLogger } from "@logtape/logtape";
import { StateStore } from "../daemon/state_store.ts";
import type { Settings } from "../model/settings.ts";
import { chooseFormat } from "../notify/payload.ts";
import { createNotifier, type Notifier, type NotifierOptions, SILENT } from "../notify/notifier.ts";
import { isReady } from "../reconcile/verdict.ts";
import { MessageFile } from "../state/message_file.ts";
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

/** Delivers nothing where no webhook is set. For whoever holds the lock: the queue on disk has one writer. */
export async function openNotifier(
  { webhookUrl, notifyFormat, role }: Settings,
  directory: string,
  store: StateStore,
  onOutcome: NotifierOptions["onOutcome"] = () => {},
): Promise<Notifier> {
  if (webhookUrl === null) return SILENT;
  const onProblem = (text: string) => log.warn("{text}", { text });
  const file = new MessageFile(directory);
  const { messages: left, problem } = await file.load(new Date());
  if (problem) onProblem(problem);
  return createNotifier({
    webhook: { url: webhookUrl, format: chooseFormat(notifyFormat, webhookUrl), role },
    left,
    save: (messages) => file.save(messages),
    isReady: () => isReady(store.state, new Date()),
    onProblem,
    onOutcome,
  });
}
