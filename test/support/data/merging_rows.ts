/** Engines that merge rows by key and are compared over several shards, and rows of their tables. */
import { fc } from "../seed.ts";

export const MERGING_ENGINES = [
  "ReplacingMergeTree(v)",
  "ReplacingMergeTree",
  "ReplacingMergeTree(v, deleted)",
  "CollapsingMergeTree(sign)",
  "VersionedCollapsingMergeTree(sign, v)",
];

/** Of each column but the day. */
export const MERGING_ROW = {
  key: fc.nat(5),
  v: fc.nat(2),
  a: fc.nat(1),
  sign: fc.constantFrom(1, 1, -1),
  deleted: fc.constantFrom(0, 0, 1),
};
type MergingRow = { readonly [Column in keyof typeof MERGING_ROW]: number };

/** As `VALUES` takes them: the columns `day, key, v, a, sign, deleted`. */
export function mergingValues(rows: readonly MergingRow[]): string {
  return rows.map(({ key, v, a, sign, deleted }) => `('2026-01-01', ${key}, ${v}, ${a}, ${sign}, ${deleted})`)
    .join(", ");
}
