/** Rows that are not settled, and of which no time tells whether they are still arriving. */
import { EMPTY_DIGEST } from "../../../model/digest.ts";
import { settledBefore, toSeconds } from "../../../model/time_units.ts";
import type { Judgement, Objection, PartitionFacts } from "../partition_facts.ts";
import { counted } from "../../../text/readable.ts";

/** Of today by a date, or of the future; null: what is not settled came within the settle window. */
export function undated({ scope, newest }: Pick<PartitionFacts, "scope" | "newest">): Objection | null {
  const { axis, moment, quiet, settleSeconds } = scope;
  if (!axis || quiet || newest === null || newest < settledBefore(axis, moment)) return null;
  const { unit, column } = axis;
  const wait = `compared once neither site's rows have changed for ${counted(settleSeconds, "second")}`;
  if (unit === "days") {
    return [
      "today",
      `today's rows differ, and ${column} does not tell at what time of day they arrived: ${wait}`,
    ];
  }
  if (toSeconds(newest, axis) <= moment.now + settleSeconds) return null;
  return [
    "future",
    `rows dated in the future differ, and ${column} does not tell when they arrived: ${wait}`,
  ];
}

/** What is repaired, beside rows of which nobody can tell yet whether they are missing. */
export function beside(judgement: Judgement, leftOut: Objection | null): Judgement {
  if (leftOut === null) return judgement;
  const [cause, detail] = leftOut;
  return { ...judgement, held: { cause, detail, count: 0n, missing: EMPTY_DIGEST } };
}

/** Whether the rows that were left out differ: there are more of them at one site, or they were seen to be others. */
export function leftOutDiffers(
  { here, there, comparison, othersLeftOut = false }: Pick<
    PartitionFacts,
    "here" | "there" | "comparison" | "othersLeftOut"
  >,
): boolean {
  const leftOut = (here?.rows ?? 0n) - comparison.here.rows;
  return othersLeftOut || leftOut !== there.rows - comparison.there.rows;
}
