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
  readonly way: "feed" | "past" | "both" | "any" | "unknown";
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
  const untold = wishes.filter(({ way }) => way === "unknown");
  if (untold.length > 0 && wishes.every(({ way }) => way === "unknown" || way === "any")) {
    return { way: "neither", why: cannotBeTold(named(untold)) };
  }
  const against = wishes.filter(({ way }) => way === "past" || way === "both");
  if (against.length === 0) return { way: "feed" };
  const stranded = wishes.filter(({ target, way }) =>
    (way === "feed" || way === "both") && !isRepairedByRows(target)
  );
  if (stranded.length === 0) return { way: "past" };
  const why =
    `what views make of these rows is in ${named(against)} already, and ${
      named(stranded)
    } lacks it or some of it: ` +
    "fed once more, it would be counted twice, and left out, it would be missing. Drop the partitions of these tables here that " +
    "hold it, so that all of them lack it";
  return { way: "neither", why };
}

function named(some: readonly Pick<AskedTarget, "target">[]): string {
  return [...new Set(some.map(({ target }) => target.pair.name))].join(", ");
}

function cannotBeTold(names: string): string {
  return `${names}, which views fill with what they make of these rows, holds neither what they make of all that is here without ` +
    "these rows nor with them, and is not held against the active site's: nobody can tell whether they are in it already. Have it " +
    "compared (CH_EXCLUDE_PATTERNS, --table; the same views and columns at both sites), and the next check knows";
}

function isRepairedByRows({ by, against }: FedTarget): boolean {
  return against === "both" && (by === "rows" || by === "again");
}

function wishOf({ target, verdicts, own }: AskedTarget): Wish {
  const { by } = target;
  if (target.against !== "both") {
    const wish = own === null ? ANY : wishHere(target, own);
    // The active site's is asked where this site's own rows did not tell.
    return verdicts === null ? wish : nearest(verdicts);
  }
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
  // Fed, every key would hold more than at the active site, and what the source holds here does not explain it: the target holds
  // some of these rows already, or others in their place.
  if (own !== null) return { way: nearerWith > 0n ? "both" : "past", exact: true };
  return { way: nearerWith > nearerWithout ? "feed" : "past", exact: false };
}

const ANY: Wish = { way: "any", exact: false };

/**
 * What this site's source makes, with the new rows, is what the target holds: it held them before. Without them: it lacks them.
 * Where a view need not make the same again, that they are not found proves nothing.
 */
function wishHere({ steady, by }: FedTarget, own: FedVerdicts): Wish {
  if (by === "again") return ANY;
  if (isUndecided(own)) return { way: "unknown", exact: false };
  const { lacks, holds, nearerWith, nearerWithout } = own;
  const [held, lost] = [lacks + nearerWith, holds + nearerWithout];
  if (held === 0n) return lost === 0n ? ANY : { way: "feed", exact: steady && nearerWithout === 0n };
  if (lost === 0n) return { way: "past", exact: nearerWith === 0n };
  if (lacks > 0n && holds > 0n) return { way: "both", exact: true };
  return { way: "unknown", exact: false };
}

function nearest({ lacks, holds, below, nearerWith, nearerWithout }: FedVerdicts): Wish {
  if (lacks + holds + below + nearerWith + nearerWithout === 0n) return ANY;
  return { way: lacks + below + nearerWith > holds + nearerWithout ? "feed" : "past", exact: false };
}

/** Whether the target holds more than is made with the new rows and without: others that the source has lost, or these too. */
export function isUndecided({ lacks, holds, below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return below > 0n && lacks + holds + nearerWith + nearerWithout === 0n;
}

/** Whether the target holds some more, or some less, than is made with or without the new rows. */
export function leavesOpen({ below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return below + nearerWith + nearerWithout > 0n;
}

/** Whether it would be too much of some keys, or some hold already what others lack. */
export function contradicts({ lacks, holds, below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return nearerWith + nearerWithout > 0n || (holds > 0n && lacks + below > 0n);
}
