/** What holds repairs back while checks go on. */
import type { Blackout } from "../model/settings.ts";
import { currentBlackout } from "./blackout.ts";

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
  if (await pauseRequested(directory)) {
    return "repairs are paused: remove the file pause beside the state file";
  }
  const blackout = currentBlackout(blackouts, now.getHours() * 60 + now.getMinutes());
  return blackout && `repairs wait until ${clock(blackout.to)} (BLACKOUT)`;
}

function clock(minute: number): string {
  return [minute / 60, minute % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

/** Whether `pause` exists in the state directory: checks go on, repairs wait. */
export async function pauseRequested(directory: string): Promise<boolean> {
  try {
    await Deno.lstat(`${directory}/pause`);
    return true;
  } catch (error) {
    // If it cannot be told, somebody might have made it.
    return !(error instanceof Deno.errors.NotFound);
  }
}
