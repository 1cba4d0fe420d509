/** Rows of which each shard has a copy, as of a table that every shard has whole: together they would count several times. */

/** What an operator does about them. */
export const COPIES =
  "Copies would count twice, so nothing is copied: if every shard has the whole table, exclude it; if these " +
  "are replicas, put | between their addresses, as a comma stands between shards";

/**
 * Whether so many rows of a partition are copies that it must be one of which shards have copies: more than a third of what
 * would be added, and more than a tenth of what is here. Where every shard has the whole table, each row that is here is
 * missing once more for every further shard. An insert that was sent twice is little beside the rest of its partition; below
 * the tenth its rows are wanted as often as they are there, as any others.
 *
 * @param rows that are missing
 * @param copies of them: those that are here already, only fewer times, and those that are another missing one
 * @param here how many rows of the partition this site holds
 */
export function areCopied(rows: bigint, copies: bigint, here: bigint): boolean {
  return copies * 3n > rows && copies * 10n > here;
}
