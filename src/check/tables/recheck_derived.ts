/** What `--recheck` has to look at where a table is open that views fill. */
import { isWithinTables, type Within } from "../../model/check_scope.ts";
import { allSources } from "../views/derived_tables.ts";
import type { Discovery } from "./discovery.ts";

/**
 * The tables, with all from which rows may still come to those that views fill: only if these are looked at, and as a whole, can
 * it be told whether a table that views fill is whole. Where the operator names tables, just these, as a whole. Null: none of
 * the tables is such a one, or the operator limits more.
 */
export function withSources(
  within: Within | undefined,
  { pairs, derived, sources }: Pick<Discovery, "pairs" | "derived" | "sources">,
): ReadonlySet<string> | null {
  if (!within?.open || isWithinTables({ ...within, open: false })) return null;
  const names = pairs.map(({ name }) => name);
  const filled = names.filter((name) => derived.has(name));
  const upstream = within.sourcesToo ? filled.flatMap((name) => [...allSources(name, sources)]) : [];
  return filled.length === 0 ? null : new Set([...names, ...upstream]);
}
