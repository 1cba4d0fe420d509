/** Changes that people should hear about. */

import type { Holdings } from "./holdings.ts";
import type { MissingSpan } from "./missing_span.ts";
import type { Reason } from "./reason.ts";
import type { SiteName } from "./site.ts";

export type Event =
  /** `spans`: by table, of the time of the missing rows, as far as it can be told. */
  | {
    readonly kind: "gap_detected";
    readonly tables: readonly string[];
    readonly spans?: ReadonlyMap<string, readonly MissingSpan[]>;
  }
  | {
    readonly kind: "sync_complete";
    readonly partitions: number;
    readonly rows: bigint;
    readonly tables: readonly string[];
  }
  /** `replicas`: those that were read, where a site has several addresses. */
  | { readonly kind: "failback_ready"; readonly replicas?: readonly string[] }
  /** vm-sync was not ready when `failback_ready` was said, and is now. */
  | { readonly kind: "neighbour_ready" }
  /** `active`: this site has become the active one. */
  | { readonly kind: "failback_not_ready"; readonly because: string; readonly active: boolean }
  /** Once a day. `reasons`: those of tables. */
  | {
    readonly kind: "still_not_ready";
    readonly because: readonly string[];
    readonly reasons: readonly Reason[];
  }
  | { readonly kind: "new_tables"; readonly tables: readonly string[] }
  /** Both were known. */
  | { readonly kind: "role_changed"; readonly from: SiteName; readonly to: SiteName }
  | { readonly kind: "role_unknown" }
  /** Which site it is was unknown at the check before. */
  | { readonly kind: "role_known"; readonly active: SiteName }
  /** `what`: table, partition and reason of each. */
  | { readonly kind: "refused"; readonly what: readonly string[]; readonly reasons: readonly Reason[] }
  /** `holds`: what this site holds, where the active one is lost. */
  | { readonly kind: "site_unreachable"; readonly site: "local" | "remote"; readonly holds?: Holdings }
  | { readonly kind: "site_back"; readonly site: "local" | "remote" };
