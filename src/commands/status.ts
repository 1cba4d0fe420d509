/** `--status`: the last recorded state. */
import { dirname } from "node:path";
import { getLogger } from "@logtape/logtape";
import type { StatusReading } from "../config/read_settings.ts";
import { readPause } from "../pause/pause_file.ts";
import { askNeighbour } from "../run/ask_neighbour.ts";
import { bothVerdict } from "../verdict/neighbour_words.ts";
import { renderStatus } from "../report/render_status.ts";
import { lastRepairs } from "../state/repair_record.ts";
import type { Paint } from "../text/paint.ts";
import { FRESH_STATE } from "../model/state.ts";
import { loadState } from "../state/state_file.ts";
import { json, print } from "./print.ts";
import { SERVICE_STATE } from "./verbs.ts";

const log = getLogger(["ch-sync"]);

/** How many of the last repairs are listed. */
const REPAIRS = 5;

/**
 * @param settings only what tells where the state is and how it is read: it asks no site
 * @returns the exit code
 */
export async function status(
  settings: StatusReading,
  asJson: boolean,
  redact: (text: string) => string,
  paint: Paint,
): Promise<number> {
  const directory = dirname(settings.stateFile);
  const { state, warning } = await loadState(settings.stateFile, new Date(), true);
  if (state === FRESH_STATE) {
    log.error("{text}", {
      text: warning ?? `There is no state file ${settings.stateFile}; run a check first, or ${SERVICE_STATE}`,
    });
    return 1;
  }
  const [repairs, paused, neighbour] = await Promise.all([
    lastRepairs(directory, REPAIRS),
    readPause(directory, new Date()),
    askNeighbour(settings, state, redact),
  ]);
  const now = new Date();
  const facts = { ...settings, repairs, paused, neighbour };
  const more = neighbour ? { neighbour, safe_for_both: bothVerdict(state, neighbour, now).safe } : {};
  print(redact(asJson ? json({ ...state, paused, ...more }) : renderStatus(state, facts, now, paint)));
  return 0;
}
