/** From what was compared of a partition to the one reason that it carries, guards included. */
import { addDigests, type Digest, sumDigests } from "../model/digest.ts";
import type { Partition } from "../model/partition.ts";
import type { Reason } from "../model/reason.ts";
import type { BucketDifference, RowScope } from "../model/scope.ts";
import type { BucketComparison } from "./compare_buckets.ts";
import type { EngineFamily } from "./engine.ts";

/** Everything that is known of one partition after comparing it. */
export interface PartitionFacts {
  /** Null: this site has no active part of it. */
  readonly here: Partition | null;
  readonly active: Partition;
  readonly scope: RowScope;
  readonly comparison: BucketComparison;
  /** Row by row, for every partial bucket of a table whose rows can be united. */
  readonly differences: readonly BucketDifference[];
  /** Missing rows with a twin here; counted only where there are surplus rows. */
  readonly twins: bigint;
  /** Newest time of a row on either side, in the unit of the axis. */
  readonly newest: bigint | null;
}

export interface PartitionPolicy {
  readonly family: EngineFamily;
  readonly engine: string;
  readonly maxConflictPercent: number;
}

export interface Judgement {
  readonly reason: Reason | null;
  readonly detail: string;
  readonly missing: Digest;
  readonly surplus: Digest;
  readonly repeated: bigint;
}

/** The reason of a partition, or null where it is simply in sync. */
export function judgePartition(facts: PartitionFacts, policy: PartitionPolicy): Judgement {
  const { comparison: { whole, partial, onlyHere }, differences } = facts;
  const missing = sumDigests(
    [...whole, ...differences.map((d) => ({ digest: d.missing }))].map((b) => b.digest),
  );
  const surplus = addDigests(onlyHere, sumDigests(differences.map((d) => d.surplus)));
  const repeated = differences.reduce((sum, d) => sum + d.repeated, 0n);
  const judged = (reason: Reason | null, detail: string) => ({ reason, detail, missing, surplus, repeated });

  const differs = whole.length > 0 || partial.length > 0;
  if (facts.comparison.here.rows === 0n && missing.rows > 0n) {
    const refusal = guard(facts, policy, missing);
    return refusal ? judged(...refusal) : judged("missing", `${missing.rows} rows are absent here`);
  }
  if (policy.family !== "plain" && differs) return judged(...refuseEngine(facts, policy));
  if (missing.rows > 0n) {
    const refusal = guard(facts, policy, missing);
    return refusal ? judged(...refusal) : judged("partial", partialDetail(facts, missing, surplus));
  }
  if (surplus.rows > 0n) {
    return judged("surplus", `${surplus.rows} rows are only here; they stay`);
  }
  return judged(...explainCounts(facts));
}

function partialDetail({ comparison }: PartitionFacts, missing: Digest, surplus: Digest): string {
  const kept = surplus.rows > 0n ? `; ${surplus.rows} rows that are only here stay` : "";
  return `${missing.rows} of ${comparison.active.rows} rows are absent here${kept}`;
}

/** Refusals and postponements, in the order of their weight. */
function guard(facts: PartitionFacts, policy: PartitionPolicy, missing: Digest): [Reason, string] | null {
  const { here, active, scope, twins } = facts;
  if (here?.hasPatches || active.hasPatches) {
    return ["mutating", "a lightweight UPDATE has not been merged in yet; OPTIMIZE the partition or wait"];
  }
  if (here?.hasLightweightDeletes) {
    return [
      "deleted",
      `${missing.rows} rows are absent here, where rows were removed by DELETE FROM: deleted rows must not come ` +
      "back unasked. Delete them on the active site too, or apply the delete here for good " +
      "(ALTER TABLE … APPLY DELETED MASK) to have them repaired",
    ];
  }
  const changedAt = Math.max(here?.changedAt ?? 0, active.changedAt);
  if (!scope.axis && changedAt >= scope.moment.settledBefore) {
    return [
      "backfilling",
      `${missing.rows} rows are absent here, and the table has no time column that tells how old they are: ` +
      `repaired once neither site's rows have changed for ${scope.settleSeconds} seconds`,
    ];
  }
  if (Number(twins) * 100 > policy.maxConflictPercent * Number(missing.rows)) {
    return [
      "independent",
      `${twins} of the ${missing.rows} rows absent here have a twin here: the same sorting key and time with other ` +
      "content. Copying them would double the events. Compare some of them by hand; raise MAX_CONFLICT_PERCENT " +
      "if they are different events",
    ];
  }
  return null;
}

function refuseEngine({ comparison }: PartitionFacts, { family, engine }: PartitionPolicy): [Reason, string] {
  const rows = `${comparison.active.rows} rows on the active site, ${comparison.here.rows} here`;
  return family === "aggregating"
    ? ["aggregated", `${engine} adds rows up, so the missing ones cannot be told (${rows})`]
    : [
      "unsupported",
      `${engine} drops rows as it merges, and this version cannot unite such a table (${rows})`,
    ];
}

/** Settled rows agree; if the parts still count differently, rows that were left out explain it. */
function explainCounts({ here, active, scope, newest }: PartitionFacts): [Reason | null, string] {
  if ((here?.rows ?? 0n) === active.rows) return [null, ""];
  const edge = scope.axis?.unit === "days" ? scope.moment.settledBeforeDay : scope.moment.settledBefore;
  if (newest !== null && newest >= BigInt(edge)) {
    return ["hot", `rows younger than ${scope.settleSeconds} seconds are still arriving`];
  }
  if (scope.ttls.length > 0) return ["expiring", "only rows past their TTL differ"];
  return [null, ""];
}
