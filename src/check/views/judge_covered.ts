/** What is said of a target that holds whatever it is given any number of times, over several shards. */
import type { Cause } from "../../model/cause.ts";
import type { PartitionPlan } from "../../model/plan.ts";
import { type Finding, finding } from "../../model/report.ts";
import { counted } from "../../text/readable.ts";
import { isSettled } from "../../verdict/clean.ts";

export const COVERS =
  "filled by a view that groups; put together by its keys, the rows of all shards hold whatever those of the active site do";

export const EXPIRES_TOO_SOON =
  "filled by a view that groups; none of its rows is both settled and more than an hour from the end of its TTL, so nothing was compared";

/** What forbids a repair as rows might come twice: here they may. */
const OF_NO_MATTER: ReadonlySet<Cause> = new Set<Cause>([
  "twins",
  "late_rows",
  "rows_while_compared",
  "no_time",
]);

/**
 * What is brought here of a partition: all rows that are not here as they are. None of them is too many, whatever rows of the same
 * keys are here.
 */
export function adds(plan: PartitionPlan): PartitionPlan {
  const { ifAccepted, held, finding } = plan;
  const cause = (held ?? finding)?.cause;
  if (!ifAccepted?.repair || !ifAccepted.finding || !cause || !OF_NO_MATTER.has(cause)) return plan;
  const { missing } = ifAccepted.finding;
  const detail = `${counted(missing, "row")} of the active site ${
    missing === 1n ? "is" : "are"
  } not here as ${missing === 1n ? "it is" : "they are"}`;
  return { ...ifAccepted, finding: { ...ifAccepted.finding, accepted: false, detail } };
}

/**
 * @param lacking of how many keys this site lacks something that a partition of the active site holds, by its id
 * @param plans of these partitions
 */
export function judgeCovered(
  table: string,
  lacking: ReadonlyMap<string, bigint>,
  plans: readonly PartitionPlan[],
): Finding {
  if (lacking.size === 0) return finding(table, null, "derived_proven", COVERS);
  const keys = [...lacking.values()].reduce((sum, one) => sum + one, 0n);
  const found = `filled by a view that groups; ${
    counted(keys, "key lacks", "keys lack")
  } here what the active site holds in ${counted(lacking.size, "partition")}`;
  // Each of them says for itself what becomes of it, unless nothing of it is missing as it is.
  const told = new Set(
    plans.flatMap(({ partitionId, finding, repair }) =>
      repair !== null || (finding && !isSettled(finding)) ? partitionId : []
    ),
  );
  const untold = [...lacking.keys()].filter((id) => !told.has(id)).sort();
  const added = plans.some(({ repair }) => repair !== null)
    ? "rows of the active site are added there"
    : "what stands against adding rows of the active site is said of each";
  return untold.length === 0 ? finding(table, null, "derived_waiting", `${found}; ${added}`) : finding(
    table,
    null,
    "derived_less",
    `${found}, although its sources are whole, and no row of ${
      untold.slice(0, 5).join(", ")
    } is old enough to be added: if that stays, drop these partitions here, and they are copied whole`,
  );
}
