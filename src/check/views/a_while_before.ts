/** When rows are settled whose time stands for a span. */
import type { Moment } from "../../model/scope.ts";

/** Seconds, and days, of the longest spans that are usual. */
const [DAY, MONTH] = [86_400, 31];

/**
 * A time in the target of a view may be that of the hour, the day, the month in which rows came. What still changes there is
 * not known to be over before such a span has passed.
 */
export function aWhileBefore({ now, settledBefore, settledBeforeDay }: Moment): Moment {
  return { now, settledBefore: settledBefore - DAY, settledBeforeDay: settledBeforeDay - MONTH };
}
