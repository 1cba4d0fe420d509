/** The daemon: checks until it is told to stop. */
import { getLogger } from "@logtape/logtape";
import { beat } from "../daemon/beat.ts";
import { pause, repeat } from "../daemon/loop.ts";
import { performCheck } from "../daemon/perform_check.ts";
import { renderStanding } from "../report/render_status.ts";
import { acquireLock } from "../state/lock.ts";
import { openServiceManager } from "../systemd/service_manager.ts";
import type { Context } from "./context.ts";
import { greet, openNotifier, openState } from "./open.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds between two tries of a daemon to get the lock. */
const LOCK_RETRY_MS = 5000;

/** @returns the exit code */
export async function daemon(context: Context): Promise<number> {
  const { settings, directory, signal } = context;
  greet();
  using systemd = await openServiceManager(
    Deno.env.toObject(),
    directory,
    (text) => log.warn("{text}", { text }),
  );
  signal.addEventListener("abort", () => systemd.stopping());
  systemd.ready();
  let lock = await acquireLock(directory, new Date());
  if (lock.kind === "held") {
    log.warn("{text}", {
      text: `Another ch-sync holds the lock in ${directory}: ${lock.by}; waiting for it`,
    });
  }
  while (lock.kind === "held") {
    await pause(LOCK_RETRY_MS, signal);
    if (signal.aborted) return 0;
    lock = await acquireLock(directory, new Date());
  }
  const store = await openState(settings);
  const notifier = openNotifier(settings);
  const check = async () => {
    try {
      const { report, state } = await performCheck({ ...context, store, send: notifier.send });
      // Never holds the next check up.
      void beat(settings, report);
      const active = state.active_site === settings.role;
      systemd.status(renderStanding(state, active, settings.failbackCleanChecks));
    } catch (error) {
      log.error("{text}", { text: error instanceof Error ? error.message : String(error) });
    }
  };
  await repeat(check, settings.checkIntervalSeconds, signal);
  await notifier.drain(500);
  lock.release();
  return 0;
}
