/** Rows that ch-sync adds and that go missing again, check after check. */
import type { Digest } from "../../../model/digest.ts";
import type { PartitionMemory } from "../../../model/memory.ts";
import type { Objection, PartitionFacts } from "../partition_facts.ts";
import { grouped } from "../../../text/readable.ts";

/** How many checks in a row may add the very rows that the check before had added. */
const RECURRENCES = 3;

/** Refuses rows that were added at three checks in a row and are missing once more, although other rows are still here. */
export function recurring(facts: PartitionFacts, missing: Digest): Objection | null {
  const { remembered, comparison, mutatedAt = 0 } = facts;
  const repair = remembered?.last.repair;
  if (!repair || !isSameRepair(remembered, missing) || repair.times < RECURRENCES) return null;
  if (comparison.here.rows === 0n || mutatedAt >= repair.at) return null;
  return [
    "recurring",
    `ch-sync added ${
      missing.rows === 1n ? "one row" : `the same ${grouped(missing.rows)} rows`
    } at ${repair.times} checks in a row and proved ${
      missing.rows === 1n ? "it, and it is" : "them, and they are"
    } missing ` +
    "again: something removes them here. Look for a job that deletes, a TTL that only this site has, or a merge that " +
    "drops them (system.part_log, system.query_log); once you have found it, let ch-sync accept pass it " +
    "(without a daemon: ch-sync --once --accept)",
  ];
}

/** Whether what is missing is what a repair added, as far as can be told. */
export function isSameRepair({ last: { repair }, rehashed }: PartitionMemory, missing: Digest): boolean {
  return repair !== null && repair.rows === missing.rows && (rehashed || repair.city === missing.city);
}
