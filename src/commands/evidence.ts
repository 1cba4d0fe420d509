/** `--evidence FILE`: a fresh check that changes nothing, and why it is safe to fail back, or why not. */
import { dirname } from "node:path";
import { getLogger } from "@logtape/logtape";
import { VERSION } from "../build.ts";
import { settingsDigest } from "../config/settings_digest.ts";
import { performDryRun } from "../run/perform_check.ts";
import { makeEvidence } from "../report/evidence.ts";
import { askNeighbour } from "../run/ask_neighbour.ts";
import { bothLines, EVIDENCE_TITLE, renderEvidence } from "../report/render_evidence.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { writeAtomically } from "../files/private_file.ts";
import { FRESH_STATE } from "../model/state.ts";
import { loadState } from "../state/state_file.ts";
import type { Context } from "./context.ts";
import { greet } from "./open.ts";
import { json, print } from "./print.ts";
import { SERVICE_STATE } from "./verbs.ts";
import { showProgress } from "../run/show_progress.ts";

const log = getLogger(["ch-sync"]);

/** @returns the exit code: 0 if it is safe, 3 if it is not, 1 if that cannot be told, or not written */
export async function evidence(context: Context, path: string): Promise<number> {
  const { settings, redact } = context;
  for (const [file, isOurs] of [[path, isDocument], [`${path}.json`, isJson]] as const) {
    if (await isForeign(file, isOurs)) {
      log.error("{text}", {
        text: `${file} exists and is not evidence that ch-sync wrote: name another file, or move it away`,
      });
      return 1;
    }
  }
  const folder = dirname(path);
  if (!await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false)) {
    log.error("{text}", { text: `There is no directory ${folder}: make it, or name another file` });
    return 1;
  }
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (warning) log.warn("{text}", { text: warning });
  if (state === FRESH_STATE && !warning) {
    log.warn("{text}", {
      text:
        `There is no state file ${settings.stateFile}, so no check counts and every row is read; run a check first, or ${SERVICE_STATE}`,
    });
  }
  greet();
  const report = await check();
  const neighbour = await askNeighbour(settings, { active_site: report.active }, redact);
  const digest = await settingsDigest(settings);
  const made = makeEvidence(report, state, settings, VERSION, digest, new Date(), neighbour);
  try {
    await writeAtomically(`${path}.json`, redact(`${json(made)}\n`));
    await writeAtomically(path, redact(renderEvidence(made)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.error("{text}", {
      text: `Cannot write ${path}: ${why}; check the directory's owner, mode and free space`,
    });
    return 1;
  }
  print(
    redact([
      ...made.paused === null ? [] : [escapeControls(pauseLine(made.paused))],
      made.verdict,
      ...made.reasons.map((reason) => `  - ${reason}`),
      ...bothLines(made),
      `See ${path} and ${path}.json`,
    ].join("\n")),
  );
  return made.safe ? 0 : report.outcome === "completed" || report.outcome === "standby" ? 3 : 1;

  async function check() {
    using progress = showProgress(context.foot);
    return await performDryRun({ ...context, state, watchers: progress.watchers });
  }
}

async function isForeign(file: string, isOurs: (text: string) => boolean): Promise<boolean> {
  try {
    return !isOurs(await Deno.readTextFile(file));
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function isDocument(text: string): boolean {
  return text.startsWith(`${EVIDENCE_TITLE}\n`);
}

/** Any other object, such as a state file, must not be replaced. */
function isJson(text: string): boolean {
  try {
    const { schema_version, safe, verdict, made_at } = JSON.parse(text);
    return schema_version === 1 && typeof safe === "boolean" && typeof verdict === "string" &&
      typeof made_at === "string";
  } catch {
    return false;
  }
}
