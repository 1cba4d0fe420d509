/**
 * The net below all that compares and judges: what one site holds and the other does not is accounted for, row by row, or
 * the partition failed.
 *
 * It asks neither how the difference was found nor what was made of it on the way. It takes what each site answered of the
 * partition over a connection of its own, and what the judgement says of it. So it holds whatever came through `remote()`,
 * by another road and perhaps from another server, against the word of the site itself.
 */
import { addDigests, type Digest } from "../../model/digest.ts";
import { reasonOf } from "../../model/cause.ts";
import { type MergedDifference, type MergedGap, NO_MERGED_DIFFERENCE } from "../../model/merge_rule.ts";
import { consequence, type Reason } from "../../model/reason.ts";
import type { RowScope } from "../../model/scope.ts";
import type { Table } from "../../model/table.ts";
import type { Answered } from "../compare/answered.ts";
import { normalKey } from "../tables/normal_form.ts";
import type { Judgement, PartitionFacts } from "./partition_facts.ts";
import { counted, grouped } from "../../text/readable.ts";

/** What was compared of a partition, as far as it is to be accounted for. */
export interface Compared {
  readonly facts: Pick<PartitionFacts, "merged" | "scope" | "arrivedMeanwhile">;
  /** Of its rows. */
  readonly answered: Answered;
  /** Of what its settled keys come down to; null: that was not compared. */
  readonly answeredMerged: Answered | null;
}

/** The judgement as it is where it accounts for the whole difference; else the one that it does not. */
export function accountFor(compared: Compared, judgement: Judgement, table: Table): Judgement {
  const { answered, facts, answeredMerged } = compared;
  const { cause, surplus, repeated, held } = judgement;
  const missing = held ? addDigests(judgement.missing, held.missing) : judgement.missing;
  // Rows of any engine may be accounted for as they are; where an engine merges them, what they come down to may be.
  if (isGap(answered, missing, surplus)) return judgement;
  if (facts.merged && isMergedGap(compared, judgement, table)) return judgement;
  // What is put off while rows come and go is compared again as it is, and not clean before.
  if (cause !== null && isPutOff(reasonOf(cause))) return judgement;
  const { arrivedMeanwhile = 0n } = facts;
  if (arrivedMeanwhile > 0n) {
    const detail =
      `${counted(arrivedMeanwhile, "row")} arrived here while they were compared twice: perhaps a ` +
      "collector is draining its queue. Compared again at the next check";
    return { cause: "rows_while_compared", detail, missing, surplus, repeated };
  }
  const sides = facts.merged && answeredMerged ? answeredMerged : answered;
  const what = facts.merged && answeredMerged ? "key" : "row";
  const less = sides.there.rows - sides.here.rows;
  const detail =
    `the active site holds ${counted(sides.there.rows, what)}, this site ${
      grouped(sides.here.rows)
    }, a difference of ` +
    `${grouped(less)}; ${grouped(missing.rows)} missing and ${
      grouped(surplus.rows)
    } surplus were found, which ` +
    `${!facts.merged && less === missing.rows - surplus.rows ? "are other rows" : "do not account for it"}` +
    `${
      cause === null ? "" : ` (${reasonOf(cause)})`
    }. Rows may have come or gone while they were compared; if the ` +
    "next check finds the same, look whether both addresses of the other site lead to the same server, and what stands " +
    "between the sites";
  return { cause: "unexplained", detail, missing, surplus, repeated };
}

/** What is said of a partition that was to be compared, and of which nothing came back. */
export const NOT_COMPARED = "the partition was to be compared, and nothing came of it";

/**
 * Active less here is missing less surplus: in rows, and in both sums. What was not asked for is 0 on both sides: sums of
 * partitions that were only counted, and the second one of those that are absent here, or equal by the first.
 */
function isGap({ here, there }: Answered, missing: Digest, surplus: Digest): boolean {
  return there.rows + surplus.rows === here.rows + missing.rows &&
    isZero(there.city - here.city - missing.city + surplus.city) &&
    isZero(there.xxh - here.xxh - missing.xxh + surplus.xxh);
}

/**
 * What settled keys come down to: active less here is what the missing rows mend, and the rest that is told of. Keys that
 * are not told of come down to the same on both sites, and cancel. What is told of is counted, and where it is counted as
 * missing, in conflict or unknown, the word for it is not one that may be clean.
 *
 * Not held:
 * - The sums while keys change that have the time of their rows not in them: a key that was settled when the sites answered
 *   may not be when they are held against each other. They are held once no such key is left.
 * - To which count a key of the rest belongs, as they are told by number only: one in conflict that is taken for a newer one
 *   of this site would pass.
 * - What is missing where an engine adds rows up. That it differs is not clean, and where it is replaced, what is staged has
 *   to be what the active site answered.
 */
function isMergedGap(
  { facts: { merged, scope }, answeredMerged }: Compared,
  { cause, missing, surplus }: Judgement,
  table: Pick<Table, "mergeRule" | "sortingKey">,
): boolean {
  const complete = cause === null || consequence(reasonOf(cause)).complete;
  if (merged?.difference === "differs") return !complete;
  if (!merged || !answeredMerged) return false;
  const difference = merged.difference ?? NO_MERGED_DIFFERENCE;
  const { mends, rest, conflicts, unknown, unsettled } = difference;
  // A collapsing engine takes keys away that come down to nothing: there are more or fewer of them as it merges.
  const byKeys = isByKeys(table);
  const { here, there } = answeredMerged;
  const adds = (!byKeys || there.rows - here.rows === mends.keys + rest.keys) &&
    isZero(there.city - here.city - mends.city - rest.city) &&
    isZero(there.xxh - here.xxh - mends.xxh - rest.xxh);
  const moving = scope.axis !== null && !scope.quiet && !isTimed(scope, table) && unsettled > 0n;
  return (adds || moving) &&
    (isNone(mends) || missing.rows > 0n) &&
    (isNone(rest) || conflicts + unknown + surplus.rows > 0n) &&
    (!byKeys || areWithin(difference, missing, surplus)) &&
    ((scope.axis !== null && !scope.quiet) || unsettled === 0n) &&
    !(complete && difference.missing.rows + conflicts + unknown > 0n);
}

/**
 * Whether all rows of a key are of one time: it holds the time, or is the whole row. Of such a key both sites know whether it is
 * settled, and know it for good.
 */
export function isTimed(
  { axis }: Pick<RowScope, "axis">,
  table: Pick<Table, "mergeRule" | "sortingKey">,
): boolean {
  return !isByKeys(table) || isPlainlyIn(axis?.column, table.sortingKey);
}

function isByKeys({ mergeRule: { kind } }: Pick<Table, "mergeRule">): boolean {
  return kind !== "collapse";
}

/** A missing row brings one key at most, and what is only here is none that only the active site has. */
function areWithin({ mends, rest }: MergedDifference, missing: Digest, surplus: Digest): boolean {
  return mends.keys >= 0n && mends.keys <= missing.rows && rest.keys <= 0n && -rest.keys <= surplus.rows;
}

/** Whether a column stands in a key as it is. Of one between two functions that is not said, which only holds less. */
function isPlainlyIn(column: string | undefined, sortingKey: string): boolean {
  const elements = normalKey(sortingKey).replace(/^tuple\((.*)\)$/s, "$1").replace(/\(.*\)/s, "");
  const plain = elements.split(",").map((part) => part.trim().replaceAll("`", ""));
  return column !== undefined && plain.includes(column);
}

function isNone({ keys, city, xxh }: MergedGap): boolean {
  return keys === 0n && city === 0n && xxh === 0n;
}

function isPutOff(reason: Reason): boolean {
  const { remedy, clean } = consequence(reason);
  return remedy === "later" && !clean && reason !== "failed";
}

/** Modulo 2^64. */
function isZero(sum: bigint): boolean {
  return BigInt.asUintN(64, sum) === 0n;
}
