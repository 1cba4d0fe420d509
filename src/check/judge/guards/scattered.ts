/** Of several shards: what rows of a key come down to is told on the shard where all of them stand. */
import { counted } from "../../../text/readable.ts";
import { SITE_OF } from "../../shards/site_words.ts";
import type { Objection, PartitionFacts, PartitionPolicy } from "../partition_facts.ts";

/** Nobody can accept this: the two sites merge other rows with each other. */
export function scattered(
  { scattered }: PartitionFacts,
  { engine }: PartitionPolicy,
): Objection | null {
  if (!scattered) return null;
  const { keys, side } = scattered;
  return [
    "keys_over_shards",
    `${counted(keys, "key stands", "keys stand")} on more than one shard of ${
      SITE_OF[side].name
    }. ${engine} merges rows of a key on the shard where they stand, so such rows are never merged with each other. Spread the rows ` +
    "by the sorting key, so that all rows of a key are on one shard, or exclude the table",
  ];
}
