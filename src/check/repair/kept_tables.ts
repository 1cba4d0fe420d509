/** How long what a repair replaced is kept. */
import type { KeptTable } from "../../model/kept.ts";

/**
 * Days for which rows that a repair replaced are kept: enough for whoever works with the figures to see every day of a
 * week, and to be back from a long weekend. As hard links, they take only the space of the old parts.
 */
export const KEPT_DAYS = 7;

/** Whether its time is over. A table that does not say how old it is stays. */
export function isOutdated({ ageSeconds }: KeptTable): boolean {
  return ageSeconds !== null && ageSeconds > KEPT_DAYS * 86_400;
}
