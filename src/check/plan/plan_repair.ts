/** From the facts of a partition to the value that says how it is repaired. */
import { type Cause, reasonOf } from "../../model/cause.ts";
import { EMPTY_DIGEST, sumDigests } from "../../model/digest.ts";
import type { Repair } from "../../model/repair.ts";
import type { Bucketing } from "../../model/scope.ts";
import type { TablePair } from "../../model/table.ts";
import { planSlices } from "../compare/cut_into_buckets.ts";
import type { Judgement, PartitionFacts } from "../judge/partition_facts.ts";

/** The repair of a partition that lacks rows and was not refused. */
export function planRepair(
  pair: TablePair,
  facts: PartitionFacts,
  judgement: Judgement & { readonly cause: Cause },
  bucketing: Bucketing,
): Repair {
  const { here, there, scope, comparison, differences } = facts;
  const absent = here === null || here.rows === 0n;
  const replace = judgement.replace === true;
  const besidesTwins = judgement.held !== undefined && !facts.merged;
  const lacking = besidesTwins
    ? (facts.free ?? []).map(({ bucket, digest }) => [bucket, digest.rows] as const)
    : differences.map(({ bucket, missing }) => [bucket, missing.rows] as const);
  const missingIn = new Map(lacking);
  const partial = comparison.partial.filter(({ bucket }) => (missingIn.get(bucket) ?? 0n) > 0n);
  return {
    pair,
    partitionId: there.id,
    reason: reasonOf(judgement.cause),
    scope,
    bucketing,
    absent: absent || replace ? "all" : comparison.absent.map(({ bucket }) => bucket),
    partial: planSlices(
      partial.map(({ bucket, here, there }) => ({ bucket, rows: here.rows + there.rows })),
    ).map((buckets) => ({
      buckets,
      missing: buckets.reduce<bigint>((sum, bucket) => sum + (missingIn.get(bucket) ?? 0n), 0n),
    })),
    besidesTwins,
    presumed: facts.presumed ?? false,
    repeated: judgement.repeated,
    missing: judgement.missing,
    before: absent || replace ? EMPTY_DIGEST : sumDigests(partial.map(({ here }) => here)),
    fingerprint: here?.fingerprint ?? null,
    bytes: Math.round(
      Number(there.bytes) * Number(judgement.missing.rows) / Math.max(1, Number(there.rows)),
    ),
    ...(replace ? { keptBytes: Number(here?.bytes ?? 0n) } : {}),
    method: replace ? "replace" : pair.here.feeds.length > 0 ? "insert" : "attach",
    mergesRows: pair.here.traits.mergesRows,
    merged: absent || replace || !facts.merged ? null : facts.merged,
  };
}
