/** What a partition's finding says after an attempt to repair it. */
import type { KeptAside } from "../../model/kept.ts";
import type { Repaired } from "../../model/repair.ts";
import { type Finding, finding } from "../../model/report.ts";
import { grouped } from "../../text/readable.ts";
import { sayMore } from "../plan/plan_policies.ts";
import { KEPT_DAYS } from "./kept_tables.ts";

export function failed(found: Finding, error: string): Finding {
  return { ...finding(found.table, found.partitionId, "failed", error), ...pick(found) };
}

/** What is known of the rows, whatever became of the repair. */
export function pick({ rowsActive, rowsHere, missing, surplus, oldestMissing }: Finding) {
  return { rowsActive, rowsHere, missing, surplus, oldestMissing };
}

/** How many rows went to which shard, in words and for programs. */
export function sayPlaced(found: Finding, { placed = [] }: Repaired): Finding {
  if (placed.length === 0) return found;
  const said = placed.map(({ shard, rows }) => `${grouped(rows)} went to shard ${shard}`).join(", ");
  return { ...sayMore(found, said), placed };
}

/** Where the replaced rows are kept, and the statement that brings them back. */
export function sayKept({ detail }: Finding, { table, restore }: KeptAside): Pick<Finding, "detail" | "sql"> {
  const kept = `what was here is kept in ${table} for ${KEPT_DAYS} days; to bring it back, set ` +
    "REPAIR_AGGREGATES=report first, or it is replaced again";
  return { detail: `${detail}; ${kept}`, sql: [restore] };
}
