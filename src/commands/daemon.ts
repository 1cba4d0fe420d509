/** The daemon: checks until it is shut down, and shows its state. */
import { getLogger } from "@logtape/logtape";
import { COMMIT, VERSION } from "../build.ts";
import { beat } from "../notify/heartbeat.ts";
import { LiveView } from "../daemon/live_view.ts";
import { Asked } from "../daemon/asked.ts";
import { Bell, pause, repeat } from "../daemon/loop.ts";
import { Reloading } from "../daemon/reloading.ts";
import type { Environment } from "../config/read_values.ts";
import type { Settings } from "../model/settings.ts";
import type { Configuration } from "../run/configuration.ts";
import { openVerbs } from "../daemon/open_verbs.ts";
import { performCheck } from "../run/perform_check.ts";
import { MetricsRecorder } from "../metrics/recorder.ts";
import { forReading, message } from "../notify/messages.ts";
import { renderStanding } from "../report/render_status.ts";
import { acquireLock } from "../state/lock.ts";
import { loadState } from "../state/state_file.ts";
import { openServiceManager } from "../systemd/service_manager.ts";
import { errorText } from "../text/error_text.ts";
import type { Context } from "./context.ts";
import { greet, openOutbox, openState } from "./open.ts";
import { openStatusServer } from "../daemon/status_server.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds between two attempts of a daemon to get the lock. */
const LOCK_RETRY_MS = 5000;

/** Milliseconds for a message that is being sent when the daemon shuts down: cut short, it might arrive twice. */
const LAST_MESSAGES_MS = 1500;

/**
 * @param configuration where settings are read again; null: nowhere
 * @param environment that the settings came from
 * @returns the exit code
 */
export async function daemon(
  context: Context,
  configuration: Configuration | null = null,
  environment: Environment = {},
): Promise<number> {
  const { directory, signal } = context;
  const { stateFile } = context.settings;
  greet();
  const bell = new Bell();
  let running = new AbortController();
  // What runs under the settings before must not bring in another row, nor say anything of readiness.
  const reloading = new Reloading(configuration, context.settings, environment, () => {
    running.abort();
    bell.ring();
  });
  const { settings } = reloading;
  const view = new LiveView(settings, directory, context.redact);
  await view.loadRepairs();
  const metrics = new MetricsRecorder(settings, { version: VERSION, commit: COMMIT });
  await using _server = await openStatusServer(settings, view, metrics);
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
    view.waitingFor(lock.by);
    view.loaded((await loadState(stateFile, new Date(), true)).state);
    await pause(LOCK_RETRY_MS, signal);
    if (signal.aborted) return 0;
    lock = await acquireLock(directory, new Date());
  }
  view.waitingFor(null);
  const store = await openState(settings);
  view.loaded(store.state);
  metrics.loaded(store.state);
  const openBox = (settings: Settings) =>
    openOutbox(settings, directory, store, context.redact, (outcome) => metrics.notification(outcome));
  let outbox = await openBox(settings);
  let { agreements } = context;
  const asked = new Asked(bell, (given) => reloading.reload(given), context.redact);
  await using _verbs = await openVerbs(directory, asked);
  /** With other settings all begins as after a restart: nothing that was agreed on or opened under the old ones goes on. */
  const settle = async () => {
    const { settings, fresh } = reloading.take();
    if (!fresh) return settings;
    view.uses(settings);
    metrics.uses(settings);
    agreements = new Map();
    await outbox.drain(LAST_MESSAGES_MS);
    outbox = await openBox(settings);
    return settings;
  };
  const check = async () => {
    running = new AbortController();
    const settings = await settle();
    const started = new Date();
    const since = performance.now();
    const next = new Date(started.getTime() + 1000 * settings.checkIntervalSeconds);
    view.checkBegins(started);
    try {
      const result = await performCheck({
        ...context,
        signal: AbortSignal.any([signal, running.signal]),
        settings,
        agreements,
        accepted: asked.begins(),
        store,
        outbox,
        async onUndone(state) {
          view.loaded(state);
          metrics.loaded(state);
          systemd.status(renderStanding(state, false, settings.failbackCleanChecks, await view.paused()));
        },
        onEvent(event) {
          const { sentence, items } = message(event);
          const named = items.length > 0 ? `: ${items.slice(0, 5).join(", ")}` : "";
          view.happened(`${forReading(sentence)}${named}`, new Date());
        },
        watchers: [view.observer, metrics.observer],
        onStatement: (site, outcome) => metrics.statement(site, outcome),
      });
      const { report, state } = result;
      const paused = report.paused ?? null;
      metrics.checked(report, state, (performance.now() - since) / 1000, new Date());
      view.checkEnds(result, next);
      asked.ends(report);
      // Not awaited: it must not delay the next check.
      void beat(settings, report);
      const active = state.active_site === settings.role;
      systemd.status(renderStanding(state, active, settings.failbackCleanChecks, paused));
    } catch (error) {
      const text = errorText(error);
      const undone = asked.ends(error instanceof Error ? error : new Error(text));
      view.checkEnds(null, next);
      // Nothing was looked at yet: what was accepted could not be, and whoever asked has been told.
      if (undone) {
        log.warn("{text}", { text: text.replaceAll(/^--accept /gm, "accept ") });
        return;
      }
      log.error("{text}", { text });
      view.happened(context.redact(text), new Date());
      // Even if it could not be written, the state may hold bad news.
      view.loaded(store.state);
      metrics.broke(store.state);
    }
  };
  await repeat(check, () => reloading.settings.checkIntervalSeconds, signal, bell);
  await outbox.drain(LAST_MESSAGES_MS);
  lock.release();
  return 0;
}
