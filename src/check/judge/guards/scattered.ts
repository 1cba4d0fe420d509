/** Of several shards: what rows of a key come down to is told on the shard where all of them stand. */
import { counted } from "../../../text/readable.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";

/** Nobody can accept this: the two sites merge other rows with each other. */
export function scattered(
  { scattered = 0n }: PartitionFacts,
  { engine }: PartitionPolicy,
): Objection | null {
  if (scattered === 0n) return null;
  return [
    "keys_over_shards",
    `${
      counted(scattered, "key stands", "keys stand")
    } on more than one shard of the active site. ${engine} merges rows of a key on the shard where they ` +
    "stand, so such rows are never merged there, and would be here. Spread the rows there by the sorting key, so that all rows of a " +
    "key are on one shard, or exclude the table",
  ];
}
