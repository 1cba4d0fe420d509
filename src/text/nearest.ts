/** What somebody may have meant who mistyped a name. */

/** Names that are compared at most: of ten thousand tables, some are near enough. */
const LOOKED_AT = 10_000;
/** Characters of a name that are compared. */
const LENGTH = 100;

/** The names nearest to a word, the nearest first, at most `count`; those that differ in more than half of the word are not near. */
export function nearest(word: string, names: Iterable<string>, count = 3): string[] {
  const wanted = word.toLowerCase().slice(0, LENGTH);
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(names)) {
    if (near.length >= LOOKED_AT) break;
    near.push({ name, distance: distanceOf(wanted, name.toLowerCase().slice(0, LENGTH)) });
  }
  return near.filter(({ distance }) => distance <= Math.max(2, wanted.length / 2))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, count).map(({ name }) => name);
}

/** How many letters must be put in, left out or replaced, or swapped with their neighbour, to make one word of the other. */
export function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let at = 1; at <= b.length; at++) {
      const other = a[row - 1] === b[at - 1] ? 0 : 1;
      let best = Math.min(last[at]! + 1, line[at - 1]! + 1, last[at - 1]! + other);
      const swapped = row > 1 && at > 1 && a[row - 1] === b[at - 2] && a[row - 2] === b[at - 1];
      if (swapped) best = Math.min(best, before[at - 2]! + 1);
      line.push(best);
    }
    [before, last] = [last, line];
  }
  return last[b.length]!;
}
