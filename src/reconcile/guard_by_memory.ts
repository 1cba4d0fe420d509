/** Guards that need to know how a partition was at the last check (trap 25, and the reasons `shrunk` and `recurring`). */
import type { Cause } from "../model/cause.ts";
import type { Digest } from "../model/digest.ts";
import type { PartitionFacts, PartitionPolicy } from "./partition_facts.ts";

/** Checks in a row that may find the very rows missing that the one before had added, before that is refused. */
const RECURRENCES = 3;

/** Why a partition is not repaired, in a word and in a sentence. */
export type Objection = readonly [Cause, string];

/** When rows last arrived here late, as far as is known: unix seconds, or null. */
export function lastArrival({ recollection, scope }: PartitionFacts): number | null {
  if (!recollection) return null;
  return recollection.arrived > 0n ? scope.moment.now : recollection.before.arrivedAt;
}

/** Old rows that keep coming here from elsewhere may be the very ones that are missing. */
export function backfilling(facts: PartitionFacts, missing: Digest): Objection | null {
  const { recollection, scope: { moment, settleSeconds } } = facts;
  const at = lastArrival(facts);
  if (!recollection || at === null || moment.now - at >= settleSeconds) return null;
  const seen = recollection.arrived > 0n
    ? `${recollection.arrived} rows older than the settle window have arrived here since the last check`
    : `rows older than the settle window arrived here ${moment.now - at} seconds ago`;
  return [
    "late_rows",
    `${missing.rows} rows are absent here, and ${seen}, not through ch-sync: perhaps a collector empties its queue, and ` +
    `copying now would double what it still holds. Repaired once none has arrived for ${settleSeconds} seconds`,
  ];
}

/**
 * The active site lost more than half of what it held at the last check, and this site still holds it: what the TTL took,
 * or what was deleted on both sites, is no loss.
 */
export function shrunk(facts: PartitionFacts, policy: PartitionPolicy, surplus: Digest): Objection | null {
  const { recollection, comparison } = facts;
  if (!recollection || policy.mergeRule.kind !== "keep") return null;
  const lost = recollection.before.rowsActive - comparison.active.rows;
  if (lost * 2n <= recollection.before.rowsActive || surplus.rows * 2n < lost) return null;
  return ["shrunk", shrunkDetail(recollection.before.rowsActive, comparison.active.rows)];
}

/** The same for a partition, or a table, of which the active site holds nothing any more. */
export function shrunkDetail(before: bigint, now: bigint): string {
  return `the active site holds ${now} rows, and held ${before} at an earlier check; ` +
    "this site still has them, and nothing is copied. Find out what removed them there before you rely on either site. " +
    "If it was on purpose, remove them here too, or say --accept with --once";
}

/** The same rows were added at three checks one after the other, and are missing once more, though some are left. */
export function recurring(facts: PartitionFacts, missing: Digest): Objection | null {
  const { recollection, comparison, mutatedAt = 0 } = facts;
  const repair = recollection?.before.repair;
  if (!repair || !isSame(repair, missing) || repair.times < RECURRENCES) return null;
  if (comparison.here.rows === 0n || mutatedAt >= repair.at) return null;
  return [
    "recurring",
    `ch-sync added the same ${missing.rows} rows at ${repair.times} checks one after the other, proved them, and they are ` +
    "missing again: something removes them here. Look for a job that deletes, a TTL that only this site has, or a merge " +
    "that drops them (system.part_log, system.query_log), and say --accept with --once when it is found",
  ];
}

export function isSame(repair: { readonly rows: bigint; readonly city: bigint }, missing: Digest): boolean {
  return repair.rows === missing.rows && repair.city === missing.city;
}
