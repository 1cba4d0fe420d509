/** How two definitions of a table differ, and what may be done about it. */
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

/** A change of this site's table that loses no value of it, whoever runs it and whatever the table holds. */
export type Remedy =
  | { readonly kind: "add"; readonly column: Column }
  /** To choose from: the column of this site gets the other one's name, or that one is added and this one stays. */
  | { readonly kind: "rename_or_add"; readonly here: Column; readonly there: Column }
  /** To the type of `there`, which holds every value of the one here. */
  | { readonly kind: "widen"; readonly there: Column }
  /** To the default of `there`; every part stores its values. */
  | { readonly kind: "set_default"; readonly there: Column }
  /** A new table like the active site's gets the rows of this one, and its name; this one stays under another name. */
  | { readonly kind: "recreate" };

/** What may be done about the drift of a table without losing a value, and what is only told. */
export interface Remedies {
  readonly remedies: readonly Remedy[];
  /** About what no statement is printed for, or more than one to choose from: parts of a sentence. */
  readonly advice: readonly string[];
}
