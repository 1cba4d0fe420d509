/** What forbids a repair, or puts it off. */
import { insteadOfAccepting } from "../../../model/cause.ts";
import type { Digest } from "../../../model/digest.ts";
import { pairsOff } from "./pairs_off.ts";
import { recurring } from "./recurring.ts";
import { backfilling } from "./backfilling.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";
import { absentHere, counted, grouped } from "../../../text/readable.ts";

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
  const { here, there, scope, twins, twinsAmong, madeUp } = facts;
  if (here?.hasPatches || there.hasPatches) {
    return ["mutating", "a lightweight UPDATE has not been merged in yet; OPTIMIZE the partition or wait"];
  }
  if (here?.hasLightweightDeletes) {
    return [
      "deleted",
      `${absentHere(missing.rows)}, where DELETE FROM removed rows: deleted rows must not come back by ` +
      "themselves. Delete them at the active site too, or, to have them repaired, apply the delete here for good " +
      "(ALTER TABLE … APPLY DELETED MASK)",
    ];
  }
  if (facts.grouped) {
    return [
      "grouped_by_ttl",
      `${
        absentHere(missing.rows)
      }, and the TTL of the table groups rows (GROUP BY), also in this partition: what ` +
      "one site has grouped and the other has not looks missing. Compare sums by hand; if the active site is right, drop " +
      "the partition here, and all of it is copied",
    ];
  }
  if (facts.disturbed) {
    return [
      "rows_while_compared",
      `${
        absentHere(missing.rows)
      }, and rows of unknown age arrived while they were compared: compared again at ` +
      "the next check",
    ];
  }
  // If the last row wins, no other may arrive in the meantime.
  const lastWins = policy.traits.lastRowWins;
  if ((!scope.axis || (lastWins && here !== null)) && !scope.quiet) {
    const why = lastWins
      ? `of two rows with the same key, ${policy.engine} without a version keeps the one written last`
      : "the table has no time column that tells how old they are";
    return [
      lastWins ? "last_row_wins" : "no_time",
      `${absentHere(missing.rows)}, and ${why}: ` +
      `repaired once neither site's rows have changed for ${counted(scope.settleSeconds, "second")}`,
    ];
  }
  const remembered = backfilling(facts, missing) ?? recurring(facts, missing);
  if (remembered) return remembered;
  if (twins > 0n && Number(twins) * 100 > policy.maxConflictPercent * Number(twinsAmong)) {
    if (madeUp) return ["twins", mayBeTwins(missing.rows, twins, madeUp)];
    return [
      "twins",
      `${grouped(twins)} of ${
        counted(twinsAmong, "absent row")
      }, in slices of time of which other rows are here, ${
        twins === 1n ? "has" : "have"
      } a twin here: the same ` +
      "sorting key and time, but different content. Copying them would double the events. Look at some of them (--sample); " +
      "raise MAX_CONFLICT_PERCENT if they are different events",
    ];
  }
  return pairsOff(facts, policy, missing);
}

/** Where each site gives the same event another key, no row can be recognised at the other site. */
function mayBeTwins(missing: bigint, twins: bigint, madeUp: readonly string[]): string {
  return `${absentHere(missing)}, and as this site has rows that the active one lacks, ${
    grouped(twins)
  } of them may be here ` +
    `under another key: where an insert leaves it out, each site makes up its own ${
      madeUp.join(", ")
    }. Nobody can tell by ` +
    "their keys which are the same events, and copying those would double them. Look at some of them (--sample); have the " +
    "writers give that value, the same to both sites; raise MAX_CONFLICT_PERCENT if they are different events";
}
