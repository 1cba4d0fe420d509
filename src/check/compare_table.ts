/** Comparing one table of both sites, partition by partition and bucket by bucket. */
import { type Digest, EMPTY_DIGEST, sumDigests } from "../model/digest.ts";
import type { Partition, Partitions, VisiblePart } from "../model/partition.ts";
import type { BucketDifference, BucketDigest, Moment, RowScope } from "../model/scope.ts";
import type { TablePair } from "../model/table.ts";
import { type Batch, type Extent, planBatches } from "../reconcile/buckets.ts";
import { compareBuckets } from "../reconcile/compare_buckets.ts";
import { engineFamily } from "../reconcile/engine.ts";
import type { PartitionFacts } from "../reconcile/judge_partition.ts";
import { findTimeAxis } from "../reconcile/time_axis.ts";
import { type HiddenRows, hiddenRows } from "../reconcile/visibility.ts";
import type { CheckPorts, PartitionsRequest } from "./ports.ts";

export interface ComparedPartition {
  readonly facts: PartitionFacts;
  readonly bucketing: Batch["bucketing"];
}

export interface TableComparison {
  readonly partitions: readonly ComparedPartition[];
  /** The settled rows of the active site. */
  readonly compared: Digest;
  /** Rows that a SELECT by ch-sync's user does not see; where there are any, nothing was compared. */
  readonly hidden: readonly (HiddenRows & { readonly site: "local" | "remote" })[];
}

/** Compares the given partitions of the active site with this one. Reads rows on both sites, writes nothing. */
export async function compareTable(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  partitions: { readonly here: Partitions; readonly active: Partitions },
  moment: Moment,
  settleSeconds: number,
): Promise<TableComparison> {
  const axis = findTimeAxis(pair.here);
  const ids = [...partitions.active.values()].filter(({ rows }) => rows > 0n).map(({ id }) => id).sort();
  const idsHere = ids.filter((id) => partitions.here.has(id));
  const [seenHere, seenThere] = await Promise.all([
    ports.here.visibility(pair.here, idsHere, axis),
    ports.there.visibility(pair.active, ids, axis),
  ]);
  const hidden = [
    ...hiddenRows(seenHere).map((rows) => ({ ...rows, site: "local" as const })),
    ...hiddenRows(seenThere).map((rows) => ({ ...rows, site: "remote" as const })),
  ];
  if (hidden.length > 0) return { partitions: [], compared: EMPTY_DIGEST, hidden };

  const extents = measure(ids, partitions.active, [...seenHere.visible, ...seenThere.visible]);
  const quiet = (id: string) =>
    Math.max(partitions.here.get(id)?.changedAt ?? 0, partitions.active.get(id)?.changedAt ?? 0) <
      moment.settledBefore;
  const ttls = [...ports.here.deleteTtls(pair.here), ...ports.here.deleteTtls(pair.active)]
    .filter((ttl, index, all) =>
      all.findIndex((other) => JSON.stringify(other) === JSON.stringify(ttl)) === index
    );
  const compared: ComparedPartition[] = [];
  for (const includeFuture of [true, false]) {
    const scope: RowScope = { axis, moment, includeFuture, settleSeconds, ttls };
    const some = extents.filter(({ partitionId }) => quiet(partitionId) === includeFuture);
    for (const batch of planBatches(some, axis)) {
      compared.push(...await compareBatch(ports, pair, partitions, scope, batch));
    }
  }
  return {
    partitions: compared,
    compared: sumDigests(compared.map(({ facts }) => facts.comparison.active)),
    hidden: [],
  };
}

/** The rows and the span of time of every partition, over both sites. */
function measure(ids: readonly string[], active: Partitions, parts: readonly VisiblePart[]): Extent[] {
  const spans = new Map<string, { from: bigint; to: bigint }>();
  for (const { partitionId, from, to } of parts) {
    if (from === null || to === null) continue;
    const span = spans.get(partitionId) ?? { from, to };
    spans.set(partitionId, { from: from < span.from ? from : span.from, to: to > span.to ? to : span.to });
  }
  return ids.map((partitionId) => ({
    partitionId,
    rows: active.get(partitionId)?.rows ?? 0n,
    from: spans.get(partitionId)?.from ?? null,
    to: spans.get(partitionId)?.to ?? null,
  }));
}

async function compareBatch(
  ports: Pick<CheckPorts, "here" | "there">,
  pair: TablePair,
  partitions: { readonly here: Partitions; readonly active: Partitions },
  scope: RowScope,
  { bucketing, partitions: extents }: Batch,
): Promise<ComparedPartition[]> {
  const ids = extents.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all" as const };
  const idsHere = ids.filter((id) => partitions.here.has(id));
  const [digestsHere, digestsThere] = await Promise.all([
    idsHere.length === 0 ? [] : ports.here.digests({ ...request, partitionIds: idsHere }),
    ports.there.digests({ ...request, partitionIds: ids }),
  ]);
  const [hereBy, thereBy] = [byPartition(digestsHere), byPartition(digestsThere)];
  const compared: ComparedPartition[] = [];
  for (const { partitionId, to } of extents) {
    const here: Partition | null = partitions.here.get(partitionId) ?? null;
    const active = partitions.active.get(partitionId);
    if (!active) continue;
    const comparison = compareBuckets(hereBy.get(partitionId) ?? [], thereBy.get(partitionId) ?? []);
    const buckets = comparison.partial.map(({ bucket }) => bucket);
    const rows = { ...request, partitionIds: [partitionId], buckets };
    const differences = engineFamily(pair.here.engine) === "plain" && buckets.length > 0
      ? await ports.here.differences(rows)
      : [];
    const twins = await countTwins(ports, rows, differences);
    compared.push({ bucketing, facts: { here, active, scope, comparison, differences, twins, newest: to } });
  }
  return compared;
}

/** Only buckets in which rows are missing and others surplus can hold twins. */
async function countTwins(
  { here }: Pick<CheckPorts, "here">,
  request: PartitionsRequest,
  differences: readonly BucketDifference[],
): Promise<bigint> {
  const both = differences.filter(({ missing, surplus }) => missing.rows > 0n && surplus.rows > 0n);
  if (both.length === 0) return 0n;
  return await here.twins({ ...request, buckets: both.map(({ bucket }) => bucket) });
}

function byPartition(digests: readonly BucketDigest[]): Map<string, BucketDigest[]> {
  return Map.groupBy(digests, ({ partitionId }) => partitionId);
}
