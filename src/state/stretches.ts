/** The stretches of a table that the pages of the memory make: what is proven of each is added up from its pages. */
import type { ProvenStretch, Stretch } from "../model/memory.ts";
import { addProven } from "../model/proven_sum.ts";
import type { StoredPage } from "./parse_memory.ts";

/** Stretches of a table at most: a server holds each part against each of them, which takes 0.1 s for 32 and a million parts. */
const STRETCHES = 32;

/** Those of which every partition is proven, in the order of their ids. @param pages of a table, in this order */
export function provenStretches(pages: readonly StoredPage[]): ProvenStretch[] {
  const size = Math.ceil(pages.length / STRETCHES);
  const found: ProvenStretch[] = [];
  for (let from = 0; from < pages.length; from += size) {
    const some = pages.slice(from, from + size);
    const sums = some.flatMap(({ proven }) => proven ?? []);
    const sum = sums.length === some.length ? addProven(sums) : null;
    const after = pages[from - 1]?.last ?? "";
    if (sum) found.push({ after, upTo: some.at(-1)!.last, ...sum });
  }
  return found;
}

/** The pages that have any partition of the stretch. */
export function pagesWithin(pages: readonly StoredPage[], { after, upTo }: Stretch): StoredPage[] {
  return pages.filter(({ first, last }) => last > after && (upTo === null || first <= upTo));
}
