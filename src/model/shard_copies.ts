/** Rows of which each shard has a copy, as of a table that every shard has whole: together they would count several times. */
import type { Digest } from "./digest.ts";

/** What an operator does about them. */
export const COPIES =
  "Copies would count twice, so nothing is copied: if every shard has the whole table, exclude it; if these " +
  "are replicas, put | between their addresses, as a comma stands between shards";

/**
 * Whether rows look like copies of each other: most of what is missing is here already, only fewer times. Rows that were sent
 * twice are few beside those that are missing altogether.
 */
export function looksCopied(
  differences: readonly { readonly missing: Digest; readonly repeated: bigint }[],
): boolean {
  const [missing, repeated] = differences.reduce(
    ([rows, again], { missing, repeated }) => [rows + missing.rows, again + repeated] as const,
    [0n, 0n] as readonly [bigint, bigint],
  );
  return repeated * 2n > missing;
}

/**
 * The same of rows that are about to be added, and of which some may be here.
 *
 * @param distinct how many of them differ from each other
 * @param repeated how many of them are here already, only fewer times
 */
export function areCopied(rows: bigint, distinct: bigint, repeated: bigint): boolean {
  return (rows - distinct + repeated) * 3n > rows;
}
