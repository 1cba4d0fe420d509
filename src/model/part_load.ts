/** How many parts a table has, and how many it bears before inserts into it are delayed or refused. */

export interface PartLimits {
  /** From so many parts in a partition on, each insert into the table waits (`parts_to_delay_insert`); 0: never. */
  readonly delay: number;
  /** From so many on, inserts and what brings parts in are refused (`parts_to_throw_insert`). */
  readonly refuse: number;
  /** The same for the parts of all partitions (`max_parts_in_total`). */
  readonly total: number;
}

export interface PartLoad {
  readonly limits: PartLimits;
  /** Active parts by partition. */
  readonly parts: ReadonlyMap<string, number>;
}

/**
 * How many parts may be added to a partition so that whoever writes to the table does not feel it: up to half of what it
 * bears, and beyond that one at a time, as an insert that is not delayed would add one.
 *
 * @param replaces what is in the partition goes
 */
export function roomForParts({ limits, parts }: PartLoad, partitionId: string, replaces = false): number {
  const counts = [...parts.values()];
  if (counts.some((count) => count >= limits.refuse)) return 0; // nothing can be brought in, wherever it goes
  const here = replaces ? 0 : parts.get(partitionId) ?? 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const delay = limits.delay === 0 ? Infinity : limits.delay;
  return Math.min(room(here, Math.min(delay, limits.refuse - 1)), room(total, limits.total - 1));
}

function room(now: number, bears: number): number {
  const easily = Math.floor(bears / 2) - now;
  return easily > 0 ? easily : now < bears ? 1 : 0;
}

/** Why parts must wait, with figures. */
export function tooManyParts(table: string, partitionId: string, { limits, parts }: PartLoad): string {
  const total = [...parts.values()].reduce((sum, count) => sum + count, 0);
  return `${table} has too many parts to take more: ${
    parts.get(partitionId) ?? 0
  } in partition ${partitionId}, ` +
    `${
      Math.max(0, ...parts.values())
    } in its fullest one, ${total} in all; inserts are delayed from ${limits.delay} parts of a ` +
    `partition on (parts_to_delay_insert), refused from ${limits.refuse} on (parts_to_throw_insert) and from ` +
    `${limits.total} in all (max_parts_in_total). Look why it does not merge (system.merges, system.mutations), or raise the ` +
    `limits; the next check tries again`;
}

/** Why parts cannot be brought in, however empty the table is. */
export function tooLargeCopy(table: string, added: number, most: number, { limits }: PartLoad): string {
  return `the copy has ${added} parts, and ${table} bears ${most} at a time: its inserts would be delayed from ${limits.delay} parts ` +
    `of a partition on (parts_to_delay_insert), and refused from ${limits.refuse} on (parts_to_throw_insert). Nothing was ` +
    "added; raise these limits while it is repaired";
}

/** Rows of a block that becomes a part, where bytes do not cut it off before. */
export const ROWS_OF_A_PART = 1_048_449n;

/** Parts that so many rows are written as. */
export function expectedParts(rows: bigint, slices: number): number {
  return Number((rows + ROWS_OF_A_PART - 1n) / ROWS_OF_A_PART) + Math.max(0, slices - 1);
}
