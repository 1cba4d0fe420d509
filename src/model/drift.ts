/** How two definitions of a table differ. */
import type { UntakenRule } from "./expiry_rule.ts";
import type { Column } from "./table.ts";

export type Drift =
  | { readonly kind: "column_missing_here"; readonly column: Column }
  | { readonly kind: "column_only_here"; readonly column: Column }
  | { readonly kind: "column_differs"; readonly here: Column; readonly there: Column }
  | {
    readonly kind: "key_differs";
    readonly key: "partition key" | "sorting key" | "engine";
    readonly here: string;
    readonly there: string;
  }
  | { readonly kind: "zone_differs"; readonly here: string; readonly there: string }
  | { readonly kind: "rule_untaken"; readonly untaken: UntakenRule };
