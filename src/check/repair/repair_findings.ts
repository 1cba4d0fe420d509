/** What a partition's finding says after an attempt to repair it. */
import { type Finding, finding } from "../../model/report.ts";

export function failed(found: Finding, error: string): Finding {
  return { ...finding(found.table, found.partitionId, "failed", error), ...pick(found) };
}

/** What is known of the rows, whatever became of the repair. */
export function pick({ rowsActive, rowsHere, missing, surplus, oldestMissing }: Finding) {
  return { rowsActive, rowsHere, missing, surplus, oldestMissing };
}
