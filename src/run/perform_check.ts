/** One check from beginning to end: run it, record it, report it. */
import { getLogger } from "@logtape/logtape";
import type { HashAgreements } from "../check/tables/agree_on_hashes.ts";
import type { CheckPorts } from "../check/ports/check_ports.ts";
import { runCheck } from "../check/check.ts";
import type { Observer } from "../check/ports/observer.ts";
import { settingsDigest, sitesDigest } from "../config/settings_digest.ts";
import type { Event } from "../model/event.ts";
import type { CheckReport } from "../model/report.ts";
import type { Within } from "../model/check_scope.ts";
import type { Settings } from "../model/settings.ts";
import type { Run } from "../model/run.ts";
import type { State } from "../model/state.ts";
import { withNeighbour } from "../verdict/neighbour_news.ts";
import { bothVerdict } from "../verdict/neighbour_words.ts";
import { askNeighbour } from "./ask_neighbour.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { stillOpen } from "../verdict/still_open.ts";
import { detectEvents } from "../verdict/detect_events.ts";
import { couldTurnReady, nextState } from "../verdict/next_state.ts";
import { steadyRole } from "../verdict/steady_role.ts";
import { memoryChanges } from "../check/memory/remember.ts";
import { makeRun } from "../report/make_run.ts";
import { reportLog } from "../report/report_log.ts";
import { checkSpan } from "../telemetry/spans.ts";
import { formatRun } from "../state/parse_run.ts";
import { errorText } from "../text/error_text.ts";
import { MemoryFile } from "../state/memory_file.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { logObserver, together } from "./observers.ts";
import type { Standing } from "../notify/join_news.ts";
import type { Outbox } from "../notify/outbox.ts";
import { readPause } from "../pause/pause_file.ts";
import { repairsWait } from "../pause/repairs_wait.ts";
import { pickReplicas } from "./pick_replicas.ts";
import { undoReady } from "./undo_ready.ts";
import { writeResults } from "./write_results.ts";
import type { StateStore } from "./state_store.ts";

const log = getLogger(["ch-sync"]);

export interface PerformOptions {
  readonly settings: Settings;
  /** Directory of the state file. */
  readonly directory: string;
  readonly store: StateStore;
  /** As `CheckOptions` has them. */
  readonly only: ReadonlySet<string> | null;
  readonly within?: Within;
  readonly verify?: boolean;
  readonly accepted: ReadonlySet<string>;
  /** Lives as long as the process. */
  readonly agreements: HashAgreements;
  /** A report follows that says what was found: then the log does not. */
  readonly told?: boolean;
  readonly redact: (text: string) => string;
  readonly outbox: Outbox;
  /** Gets the state that holds while rows are missing, from when it is known until the check ends. */
  readonly onUndone?: (state: State) => Promise<void>;
  /** Gets the events, besides the webhook. */
  readonly onEvent?: (event: Event) => void;
  readonly onStatement?: ConnectOptions["onStatement"];
  /** Follow the check, besides the log. */
  readonly watchers?: readonly Partial<Observer>[];
  readonly signal: AbortSignal;
}

/** A check with repairs. Throws a `UsageProblem`, and a `StateError` where the state cannot be written. */
export async function performCheck(options: PerformOptions): Promise<{ report: CheckReport; state: State }> {
  return await checkSpan(() => checkAndRecord(options));
}

async function checkAndRecord(options: PerformOptions): Promise<{ report: CheckReport; state: State }> {
  const { settings, store, only, within, verify = false, accepted } = options;
  const limited = only !== null || within !== undefined;
  const [began, since] = [new Date(), performance.now()];
  const installation = await store.installation();
  const previous = store.state;
  const configDigest = await settingsDigest(settings);
  using memory = await openMemory(options.directory, settings, configDigest);
  const checkId = newCheckId(installation);
  const picked = await pickReplicas({ ...options, checkId });
  await using ports = connect({
    ...options,
    ...picked,
    checkId,
    observer: together([
      logObserver(options.directory),
      ...limited ? [] : [undoReady(store, options.onUndone)],
      ...options.watchers ?? [],
    ]),
    memory,
    repairsWait: () => repairsWait(options.directory, settings.blackouts, new Date()),
  });
  const checked = await runCheck(ports, {
    ...picked,
    dryRun: false,
    only,
    ...within ? { within } : {},
    verify,
    accepted,
    installation,
    agreements: options.agreements,
    deep: limited || verify || couldTurnReady(previous, settings, began),
    steady: steadyRole(previous, configDigest),
    now: began,
  });
  const now = new Date();
  const report = await sayPaused(checked, options.directory, now);
  const next = nextState(previous, report, settings, configDigest, now, store.state !== previous);
  const { state, events: neighbour } = await askAboutBoth(previous, next, report, options);
  const events = [...detectEvents(previous, state, report, settings, now), ...neighbour];
  await recordAndTell(options, state, now, events, {
    paused: report.paused ? pauseLine(report.paused) : null,
    open: stillOpen(state, report, settings, now),
  });
  // Without it the next check only has more to do and less to go by; the state is what counts.
  await memory.commit(memoryChanges(report))
    .catch((error) => log.error("{text}", { text: error.message }));
  const run = makeRun(report, state, (performance.now() - since) / 1000);
  keepRun(memory, options.redact, run, now);
  await writeResults(run, { ...options, settings: picked.settings, checkId });
  if (report.outcome === "aborted") {
    log.info("Stopped in the middle of a check; what was repaired is recorded");
  } else if (!options.told) logReport(report, state);
  for (const event of events) options.onEvent?.(event);
  return { report, state };
}

/** Its loss is no loss to the next check. */
function keepRun(memory: MemoryFile, redact: PerformOptions["redact"], run: Run, now: Date): void {
  try {
    memory.keepRun(formatRun(run, redact), now);
  } catch (error) {
    log.error("{text}", { text: errorText(error) });
  }
}

/** The messages are on disk before the state knows about them: after a crash in between they are sent twice, not never. */
async function recordAndTell(
  { store, outbox }: PerformOptions,
  state: State,
  now: Date,
  events: readonly Event[],
  standing: Omit<Standing, "role">,
): Promise<void> {
  const previous = store.state;
  await outbox.prepare(events, now, standing);
  try {
    await store.record(state);
  } finally {
    await outbox.release(store.state !== previous);
  }
}

export type DryRunOptions = Omit<PerformOptions, "store" | "outbox"> & { readonly state: State };

/**
 * A check that plans and changes nothing, neither at a site nor in the state directory.
 *
 * @param then what else is read of the sites, before the connections are closed
 */
export async function performDryRun(
  options: DryRunOptions,
  then: (ports: CheckPorts) => Promise<void> = () => Promise.resolve(),
): Promise<CheckReport> {
  const { settings, only, within, verify = false, accepted, state } = options;
  const configDigest = await settingsDigest(settings);
  using memory = await openMemory(options.directory, settings, configDigest, true);
  const checkId = newCheckId(state.installation);
  const picked = await pickReplicas({ ...options, checkId });
  await using ports = connect({
    ...options,
    ...picked,
    checkId,
    observer: together([logObserver(options.directory), ...options.watchers ?? []]),
    memory: {
      table: (name) => memory.table(name),
      partitions: (...page) => memory.partitions(...page),
      stretches: (name) => memory.stretches(name),
      async remember() {},
      keep() {},
    },
    repairsWait: () => Promise.resolve("nothing is repaired by --dry-run"),
  });
  const { installation } = state;
  const checked = await runCheck(ports, {
    ...picked,
    dryRun: true,
    only,
    ...within ? { within } : {},
    verify,
    accepted,
    installation,
    agreements: options.agreements,
    deep: true,
    steady: steadyRole(state, configDigest),
    now: new Date(),
  });
  const report = await sayPaused(checked, options.directory, new Date());
  if (!options.told) logReport(report, null);
  await then(ports);
  return report;
}

function logReport(report: CheckReport, state: State | null): void {
  for (const { level, text } of reportLog(report, state)) log[level]("{text}", { text });
}

/** Whether vm-sync, for which somebody waits since FAILBACK READY was said, is ready now. */
async function askAboutBoth(
  previous: State,
  state: State,
  { limited, outcome }: CheckReport,
  { settings, redact }: Pick<PerformOptions, "settings" | "redact">,
): Promise<ReturnType<typeof withNeighbour>> {
  if (limited || outcome === "aborted") return { state, events: [] };
  const neighbour = state.failback_ready ? await askNeighbour(settings, state, redact) : null;
  return withNeighbour(previous, state, neighbour && bothVerdict(state, neighbour, new Date()));
}

async function sayPaused(report: CheckReport, directory: string, now: Date): Promise<CheckReport> {
  const paused = await readPause(directory, now);
  return paused === null ? report : { ...report, paused };
}

async function openMemory(
  directory: string,
  settings: Settings,
  formerDigest: string,
  readOnly = false,
): Promise<MemoryFile> {
  const warn = (text: string) => log.warn("{text}", { text });
  return await MemoryFile.open(directory, await sitesDigest(settings), { readOnly, warn, formerDigest });
}

/** Starts with the installation, as two of them may share a server, and sorts by time. */
function newCheckId(installation: string): string {
  return `${installation}${Date.now().toString(36)}`;
}
