/** Refuses to follow an active site that lost most of what it held. */
import type { Digest } from "../../../model/digest.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";
import { counted, grouped } from "../../../text/readable.ts";

/**
 * The active site lost more than half of what it held at the last check, and this site still holds it: what the TTL
 * removed, or what was deleted at both sites, is no loss.
 */
export function shrunk(facts: PartitionFacts, policy: PartitionPolicy, surplus: Digest): Objection | null {
  const { remembered, comparison } = facts;
  if (!remembered || policy.traits.mergesRows) return null;
  const lost = remembered.last.rowsActive - comparison.there.rows;
  if (lost * 2n <= remembered.last.rowsActive || surplus.rows * 2n < lost) return null;
  return ["shrunk", shrunkDetail(remembered.last.rowsActive, comparison.there.rows)];
}

/** The same for a partition, or a table, of which the active site holds nothing any more. */
export function shrunkDetail(before: bigint, now: bigint): string {
  return `the active site holds ${counted(now, "row")}, and held ${grouped(before)} at an earlier check; ` +
    "this site still has them, and nothing is copied. Find out what removed them there before you rely on either site. " +
    "If it was on purpose, remove them here too, or let ch-sync accept pass it (without a daemon: ch-sync --once --accept)";
}
