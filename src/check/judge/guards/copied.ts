/** Of several shards: rows that more than one of them has a copy of would count several times. */
import type { Digest } from "../../../model/digest.ts";
import { areCopied, COPIES } from "../../../model/shard_copies.ts";
import { absentHere, grouped } from "../../../text/readable.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";

/**
 * Nobody can accept this: what is staged is held against it too.
 *
 * @param repeated how many of the missing rows are here already, only fewer times
 */
export function copied(
  { comparison: { here, copied, copiedHere }, there }: PartitionFacts,
  { severalShards, covers }: PartitionPolicy,
  missing: Digest,
  repeated: bigint,
): Objection | null {
  if (missing.rows === 0n || covers) return null;
  if (copiedHere) {
    const [one, other] = copiedHere;
    return [
      "failed",
      `shards ${one} and ${other} of this site hold the very same rows of partition ${there.id}. ${COPIES}`,
    ];
  }
  if (!severalShards) return null;
  if (copied) {
    const [one, other] = copied;
    return [
      "failed",
      `shards ${one} and ${other} hold the very same rows of partition ${there.id}. ${COPIES}`,
    ];
  }
  if (!areCopied(missing.rows, repeated, here.rows)) return null;
  return [
    "failed",
    `${absentHere(missing.rows)}, ${grouped(repeated)} of which ${
      repeated === 1n ? "is" : "are"
    } here already, only fewer times. ${COPIES}`,
  ];
}
