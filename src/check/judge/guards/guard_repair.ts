/** What forbids a repair, or puts it off. */
import { insteadOfAccepting } from "../../../model/cause.ts";
import type { Digest } from "../../../model/digest.ts";
import { traitsOf } from "../../../model/merge_rule.ts";
import { recurring } from "./recurring.ts";
import { backfilling } from "./backfilling.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";

/** A refusal or postponement, unless an operator who looked has allowed the repair. */
export function guardRepair(
  facts: PartitionFacts,
  policy: PartitionPolicy,
  missing: Digest,
): Objection | null {
  const objection = findObjection(facts, policy, missing);
  return objection && policy.accepted && insteadOfAccepting(objection[0]) === null ? null : objection;
}

/** In the order of their weight. */
function findObjection(
  facts: PartitionFacts,
  policy: PartitionPolicy,
  missing: Digest,
): Objection | null {
  const { here, there, scope, twins, twinsAmong } = facts;
  if (here?.hasPatches || there.hasPatches) {
    return ["mutating", "a lightweight UPDATE has not been merged in yet; OPTIMIZE the partition or wait"];
  }
  if (here?.hasLightweightDeletes) {
    return [
      "deleted",
      `${missing.rows} rows are absent here, where rows were removed by DELETE FROM: deleted rows must not come ` +
      "back unasked. Delete them on the active site too, or apply the delete here for good " +
      "(ALTER TABLE … APPLY DELETED MASK) to have them repaired",
    ];
  }
  if (facts.grouped) {
    return [
      "grouped_by_ttl",
      `${missing.rows} rows are absent here, and the TTL of the table puts rows together (GROUP BY), some of this partition ` +
      "among them: what one site has put together and the other has not looks missing. Compare sums by hand; if the " +
      "active site is right, drop the partition here, and it is copied whole",
    ];
  }
  if (facts.disturbed) {
    return [
      "rows_while_compared",
      `${missing.rows} rows are absent here, and rows arrived while they were looked for, of which nothing tells how ` +
      "old they are: compared again at the next check",
    ];
  }
  // Where the row that comes last wins, nothing else may come meanwhile.
  const lastWins = traitsOf(policy.mergeRule).lastRowWins;
  if ((!scope.axis || (lastWins && here !== null)) && !scope.quiet) {
    const why = lastWins
      ? `of two rows of a key ${policy.engine} without a version keeps the one that came last`
      : "the table has no time column that tells how old they are";
    return [
      lastWins ? "last_row_wins" : "no_time",
      `${missing.rows} rows are absent here, and ${why}: ` +
      `repaired once neither site's rows have changed for ${scope.settleSeconds} seconds`,
    ];
  }
  const remembered = backfilling(facts, missing) ?? recurring(facts, missing);
  if (remembered) return remembered;
  if (twins > 0n && Number(twins) * 100 > policy.maxConflictPercent * Number(twinsAmong)) {
    return [
      "twins",
      `${twins} of ${twinsAmong} rows absent here, in slices of time of which others are here, have a twin: the same ` +
      "sorting key and time with other content. Copying them would double the events. Compare some of them by hand; " +
      "raise MAX_CONFLICT_PERCENT if they are different events",
    ];
  }
  return null;
}
