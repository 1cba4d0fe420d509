/** When rows are settled whose time stands for a span. */
import type { Moment } from "../../model/scope.ts";

/** Seconds, and days, of the longest spans that are usual. */
const [DAY, MONTH] = [86_400, 31];

/**
 * A time in the target of a view may be that of the hour, the day, the month in which rows came. What still changes there is
 * not known to be over before such a span has passed: a span begins with its time, so that its last row came at most that much
 * later. Longer ones (a quarter, a year, a month in a DateTime) are told from these by nothing in the table, and settle early.
 */
export function aWhileBefore({ now, settledBefore, settledBeforeDay }: Moment): Moment {
  return { now, settledBefore: settledBefore - DAY, settledBeforeDay: settledBeforeDay - MONTH };
}
