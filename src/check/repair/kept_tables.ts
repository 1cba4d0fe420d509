/** How long what a repair replaced is kept. */
import type { KeptTable } from "../../model/kept.ts";

/**
 * Days for which the rows stay that a repair replaced: whoever works with the figures has then seen each day of a week
 * once, and was back from a long weekend. By hard links they take only the room that the old parts had.
 */
export const KEPT_DAYS = 7;

/** Whether its time is over. What does not say how old it is stays. */
export function isOutdated({ ageSeconds }: KeptTable): boolean {
  return ageSeconds !== null && ageSeconds > KEPT_DAYS * 86_400;
}
