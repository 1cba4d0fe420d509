/** The entry point: wiring, and the only place that exits. */
import { dirname } from "node:path";
import { getLogger } from "@logtape/logtape";
import { VERSION_LINE } from "./build.ts";
import type { HashAgreements } from "./check/agree_on_hashes.ts";
import { UnknownTables } from "./check/discover.ts";
import { type CheckFlags, HELP, parseCommand } from "./cli.ts";
import { readEnvironment } from "./config/env_file.ts";
import { exposedFiles, fileMode } from "./config/exposed_files.ts";
import { describeMistake } from "./config/mistake.ts";
import { readSettings } from "./config/read_settings.ts";
import { beat } from "./daemon/beat.ts";
import { pause, repeat } from "./daemon/loop.ts";
import { performCheck, performDryRun } from "./daemon/perform_check.ts";
import { StateStore } from "./daemon/state_store.ts";
import { configureLog } from "./log/configure_log.ts";
import { makeRedactor } from "./log/redact.ts";
import type { Endpoint, Settings } from "./model/settings.ts";
import { chooseFormat } from "./notify/payload.ts";
import { createNotifier, type Notifier } from "./notify/webhook.ts";
import { exitCode } from "./reconcile/judge_check.ts";
import { escapeControls, escapeInJson } from "./report/escape_controls.ts";
import { renderReport } from "./report/render_report.ts";
import { renderStanding, renderStatus } from "./report/render_status.ts";
import { reportJson } from "./report/report_json.ts";
import { acquireLock } from "./state/lock.ts";
import { loadState } from "./state/state_file.ts";
import { openServiceManager } from "./systemd/service_manager.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds from the signal to the end of the process, whatever is still under way. */
const STOP_MS = 4500;
/** Milliseconds that `--once` waits for its messages to be delivered. */
const LAST_MESSAGES_MS = 10_000;
/** Milliseconds between two tries of a daemon to get the lock. */
const LOCK_RETRY_MS = 5000;

/** Everything that a command works with. */
interface Context {
  readonly flags: CheckFlags;
  readonly settings: Settings;
  readonly directory: string;
  readonly redact: (text: string) => string;
  readonly only: ReadonlySet<string> | null;
  readonly accepted: ReadonlySet<string>;
  readonly agreements: HashAgreements;
  readonly signal: AbortSignal;
}

/** Runs one command and returns the exit code of the process. */
async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseCommand(args);
  switch (command.kind) {
    case "help":
      print(HELP);
      return 0;
    case "version":
      print(VERSION_LINE);
      return 0;
    case "mistakes":
      return usage(command.mistakes);
  }
  const { environment, mistakes } = readEnvironment(
    Deno.env.toObject(),
    command.envFile,
    Deno.readTextFileSync,
  );
  const read = readSettings(environment, Deno.readTextFileSync);
  const all = [...mistakes, ...(read.kind === "mistakes" ? read.mistakes : [])];
  if (all.length > 0 || read.kind === "mistakes") return usage(all.map(describeMistake));

  const { settings } = read;
  const secrets = [
    ...credentials(settings.local),
    ...credentials(settings.remote),
    settings.webhookUrl ?? "",
    settings.heartbeatUrl ?? "",
    settings.tls.client?.key ?? "",
  ];
  const redact = makeRedactor(secrets);
  await configureLog({ level: command.logLevel ?? settings.logLevel, format: settings.logFormat, redact });
  for (const text of exposedFiles(environment, command.envFile ?? ".env", fileMode)) {
    log.warn("{text}", { text });
  }
  const context: Context = {
    flags: command,
    settings,
    directory: dirname(settings.stateFile),
    redact,
    only: command.tables.length > 0 ? new Set(command.tables) : null,
    accepted: new Set(command.accepted),
    agreements: new Map(),
    signal,
  };
  try {
    switch (command.kind) {
      case "status":
        return await status(context);
      case "dry-run":
        return await dryRun(context);
      case "once":
        return await once(context);
      case "daemon":
        return await daemon(context);
    }
  } catch (error) {
    if (error instanceof UnknownTables) return usage([error.message]);
    log.error("{text}", { text: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}

/** The password, and what HTTP makes of it with the user's name: base64 of its UTF-8. */
function credentials({ user, password }: Endpoint): string[] {
  if (password === "") return [];
  return [password, new TextEncoder().encode(`${user}:${password}`).toBase64()];
}

async function status({ settings, flags, redact }: Context): Promise<number> {
  const exists = await Deno.stat(settings.stateFile).then(() => true, () => false);
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (!exists || warning) {
    log.error("{text}", {
      text: warning ?? `There is no state file ${settings.stateFile}; run a check first`,
    });
    return 1;
  }
  print(redact(flags.json ? json(state) : renderStatus(state, new Date())));
  return 0;
}

async function dryRun(context: Context): Promise<number> {
  const { settings, flags, redact } = context;
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (warning) log.warn("{text}", { text: warning });
  greet();
  const report = await performDryRun({ ...context, state });
  print(redact(flags.json ? json(reportJson(report, null)) : renderReport(report)));
  return exitCode(report);
}

async function once(context: Context): Promise<number> {
  const { settings, directory, flags, redact } = context;
  const lock = await acquireLock(directory, new Date());
  if (lock.kind === "held") {
    log.error("{text}", { text: `Another ch-sync holds the lock in ${directory}: ${lock.by}` });
    return 1;
  }
  const store = await openState(settings);
  const notifier = openNotifier(settings);
  greet();
  try {
    const { report, state } = await performCheck({ ...context, store, send: notifier.send });
    print(redact(flags.json ? json(reportJson(report, state)) : renderReport(report)));
    await beat(settings, report);
    return exitCode(report);
  } finally {
    await notifier.drain(context.signal.aborted ? 500 : LAST_MESSAGES_MS);
    lock.release();
  }
}

async function daemon(context: Context): Promise<number> {
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

function greet(): void {
  log.info("CH-Sync - ClickHouse Data Synchronization");
}

async function openState(settings: Settings): Promise<StateStore> {
  const { state, warning } = await loadState(settings.stateFile, new Date());
  if (warning) log.warn("{text}", { text: warning });
  return new StateStore(settings.stateFile, state);
}

function openNotifier({ webhookUrl, notifyFormat, role }: Settings): Notifier {
  const webhook = webhookUrl === null
    ? null
    : { url: webhookUrl, format: chooseFormat(notifyFormat, webhookUrl), role };
  return createNotifier(webhook, (text) => log.warn("{text}", { text }));
}

function usage(mistakes: readonly string[]): 2 {
  const text = mistakes.map((mistake) => escapeControls(mistake)).join("\n");
  Deno.stderr.writeSync(new TextEncoder().encode(text + "\n"));
  return 2;
}

function json(value: unknown): string {
  return escapeInJson(JSON.stringify(value, null, 2));
}

function print(text: string): void {
  const bytes = new TextEncoder().encode(text + "\n");
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

if (import.meta.main) {
  const stop = new AbortController();
  let daemonic = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      stop.abort();
      // Cleaning up may hang on a server that does not answer.
      setTimeout(() => Deno.exit(daemonic ? 0 : 1), STOP_MS);
    });
  }
  daemonic = parseCommand(Deno.args).kind === "daemon";
  Deno.exit(await main(Deno.args, stop.signal));
}
