/** From what the targets of a table's views hold to how rows are brought into the table. */
import type { FedTarget } from "../../model/derived_view.ts";
import type { FedVerdicts } from "./fed_rows.ts";

export interface AskedTarget {
  readonly target: FedTarget;
  /** Held against the active site's target; null: that is not asked, or the views make nothing of these rows. */
  readonly verdicts: FedVerdicts | null;
  /** Where these contradict each other, or are not asked: what the views make of the source's rows here, held against the target. */
  readonly own: FedVerdicts | null;
}

export type FedDecision =
  | { readonly way: "feed" }
  /** Past the views: their targets hold it, or are repaired by themselves. */
  | { readonly way: "past" }
  | { readonly way: "neither"; readonly why: string };

interface Wish {
  readonly way: "feed" | "past" | "both" | "any";
  /** Counts that agree to the last row say so, and not only that they come nearer. */
  readonly exact: boolean;
}

/**
 * All views of a table are fed, or none. What is exact of one target outweighs what only seems so of another, into which other
 * rows may have come, or are missing. Where some hold already what others lack, the rows go past the views if those that lack
 * it are compared row by row, and so repaired by themselves.
 */
export function decideFeeding(asked: readonly AskedTarget[]): FedDecision {
  const all = asked.map((one) => ({ target: one.target, ...wishOf(one) }));
  const wishes = all.some(({ exact }) => exact) ? all.filter(({ exact }) => exact) : all;
  const against = wishes.filter(({ way }) => way === "past" || way === "both");
  if (against.length === 0) return { way: "feed" };
  const stranded = wishes.filter(({ target, way }) =>
    (way === "feed" || way === "both") && !isRepairedByRows(target)
  );
  if (stranded.length === 0) return { way: "past" };
  const names = (some: typeof wishes) => [...new Set(some.map(({ target }) => target.pair.name))].join(", ");
  const why =
    `what views make of these rows is in ${names(against)} already, and ${
      names(stranded)
    } lacks it or some of it: ` +
    "fed once more, it would be counted twice, and left out, it would be missing. Drop the partitions of these tables here that " +
    "hold it, so that all of them lack it";
  return { way: "neither", why };
}

function isRepairedByRows({ by, against }: FedTarget): boolean {
  return against === "both" && (by === "rows" || by === "again");
}

function wishOf({ target, verdicts, own }: AskedTarget): Wish {
  const { by } = target;
  if (target.against === "here") return own === null ? ANY : wishHere(target, own);
  if (verdicts === null) return ANY;
  const { lacks, holds, below, nearerWith, nearerWithout } = verdicts;
  if (by === "again") return { way: lacks + below + nearerWith > 0n ? "feed" : "any", exact: false };
  if (!contradicts(verdicts)) {
    if (lacks > 0n) return { way: "feed", exact: true };
    if (holds > 0n) return { way: "past", exact: true };
    return { way: below > 0n ? "feed" : "any", exact: false };
  }
  // With the new rows, what the source makes is what the target holds: it held them before. Without them: it lacks them.
  if (own !== null && !leavesOpen(own)) {
    if (own.lacks === 0n) return { way: "feed", exact: true };
    return { way: own.holds === 0n ? "past" : "both", exact: true };
  }
  if (lacks + holds + below > 0n) return { way: "both", exact: true };
  return { way: nearerWith > nearerWithout ? "feed" : "past", exact: false };
}

const ANY: Wish = { way: "any", exact: false };

/**
 * What this site's source makes, with the new rows, is what the target holds: it held them before. Without them: it lacks them.
 * Where a view need not make the same again, that they are not found proves nothing.
 */
function wishHere({ steady }: FedTarget, { lacks, holds, nearerWith, nearerWithout }: FedVerdicts): Wish {
  const [held, lost] = [lacks + nearerWith, holds + nearerWithout];
  if (held === 0n) return lost === 0n ? ANY : { way: "feed", exact: steady && nearerWithout === 0n };
  if (lost === 0n) return { way: "past", exact: nearerWith === 0n };
  if (lacks > 0n && holds > 0n) return { way: "both", exact: true };
  return { way: held > lost ? "past" : "feed", exact: false };
}

/** Whether the target holds some more, or some less, than is made with or without the new rows. */
export function leavesOpen({ below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return below + nearerWith + nearerWithout > 0n;
}

/** Whether it would be too much of some keys, or some hold already what others lack. */
export function contradicts({ lacks, holds, below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return nearerWith + nearerWithout > 0n || (holds > 0n && lacks + below > 0n);
}
