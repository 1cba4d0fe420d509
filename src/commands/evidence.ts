/** `--evidence FILE`: a fresh check that changes nothing, and why it is safe to fail back, or why not. */
import { getLogger } from "@logtape/logtape";
import { VERSION } from "../build.ts";
import { performDryRun } from "../daemon/perform_check.ts";
import { makeEvidence } from "../report/evidence.ts";
import { EVIDENCE_TITLE, renderEvidence } from "../report/render_evidence.ts";
import { writeAtomically } from "../state/private_file.ts";
import { loadState } from "../state/state_file.ts";
import type { Context } from "./context.ts";
import { greet } from "./open.ts";
import { json, print } from "./print.ts";
import { showProgress } from "./progress.ts";

const log = getLogger(["ch-sync"]);

/** @returns the exit code: 0 if it is safe, 3 if it is not, 1 if that cannot be told or written */
export async function evidence(context: Context, path: string): Promise<number> {
  const { settings, redact } = context;
  for (const [file, start] of [[path, EVIDENCE_TITLE], [`${path}.json`, "{"]] as const) {
    if (await isForeign(file, start)) {
      log.error("{text}", {
        text: `${file} exists and is no evidence of ch-sync: name another file, or move it away`,
      });
      return 1;
    }
  }
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (warning) log.warn("{text}", { text: warning });
  greet();
  const report = await check();
  const made = makeEvidence(report, state, settings, VERSION, new Date());
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
      made.verdict,
      ...made.reasons.map((reason) => `  - ${reason}`),
      `See ${path} and ${path}.json`,
    ].join("\n")),
  );
  return made.safe ? 0 : report.outcome === "completed" || report.outcome === "standby" ? 3 : 1;

  async function check() {
    using progress = showProgress(context.foot);
    return await performDryRun({ ...context, state, watchers: progress.watchers });
  }
}

async function isForeign(file: string, start: string): Promise<boolean> {
  try {
    return !(await Deno.readTextFile(file)).startsWith(start);
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
