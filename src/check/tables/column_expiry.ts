/** Columns whose values expire before their rows do. */
import type { Table, TablePair } from "../../model/table.ts";

/**
 * The pair with columns whose values count as expired from `now` on, by the TTL of either site, whether a merge has removed
 * them yet or not.
 *
 * @param now unix seconds
 */
export function withExpiry(pair: TablePair, now: number): TablePair {
  const at = (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, expiry: { ...column.expiry, now } })),
  });
  return { ...pair, here: at(pair.here), there: at(pair.there) };
}
