/** What vm-sync says now, where the settings name its state file. */
import type { NeighbourVerdict } from "../model/neighbour.ts";
import type { Settings } from "../model/settings.ts";
import type { State } from "../model/state.ts";
import { readNeighbour } from "../neighbour/neighbour_file.ts";
import { neighbourVerdict } from "../verdict/neighbour_words.ts";

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
    : neighbourVerdict(await readNeighbour(path, redact), state, settings, new Date());
}
