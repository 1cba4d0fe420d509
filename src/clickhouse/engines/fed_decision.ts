/** From what the targets of a table's views hold to how rows are brought into the table. */
import type { FedTarget, FedWay } from "../../model/derived_view.ts";
import { tableName } from "../../model/table.ts";
import type { FedVerdicts } from "./fed_verdicts.ts";
import { takesAgain } from "./takes_again.ts";

export interface AskedTarget {
  readonly target: FedTarget;
  /** Held against the active site's target; null: that is not asked. */
  readonly verdicts: FedVerdicts | null;
  /** Where these do not tell: what the views make of the source's rows here, held against the target; null: it cannot be made. */
  readonly own: FedVerdicts | null;
}

/** `database.table` of what views fill, and cannot be asked. */
export interface UnaskedTarget {
  readonly unasked: string;
}

export type Asked = AskedTarget | UnaskedTarget;

export type FedDecision =
  | { readonly way: "feed" }
  /** Past the views: their targets hold it, or are repaired by themselves. */
  | { readonly way: "past" }
  | { readonly way: "neither"; readonly why: string };

/** Where staged rows cannot take the place of what the views read. */
export function unaskedOf(ways: readonly FedWay[]): UnaskedTarget[] {
  return ways.flatMap((way) => [
    ...way.by === "nothing"
      ? way.keeps ? [{ unasked: tableName(way.through) }] : []
      : takesAgain(way)
      ? []
      : [{ unasked: way.pair.name }],
    ...unaskedOf(way.next),
  ]);
}

interface Wish {
  readonly way: "feed" | "past" | "both" | "any" | "unknown";
  /** Counts that agree to the last row say so, and not only that they come nearer. */
  readonly exact: boolean;
}

/**
 * All views of a table are fed, or none. What is exact of one target outweighs what only seems so of another, into which other
 * rows may have come, or are missing; what nothing tells is left to the operator. Where some hold already what others lack, the
 * rows go past the views if those that lack it are compared row by row, and so repaired by themselves. A target that may be fed
 * again is never in the way of feeding, and its lack alone is in the way of going past. That one lacks them that is repaired by
 * itself, and may have been cut short by itself, tells nothing of the others. What cannot be asked follows those that can.
 */
export function decideFeeding(targets: readonly Asked[]): FedDecision {
  const asked = targets.filter((one): one is AskedTarget => "target" in one);
  const unasked = targets.flatMap((one) => "unasked" in one ? one.unasked : []);
  const all = asked.map((one) => ({ target: one.target, again: takesAgain(one.target), ...wishOf(one) }));
  const tells = ({ target, exact, way }: typeof all[number]) =>
    exact && !(way === "feed" && isRepairedByItself(target));
  const telling = all.some(tells) ? all.filter(({ exact, again }) => exact || again) : all;
  const untold = telling.filter(({ way }) => way === "unknown").map(({ target }) => target);
  if (untold.length > 0) return { way: "neither", why: cannotBeTold(untold) };
  const against = telling.filter(({ way }) => way === "past" || way === "both");
  if (against.length === 0) {
    const lacking = all.some(({ exact, way }) => exact && way === "feed");
    return unasked.length === 0 || lacking ? { way: "feed" } : { way: "neither", why: notAsked(unasked) };
  }
  const stranded = telling.filter(({ target, way }) =>
    (way === "feed" || way === "both") && !isRepairedByItself(target)
  );
  if (stranded.length === 0) return { way: "past" };
  const open = all.filter(({ target, way }) => way === "unknown" && !isRepairedByItself(target));
  const why =
    `what views make of these rows is in ${named(against)} already, and ${
      named(stranded)
    } lacks it or some of it: ` +
    "fed once more, it would be counted twice, and left out, it would be missing. Drop the partitions of these tables here that " +
    `hold it, so that all of them lack it. ${besides(open)}${KEEPING}`;
  return { way: "neither", why };
}

const KEEPING =
  "If rows came to it at this site alone, by another way than from this table, that loses them: docs/reasons.md (views) says how to " +
  "repair the table without";

/** Once the others lack the rows, that is taken for an outage, and these are fed with them: they must not hold them then. */
function besides(open: readonly Pick<AskedTarget, "target">[]): string {
  const compared = open.filter(({ target: { against } }) => against === "both");
  const others = open.filter(({ target: { against } }) => against !== "both");
  return [
    ...compared.length === 0 ? [] : [
      `Drop those of ${
        named(compared)
      } too, of which nothing tells whether they hold it: the next check brings them. `,
    ],
    ...others.length === 0 ? [] : [
      `Before that, have ${
        named(others)
      } compared (CH_EXCLUDE_PATTERNS, --table; the same views and columns at both sites): ` +
      "nothing tells whether it holds it, and once the others lack it, it would be fed with them. ",
    ],
  ].join("");
}

function notAsked(names: readonly string[]): string {
  return `ch-sync cannot tell whether ${
    [...new Set(names)].join(", ")
  }, which views fill with what they make of these rows, ` +
    "holds it already, from before rows were lost here: fed once more, it would be there twice. docs/reasons.md (views) says how " +
    "to repair the table without its views";
}

function named(some: readonly Pick<AskedTarget, "target">[]): string {
  return [...new Set(some.map(({ target }) => target.pair.name))].join(", ");
}

function cannotBeTold(targets: readonly FedTarget[]): string {
  const compared = targets.filter(({ against }) => against === "both");
  const others = targets.filter(({ against }) => against !== "both");
  const are = (some: readonly FedTarget[]) => named(some.map((target) => ({ target })));
  return [
    ...compared.length === 0 ? [] : [
      `${
        are(compared)
      }, which views fill with what they make of these rows, holds with them and without them neither what the ` +
      "active site's does, nor what they make of all that is here: nobody can tell whether they are in it already. Drop the " +
      `partitions of it here that may hold them; the next check brings them. ${KEEPING}`,
    ],
    ...others.length === 0 ? [] : [
      `${
        are(others)
      }, which views fill with what they make of these rows, holds neither what they make of all that is here ` +
      "without these rows nor with them, and is not held against the active site's: nobody can tell whether they are in it " +
      "already. Have it compared (CH_EXCLUDE_PATTERNS, --table; the same views and columns at both sites), and the next check knows",
    ],
  ].join("; ");
}

/** What it lacks is brought from the active site's target afterwards. */
function isRepairedByItself(target: FedTarget): boolean {
  const { by, against, pair: { here: { mergeRule } } } = target;
  if (against === "both" && (by === "rows" || by === "again")) return true;
  if (against === "here" || !takesAgain(target)) return false;
  return mergeRule.kind === "aggregate" ? mergeRule.again : against === "both" && typeof by !== "string";
}

function wishOf({ target, verdicts, own }: AskedTarget): Wish {
  if (takesAgain(target)) {
    const exact = target.steady && target.against === "both";
    return verdicts !== null && verdicts.lacks > 0n ? { way: "feed", exact } : ANY;
  }
  if (target.against !== "both") {
    const wish = own === null ? UNKNOWN : wishHere(target, own);
    // The active site's is asked where this site's own rows did not tell.
    return verdicts === null ? wish : nearest(verdicts);
  }
  if (verdicts === null) return UNKNOWN;
  const { lacks, holds, bare, below } = verdicts;
  if (!needsOwn(verdicts)) {
    if (lacks + bare > 0n) return { way: "feed", exact: true };
    return holds > 0n ? { way: "past", exact: true } : silent(verdicts);
  }
  // With the new rows, what the source makes is what the target holds: it held them before. Without them: it lacks them.
  if (own !== null && !leavesOpen(own)) {
    if (own.lacks + own.holds === 0n) return silent(own);
    if (own.lacks === 0n) return { way: "feed", exact: true };
    return { way: own.holds === 0n ? "past" : "both", exact: true };
  }
  // What the source holds here does not explain it: the target holds some of these rows already, or others in their place.
  const mixed = contradicts(verdicts) && (lacks + holds + bare + below > 0n || own !== null);
  return mixed ? { way: "both", exact: true } : UNKNOWN;
}

const ANY: Wish = { way: "any", exact: false };
const UNKNOWN: Wish = { way: "unknown", exact: false };

/**
 * What this site's source makes, with the new rows, is what the target holds: it held them before. Without them: it lacks them.
 * Where a view need not make the same again, that they are not found proves nothing.
 */
function wishHere({ steady }: FedTarget, own: FedVerdicts): Wish {
  const { lacks, holds } = own;
  if (lacks > 0n && holds > 0n) return { way: "both", exact: true };
  // Others are in the target, or missing there: these may be, too.
  if (leavesOpen(own)) return UNKNOWN;
  if (lacks > 0n) return { way: "past", exact: true };
  return holds > 0n ? { way: "feed", exact: steady } : silent(own);
}

/** The active site's need not hold the same: that it does tells, that it does not tells nothing. */
function nearest(verdicts: FedVerdicts): Wish {
  const { lacks, holds, bare } = verdicts;
  if (needsOwn(verdicts)) return UNKNOWN;
  if (lacks + bare > 0n) return { way: "feed", exact: false };
  return holds > 0n ? { way: "past", exact: false } : silent(verdicts);
}

/** Of a target of which no key says anything. */
function silent({ hidden }: FedVerdicts): Wish {
  return hidden > 0n ? UNKNOWN : ANY;
}

/** Whether what the target of this site holds is to be explained by this site's own source. */
export function needsOwn(verdicts: FedVerdicts): boolean {
  return contradicts(verdicts) || verdicts.below > 0n;
}

/** Whether the target holds some more, or some less, than is made with or without the new rows. */
export function leavesOpen({ bare, below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return bare + below + nearerWith + nearerWithout > 0n;
}

/** Whether it would be too much of some keys, or some hold already what others lack. */
export function contradicts({ lacks, holds, bare, below, nearerWith, nearerWithout }: FedVerdicts): boolean {
  return nearerWith + nearerWithout > 0n || (holds > 0n && lacks + bare + below > 0n);
}
