/** Columns whose values expire before their rows do (trap 34). */
import type { Column, Table, TablePair } from "../model/table.ts";

/**
 * The pair with columns whose values count as expired from `now` on, whether a merge has taken them yet or not, by the
 * TTL of either site.
 *
 * @param now unix seconds
 */
export function withExpiry(pair: TablePair, now: number): TablePair {
  const rules = new Map(pair.here.columns.map(({ name, expiry }) => [name, expiry.rules]));
  for (const { name, expiry } of pair.active.columns) {
    rules.set(name, [...new Set([...rules.get(name) ?? [], ...expiry.rules])]);
  }
  const put = (column: Column): Column => ({
    ...column,
    expiry: { rules: rules.get(column.name) ?? [], now },
  });
  const withColumns = (table: Table): Table => ({ ...table, columns: table.columns.map(put) });
  return { ...pair, here: withColumns(pair.here), active: withColumns(pair.active) };
}
