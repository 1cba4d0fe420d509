/** What engines do to rows, by the family their name tells. */

/**
 * - `plain`: keeps every row, so two sites can be united row by row
 * - `merging`: drops or replaces rows of equal key when parts merge (Replacing, Collapsing, Coalescing)
 * - `aggregating`: adds rows of equal key up when parts merge: no row can be told apart afterwards
 */
export type EngineFamily = "plain" | "merging" | "aggregating";

/** The engine's name without what says how its parts are kept: `ReplicatedMergeTree` merges rows as `MergeTree`. */
export function baseEngine(engine: string): string {
  return engine.replace(/^(Replicated|Shared)/, "");
}

export function engineFamily(engine: string): EngineFamily {
  switch (baseEngine(engine)) {
    case "MergeTree":
      return "plain";
    case "SummingMergeTree":
    case "AggregatingMergeTree":
    case "GraphiteMergeTree":
      return "aggregating";
    default:
      return "merging";
  }
}
