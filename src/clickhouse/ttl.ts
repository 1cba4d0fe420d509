/** SQL that tells whether a TTL has passed. */

/**
 * The ClickHouse rule: what a TTL rules may go once its expression is not later than now; NULL or 0 is never. The same
 * literal `now` goes to both sites, whenever each of them comes to merge.
 *
 * @param expression of the TTL; it may be a Date, a DateTime or wider: DateTime64 holds them all without wrapping round
 * @param now unix seconds
 */
export function ttlPassed(expression: string, now: number): string {
  const at = `toInt64(toDateTime64(${expression}, 0))`;
  return `${at} <= ${now} AND ${at} != 0`;
}
