/** Drift in words. */
import type { Drift } from "../model/drift.ts";

/** One sentence without a final period, such as `column a is missing here; …`. */
export function describeDrift(drifts: readonly Drift[]): string {
  return drifts.map(describe).join("; ");
}

function describe(drift: Drift): string {
  switch (drift.kind) {
    case "column_missing_here":
      return `column ${drift.column.name} is missing here`;
    case "column_only_here":
      return `column ${drift.column.name} exists only here`;
    case "column_differs":
      return `column ${drift.here.name} is ${definition(drift.here)} here and ${
        definition(drift.active)
      } on the active site`;
    case "key_differs":
      return `the ${drift.key} is ${drift.here || "none"} here and ${
        drift.active || "none"
      } on the active site`;
    case "zone_differs":
      return `the servers' time zones differ (${drift.here} here, ${drift.active} on the active site) and the ` +
        "partition key depends on them";
    case "rule_untaken": {
      const { site, rule, holds } = drift.untaken;
      const [its, other] = site === "here" ? ["here", "the active site"] : ["on the active site", "this one"];
      return `the ${rule} ${its} holds ${holds}: ch-sync does not have ${other} run what another site wrote. Give both ` +
        "sites the same TTL, or one of columns, constants and plain functions";
    }
  }
}

function definition(column: { type: string; defaultKind: string; defaultExpression: string }): string {
  return [column.type, column.defaultKind, column.defaultExpression].filter(Boolean).join(" ");
}
