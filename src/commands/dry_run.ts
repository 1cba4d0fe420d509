/** `--dry-run`: a check that plans and changes nothing. */
import { getLogger } from "@logtape/logtape";
import { performDryRun } from "../run/perform_check.ts";
import { exitCode } from "../verdict/clean.ts";
import { paceOf } from "../check/repair/estimate_repair.ts";
import { lastRepairs } from "../state/repair_record.ts";
import type { State } from "../model/state.ts";
import { renderReport } from "../report/render_report.ts";
import { reportJson } from "../report/report_json.ts";
import { loadState } from "../state/state_file.ts";
import type { Context } from "./context.ts";
import { greet } from "./open.ts";
import { json, print } from "./print.ts";
import { limitToOpen, nothingOpen } from "./recheck.ts";
import { showProgress } from "../run/show_progress.ts";

const log = getLogger(["ch-sync"]);

/** How many earlier repairs tell how fast the next ones will be. */
const PACE_REPAIRS = 200;

/** @returns the exit code */
export async function dryRun(context: Context): Promise<number> {
  const { settings, directory, flags, paint, redact } = context;
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (warning) log.warn("{text}", { text: warning });
  greet();
  const limited = await limitToOpen(context, state);
  const report = limited === null ? nothingOpen(context, state, true) : await plan(limited, state);
  const pace = paceOf(await lastRepairs(directory, PACE_REPAIRS), settings);
  const { sql, json: asJson } = flags;
  print(redact(asJson ? json(reportJson(report, null, pace)) : renderReport(report, { pace, sql, paint })));
  return exitCode(report);
}

async function plan(context: Context, state: State) {
  using progress = showProgress(context.foot);
  return await performDryRun({ ...context, state, watchers: progress.watchers });
}
