/** Partitions that one statement names at most: servers bound the length of a statement. */
const NAMED_AT_ONCE = 1000;

/** The ids of partitions, in as many lists as there are statements to be sent. */
export function portions(partitionIds: readonly string[]): string[][] {
  const count = Math.ceil(partitionIds.length / NAMED_AT_ONCE);
  return Array.from(
    { length: count },
    (_, at) => partitionIds.slice(at * NAMED_AT_ONCE, (at + 1) * NAMED_AT_ONCE),
  );
}
