/** `--once`: one check with repairs. */
import { getLogger } from "@logtape/logtape";
import { beat } from "../notify/heartbeat.ts";
import { performCheck } from "../run/perform_check.ts";
import { exitCode } from "../verdict/clean.ts";
import type { Outbox } from "../notify/outbox.ts";
import type { StateStore } from "../run/state_store.ts";
import { renderReport } from "../report/render_report.ts";
import { reportJson } from "../report/report_json.ts";
import { acquireLock } from "../state/lock.ts";
import type { Context } from "./context.ts";
import { greet, openOutbox, openState } from "./open.ts";
import { json, print } from "./print.ts";
import { limitToOpen, nothingOpen } from "./recheck.ts";
import { showProgress } from "../run/show_progress.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds that `--once` waits for its messages to be delivered; the rest stays on disk for the next run. */
const LAST_MESSAGES_MS = 5000;
/** The same when it is shut down: for a message that is being sent, which might arrive twice if it were cut short. */
const STOPPED_MS = 1500;

/** @returns the exit code */
export async function once(context: Context): Promise<number> {
  const { settings, directory, flags, paint, redact } = context;
  const lock = await acquireLock(directory, new Date());
  if (lock.kind === "held") {
    log.error("{text}", { text: `Another ch-sync holds the lock in ${directory}: ${lock.by}` });
    return 1;
  }
  const store = await openState(settings);
  const outbox = await openOutbox(settings, directory, store, redact);
  greet();
  try {
    const limited = await limitToOpen(context, store.state);
    const { report, state } = limited === null
      ? { report: nothingOpen(context, store.state, false), state: store.state }
      : await check(limited, store, outbox);
    print(
      redact(
        flags.json ? json(reportJson(report, state)) : renderReport(report, { sql: flags.sql, state, paint }),
      ),
    );
    await beat(settings, report);
    return exitCode(report);
  } finally {
    await outbox.drain(context.signal.aborted ? STOPPED_MS : LAST_MESSAGES_MS);
    lock.release();
  }
}

async function check(context: Context, store: StateStore, outbox: Outbox) {
  using progress = showProgress(context.foot);
  return await performCheck({ ...context, store, outbox, watchers: progress.watchers });
}
