/** A pause in the words of every page, command and message. */
import type { Pause } from "../model/pause.ts";

/** The first line of a verdict while repairs are paused. */
export function pauseLine(pause: Pause): string {
  return `PAUSED${howLong(pause)}: checks go on, repairs wait until ch-sync resume${
    pause.until === null ? "" : " or that time"
  }`;
}

/** Why a repair waits. */
export function whyPaused(pause: Pause): string {
  return `repairs are paused${howLong(pause)}: remove the file pause beside the state file (ch-sync resume)`;
}

/** ` until 2026-01-02 03:04:05 UTC (why)`. */
function howLong({ until, reason }: Pause): string {
  const end = until === null ? "" : ` until ${until.slice(0, 19).replace("T", " ")} UTC`;
  return `${end}${reason === null ? "" : ` (${reason})`}`;
}
