/** Times of day without repairs. */
import type { Blackout } from "../model/settings.ts";

/**
 * The window in which a moment lies; null: in none. A window begins with its first minute and ends before its last; one
 * that ends before it begins goes over midnight.
 *
 * @param minute of the day, 0 to 1439
 */
export function currentBlackout(windows: readonly Blackout[], minute: number): Blackout | null {
  return windows.find(({ from, to }) =>
    from < to ? from <= minute && minute < to : from <= minute || minute < to
  ) ?? null;
}
