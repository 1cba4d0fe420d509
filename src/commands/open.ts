/** What commands that check begin with. */
import { getLogger } from "@logtape/logtape";
import { StateStore } from "../daemon/state_store.ts";
import type { Settings } from "../model/settings.ts";
import { chooseFormat } from "../notify/payload.ts";
import { createNotifier, type Notifier } from "../notify/webhook.ts";
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

/** Delivers nothing where no webhook is set. */
export function openNotifier({ webhookUrl, notifyFormat, role }: Settings): Notifier {
  const webhook = webhookUrl === null
    ? null
    : { url: webhookUrl, format: chooseFormat(notifyFormat, webhookUrl), role };
  return createNotifier(webhook, (text) => log.warn("{text}", { text }));
}
