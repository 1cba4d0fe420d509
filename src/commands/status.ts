/** `--status`: the last recorded state. */
import { getLogger } from "@logtape/logtape";
import { renderStatus } from "../report/render_status.ts";
import { lastRepairs } from "../state/repair_record.ts";
import { loadState } from "../state/state_file.ts";
import type { Context } from "./context.ts";
import { json, print } from "./print.ts";

const log = getLogger(["ch-sync"]);

/** The last repairs that are listed. */
const REPAIRS = 5;

/** @returns the exit code */
export async function status({ settings, directory, flags, redact }: Context): Promise<number> {
  const exists = await Deno.stat(settings.stateFile).then(() => true, () => false);
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (!exists || warning) {
    log.error("{text}", {
      text: warning ?? `There is no state file ${settings.stateFile}; run a check first`,
    });
    return 1;
  }
  const repairs = await lastRepairs(directory, REPAIRS);
  print(redact(flags.json ? json(state) : renderStatus(state, { ...settings, repairs }, new Date())));
  return 0;
}
