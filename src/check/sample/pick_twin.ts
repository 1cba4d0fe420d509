/** Which row of the other site is the twin of one. */

/** A row by the hash of it all, of its sorting key and time, and of each of its compared columns. */
export interface HashedRow {
  readonly hash: string;
  readonly event: string;
  readonly columns: readonly string[];
}

export interface PickedTwin {
  readonly hash: string;
  readonly sameKey: boolean;
  readonly atBoth: boolean;
  /** Places of the compared columns that differ. */
  readonly differing: readonly number[];
}

/** The twins of these rows by their hashes: a row that is one's by its key is not another's for being like it. */
export function pickTwins(
  rows: readonly HashedRow[],
  candidates: readonly HashedRow[],
  atBoth: ReadonlySet<string>,
): Map<string, PickedTwin> {
  const twins = new Map<string, PickedTwin>();
  const events = new Set(rows.map(({ event }) => event));
  const ofOthers = candidates.filter(({ event }) => !events.has(event));
  for (const row of rows) {
    const twin = pickTwin(
      row,
      [...candidates.filter(({ event }) => event === row.event), ...ofOthers],
      atBoth,
    );
    if (twin) twins.set(row.hash, twin);
  }
  return twins;
}

/**
 * Of the rows of its event the one that differs in the fewest columns; where there is none, the nearest of those that differ in
 * less than half of their columns and that the other site has to itself. A row that both sites have is the twin of another row
 * only if no other is there.
 *
 * @param atBoth hashes of candidates that the site of the row has too
 */
export function pickTwin(
  row: HashedRow,
  candidates: readonly HashedRow[],
  atBoth: ReadonlySet<string>,
): PickedTwin | null {
  const most = Math.ceil(row.columns.length / 2) - 1;
  const found = candidates.filter(({ hash }) => hash !== row.hash).map((other) => ({
    hash: other.hash,
    sameKey: other.event === row.event,
    atBoth: atBoth.has(other.hash),
    differing: row.columns.flatMap((value, at) => value === other.columns[at] ? [] : [at]),
  })).filter(({ sameKey, atBoth, differing }) => sameKey || (!atBoth && differing.length <= most));
  const order = (one: PickedTwin) => [one.atBoth ? 1 : 0, one.sameKey ? 0 : 1, one.differing.length];
  const [best] = found.toSorted((a, b) => {
    const [of, than] = [order(a), order(b)];
    const at = of.findIndex((value, at) => value !== than[at]);
    return at < 0 ? 0 : of[at]! - than[at]!;
  });
  return best ?? null;
}
