/** The proof that a SELECT sees every stored row, whatever row policies, filters and limits there are. */
import type { Partition, StoredPart, Visibility } from "../../model/partition.ts";

/** A part of which a SELECT by ch-sync's user does not see all rows. */
export interface HiddenRows {
  readonly part: StoredPart;
  readonly seen: bigint;
}

/**
 * Parts of which a SELECT saw another number of rows than they store. Parts are immutable, so one that was there
 * before and after the SELECT must have shown all of its rows, those that a lightweight delete hides included.
 */
export function hiddenRows({ stored, visible }: Visibility): HiddenRows[] {
  const seenBy = new Map(visible.map(({ name, rows }) => [name, rows]));
  return stored.flatMap((part) => {
    const seen = seenBy.get(part.name) ?? 0n;
    return seen === part.rows ? [] : [{ part, seen }];
  });
}

/** What an operator does about them. @param partition of the part, at its site */
export function remedyOf({ part }: HiddenRows, partition: Partition | undefined): string {
  const remedy = "remove the row policy, filter or limit for that user";
  // Newer servers count the rows that such a delete hid.
  return partition?.hasLightweightDeletes
    ? `${remedy}; if that server is older than 23.10, merge away the rows that a DELETE hid from it: OPTIMIZE TABLE … PARTITION ID ` +
      `'${part.partitionId}' FINAL`
    : remedy;
}
