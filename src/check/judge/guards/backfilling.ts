/** Rows that arrive late may be the very rows that are missing. */
import type { Digest } from "../../../model/digest.ts";
import type { Objection, PartitionFacts } from "../partition_facts.ts";
import { absentHere, counted } from "../../../text/readable.ts";

/** When rows last arrived here late, as far as is known: unix seconds, or null. */
export function lastArrival({ remembered, scope, arrivedMeanwhile }: PartitionFacts): number | null {
  if (arrivedMeanwhile !== undefined) return scope.moment.now;
  if (!remembered) return null;
  return remembered.arrived > 0n ? scope.moment.now : remembered.last.arrivedAt;
}

/** Puts a repair off while old rows keep arriving here from elsewhere. */
export function backfilling(facts: PartitionFacts, missing: Digest): Objection | null {
  const { remembered, scope: { moment, settleSeconds } } = facts;
  const at = lastArrival(facts);
  if (!remembered || at === null || moment.now - at >= settleSeconds) return null;
  const seen = remembered.arrived > 0n
    ? `${counted(remembered.arrived, "row")} older than the settle window ${
      remembered.arrived === 1n ? "has" : "have"
    } arrived here since the last check of all partitions`
    : `rows older than the settle window arrived here ${counted(moment.now - at, "second")} ago`;
  return [
    "late_rows",
    `${
      absentHere(missing.rows)
    }, and ${seen}: perhaps a collector is draining its queue, and copying now would ` +
    "double what it still holds; a check of some partitions alone (--from, --to, --partition) may have brought them " +
    `too. Repaired once none has arrived for ${counted(settleSeconds, "second")}`,
  ];
}
