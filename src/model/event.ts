/** Changes that somebody should hear of. */

export type Event =
  | { readonly kind: "gap_detected"; readonly tables: readonly string[] }
  | { readonly kind: "sync_complete"; readonly partitions: number; readonly rows: bigint }
  | { readonly kind: "failback_ready" }
  | { readonly kind: "failback_not_ready"; readonly because: string }
  /** Once a day. */
  | { readonly kind: "still_not_ready"; readonly because: readonly string[] }
  | { readonly kind: "new_tables"; readonly tables: readonly string[] }
  | { readonly kind: "refused"; readonly what: readonly string[] }
  | { readonly kind: "site_unreachable"; readonly site: "local" | "remote" }
  | { readonly kind: "site_back"; readonly site: "local" | "remote" };
