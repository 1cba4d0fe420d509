/** What holds repairs back while checks go on. */
import type { Blackout } from "../model/settings.ts";
import { whyPaused } from "../verdict/pause_words.ts";
import { currentBlackout } from "./blackout.ts";
import { readPause } from "./pause_file.ts";

/**
 * Why repairs wait, in words for an operator; null: they do not.
 *
 * @param directory of the state file, in which an operator makes `pause`
 */
export async function repairsWait(
  directory: string,
  blackouts: readonly Blackout[],
  now: Date,
): Promise<string | null> {
  const pause = await readPause(directory, now);
  if (pause !== null) return whyPaused(pause);
  const blackout = currentBlackout(blackouts, now.getHours() * 60 + now.getMinutes());
  return blackout && `repairs wait until ${clock(blackout.to)} (BLACKOUT)`;
}

function clock(minute: number): string {
  return [minute / 60, minute % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

/** Whether a file `pause` in the state directory holds repairs back: checks go on, repairs wait. */
export async function pauseRequested(directory: string): Promise<boolean> {
  return await readPause(directory, new Date()) !== null;
}
