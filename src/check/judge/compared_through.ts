/** How far a comparison of digests reaches: what this site must hold if nothing was found missing. */
import { settledBefore, toSeconds } from "../../model/time_units.ts";
import type { Table } from "../../model/table.ts";
import { isTimed } from "./account_for.ts";
import type { PartitionFacts } from "./partition_facts.ts";

/** Seconds by which the day of a time zone may begin before that of UTC. */
const ZONES = 14 * 3600;
const DAY = 86_400;

/**
 * Unix seconds: every row of the partition that is older was digested at both sites, or was here when it was last digested.
 *
 * @param digestedAt unix seconds of the last digest, for a partition of which the rows were only counted now
 */
export function comparedThrough(
  { scope, counted = false }: Pick<PartitionFacts, "scope" | "counted">,
  digestedAt: number | null,
): number {
  const { axis, quiet, moment, settleSeconds } = scope;
  const days = axis?.unit === "days";
  const now = quiet || axis === null ? moment.settledBefore : Math.min(
    moment.settledBefore,
    Math.floor(toSeconds(settledBefore(axis, moment), axis)) - (days ? ZONES : 0),
  );
  if (!counted) return now;
  // Where a day is the finest that is told, that day was left out.
  return Math.min(now, (digestedAt ?? 0) - settleSeconds - (days ? DAY + ZONES : 0));
}

/** Whether rows of settled times were left out, since a younger one has their key: they may be missing at this site. */
export function leavesOutOlder(
  { merged, scope }: Pick<PartitionFacts, "merged" | "scope">,
  table: Pick<Table, "mergeRule" | "sortingKey">,
): boolean {
  const difference = merged?.difference ?? null;
  return difference !== null && difference !== "differs" && difference.unsettled > 0n &&
    !isTimed(scope, table);
}
