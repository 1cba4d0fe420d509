/** What vm-sync says, which does for VictoriaMetrics at the same two sites what ch-sync does for ClickHouse. */
import type { ActiveSite } from "./site.ts";

/** Its state file, as far as ch-sync looks at it. Times are ISO 8601 UTC. */
export interface NeighbourState {
  readonly last_check: string | null;
  readonly failback_ready: boolean;
  /** Until when that counts; null: it does not say. */
  readonly ready_until: string | null;
  readonly active_site: ActiveSite;
  /** Null: it does not say. */
  readonly consecutive_clean: number | null;
  /** Its own words, on one line, cut and without secrets; null: none. */
  readonly last_error: string | null;
}

/** What was read of it. */
export type ReadNeighbour =
  | { readonly kind: "state"; readonly state: NeighbourState }
  /** In words. */
  | { readonly kind: "problem"; readonly problem: string };

/** Its verdict, as far as it counts now. Field names are those of ch-sync's JSON. */
export interface NeighbourVerdict {
  readonly ready: boolean;
  /** Until when it counts, ISO 8601 UTC; null: it is not ready. */
  readonly until: string | null;
  /** Why it is not ready; none where it is. */
  readonly reasons: readonly string[];
}
