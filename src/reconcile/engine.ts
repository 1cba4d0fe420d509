/** The names of engines. */

/** The engine's name without what says how its parts are kept: `ReplicatedMergeTree` merges rows as `MergeTree`. */
export function baseEngine(engine: string): string {
  return engine.replace(/^(Replicated|Shared)/, "");
}
