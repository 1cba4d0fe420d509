/** What vm-sync says now, where the settings name its state file. */
import type { NeighbourVerdict, ReadNeighbour } from "../model/neighbour.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";
import { readNeighbour } from "../neighbour/neighbour_file.ts";
import { neighbourVerdict } from "../verdict/neighbour_words.ts";

/** Milliseconds for which a local file is waited for. */
const PATIENCE_MS = 5000;

/**
 * Null: the settings name none. Never throws.
 *
 * @param state of ch-sync
 * @param redact takes secrets out of what it says
 */
export async function askNeighbour(
  settings: Pick<Settings, "neighbourStateFile" | "checkIntervalSeconds">,
  state: Pick<State, "active_site">,
  redact: (text: string) => string,
): Promise<NeighbourVerdict | null> {
  const path = settings.neighbourStateFile ?? null;
  return path === null
    ? null
    : neighbourVerdict(await inTime(readNeighbour(path, redact)), state, settings, new Date());
}

/** A file on a mount that hangs holds up neither a check nor a message. */
async function inTime(reading: Promise<ReadNeighbour>): Promise<ReadNeighbour> {
  const late = Promise.withResolvers<ReadNeighbour>();
  const timer = setTimeout(
    () => late.resolve({ kind: "problem", problem: "it cannot be read in time" }),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
