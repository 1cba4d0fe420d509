/** How old what was seen of a partition may be when rows are brought into it. */
import { Disproof } from "./disproof.ts";

/** Milliseconds: a look takes some, but a line may stand still, rows may have to be read again, and a machine may sleep. */
const FRESH_MS = 5000;

/** Looks at most. */
const LOOKS = 3;

const TOO_SLOW =
  "This server took too long to tell what it holds of the partition, so rows may have come meanwhile. Nothing was changed here; the " +
  "next check compares it again";

/** Says whether what has been seen since it was made is fresh. */
export function timedLook(): () => boolean {
  // Of the two clocks, one stands still while the machine sleeps, and the other one may be set.
  const [ticks, clock] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - ticks, Math.abs(Date.now() - clock)) < FRESH_MS;
}

/** @throws {Disproof} unless it is fresh */
export function assertFresh(isFresh: () => boolean): void {
  if (!isFresh()) throw new Disproof(TOO_SLOW);
}

/**
 * Looks until what is seen is fresh.
 *
 * @param look calls its argument when it begins to look, where something else comes first
 * @throws {Disproof} if it never is
 */
export async function lookFreshly<Seen>(look: (begin: () => void) => Promise<Seen>): Promise<Seen> {
  for (let looks = 1;; looks++) {
    let isFresh = timedLook();
    const seen = await look(() => {
      isFresh = timedLook();
    });
    if (looks === LOOKS) assertFresh(isFresh);
    if (isFresh()) return seen;
  }
}
