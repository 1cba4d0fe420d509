/** Verbs: what is told to a ch-sync that runs by itself, through its state directory. Asks no site, takes no lock. */
import { dirname } from "node:path";
import { askDaemon } from "../control/ask.ts";
import { assertClosed } from "../files/private_file.ts";
import type { Request } from "../model/control.ts";
import type { Pause } from "../model/pause.ts";
import { readPause, removePause, writePause } from "../pause/pause_file.ts";
import { errorText } from "../text/error_text.ts";
import { escapeControls } from "../text/escape_controls.ts";
import { pauseLine } from "../verdict/pause_words.ts";
import { print } from "./print.ts";

/** For whoever runs ch-sync elsewhere than where the service does. */
export const SERVICE_STATE =
  "set STATE_FILE to that of the ch-sync that you mean (the service's is /var/lib/ch-sync/ch-sync-state.json)";

/** @returns the exit code */
export async function pause(
  stateFile: string,
  { seconds, reason }: { readonly seconds: number | null; readonly reason: string | null },
): Promise<number> {
  const directory = await stateDirectory(stateFile);
  const now = new Date();
  const until = seconds === null ? null : new Date(now.getTime() + seconds * 1000).toISOString();
  const pause: Pause = { since: now.toISOString(), until, reason };
  await writePause(directory, pause);
  print(escapeControls(`${pauseLine(pause)} (${directory})`));
  return 0;
}

/** @returns the exit code */
export async function resume(stateFile: string): Promise<number> {
  const directory = await stateDirectory(stateFile);
  const paused = await readPause(directory, new Date());
  await removePause(directory);
  print(paused === null ? "Repairs were not paused" : "Repairs go on, from the next check on at the latest");
  return 0;
}

/**
 * Asks the daemon.
 *
 * @param instead what does the same where no daemon runs
 * @returns the exit code
 */
export async function tellDaemon(
  stateFile: string,
  request: Request,
  instead: string,
  signal: AbortSignal,
): Promise<number> {
  const directory = await stateDirectory(stateFile);
  const asked = await askDaemon(directory, request, signal);
  switch (asked.kind) {
    case "answered":
      print(asked.answer.lines.map(escapeControls).join("\n"));
      return asked.answer.code;
    case "nobody":
      throw new Error(`No daemon runs with the state directory ${directory}; without one, run: ${instead}`);
    case "denied":
      throw new Error(`${directory} belongs to another user: give this verb as that user, or as root`);
    case "silent":
      throw new Error(
        "The daemon ended before it told what came of it; look at its log, and at ch-sync --status",
      );
    case "broken_off":
      throw new Error(
        request.verb === "accept"
          ? "Broken off: what no check has taken up yet is withdrawn; a check that has goes on, and the daemon's log says what it repairs"
          : `Broken off: the daemon may have obeyed all the same; look at its log`,
      );
  }
}

/** @throws if there is none, or if it is not this user's */
async function stateDirectory(stateFile: string): Promise<string> {
  const directory = dirname(stateFile);
  const missing = () =>
    new Error(
      `There is no state directory ${directory}: the first check makes it, or ${SERVICE_STATE}`,
    );
  try {
    if (!(await Deno.stat(directory)).isDirectory) throw missing();
    // Whoever may not look into it may not write there either.
    for await (const _ of Deno.readDir(directory)) break;
    // Any user could listen there in place of the daemon, which refuses such a directory.
    await assertClosed(stateFile);
    return directory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) throw missing();
    if (!(error instanceof Deno.errors.PermissionDenied)) {
      throw new Error(`${stateFile}: ${errorText(error)}`);
    }
    throw new Error(`${directory} belongs to another user: give this verb as that user, or as root`);
  }
}
