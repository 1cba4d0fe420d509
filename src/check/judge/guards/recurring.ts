/** Rows that ch-sync adds and that go missing again, check after check. */
import type { Digest } from "../../../model/digest.ts";
import type { Objection, PartitionFacts } from "../partition_facts.ts";

/** Checks in a row that may find the very rows missing that the one before had added, before that is refused. */
const RECURRENCES = 3;

/** The same rows were added at three checks one after the other, and are missing once more, though some are left. */
export function recurring(facts: PartitionFacts, missing: Digest): Objection | null {
  const { remembered, comparison, mutatedAt = 0 } = facts;
  const repair = remembered?.last.repair;
  if (!repair || !isSameRepair(repair, missing) || repair.times < RECURRENCES) return null;
  if (comparison.here.rows === 0n || mutatedAt >= repair.at) return null;
  return [
    "recurring",
    `ch-sync added the same ${missing.rows} rows at ${repair.times} checks one after the other, proved them, and they are ` +
    "missing again: something removes them here. Look for a job that deletes, a TTL that only this site has, or a merge " +
    "that drops them (system.part_log, system.query_log), and say --accept with --once when it is found",
  ];
}

export function isSameRepair(
  repair: { readonly rows: bigint; readonly city: bigint },
  missing: Digest,
): boolean {
  return repair.rows === missing.rows && repair.city === missing.city;
}
