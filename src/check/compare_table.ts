/** Comparing one table of both sites, partition by partition and bucket by bucket. */
import { type Digest, EMPTY_DIGEST, sameDigest, subtractDigests, sumDigests } from "../model/digest.ts";
import type { Partitions, VisiblePart } from "../model/partition.ts";
import type { BucketDifference, BucketDigest, Moment, RowScope } from "../model/scope.ts";
import type { TablePair } from "../model/table.ts";
import { type Batch, type Extent, planBatches } from "../reconcile/buckets.ts";
import { compareBuckets, type PartialBucket } from "../reconcile/compare_buckets.ts";
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
  const groups = Map.groupBy(
    extents,
    ({ partitionId }) => `${partitions.here.has(partitionId)} ${quiet(partitionId)}`,
  );
  for (const group of groups.values()) {
    const { partitionId } = group[0]!;
    const scope: RowScope = { axis, moment, includeFuture: quiet(partitionId), settleSeconds, ttls };
    const absent = !partitions.here.has(partitionId);
    for (const batch of planBatches(group, axis)) {
      compared.push(...await (absent ? measureAbsent : compareBatch)(ports, pair, partitions, scope, batch));
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

interface BothPartitions {
  readonly here: Partitions;
  readonly active: Partitions;
}

type ReadPorts = Pick<CheckPorts, "here" | "there">;

/** Partitions of which this site has no part are not compared with anything: one digest of each will do. */
async function measureAbsent(
  { there }: ReadPorts,
  pair: TablePair,
  partitions: BothPartitions,
  scope: RowScope,
  { bucketing, partitions: extents }: Batch,
): Promise<ComparedPartition[]> {
  const partitionIds = extents.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all" as const, partitionIds, coarse: true };
  const digests = byPartition(await there.digests(request));
  return extents.flatMap(({ partitionId, to }) => {
    const active = partitions.active.get(partitionId);
    if (!active) return [];
    const comparison = compareBuckets([], digests.get(partitionId) ?? []);
    const facts = { here: null, active, scope, comparison, differences: [], twins: 0n, newest: to };
    return [{ bucketing, facts }];
  });
}

async function compareBatch(
  ports: ReadPorts,
  pair: TablePair,
  partitions: BothPartitions,
  scope: RowScope,
  { bucketing, partitions: extents }: Batch,
): Promise<ComparedPartition[]> {
  const partitionIds = extents.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all" as const };
  const [digestsHere, digestsThere] = await Promise.all([
    ports.here.digests({ ...request, partitionIds }),
    ports.there.digests({ ...request, partitionIds }),
  ]);
  const [hereBy, thereBy] = [byPartition(digestsHere), byPartition(digestsThere)];
  const compared: ComparedPartition[] = [];
  for (const { partitionId, to } of extents) {
    const [here, active] = [partitions.here.get(partitionId), partitions.active.get(partitionId)];
    if (!here || !active) continue;
    const comparison = compareBuckets(hereBy.get(partitionId) ?? [], thereBy.get(partitionId) ?? []);
    const rows = { ...request, partitionIds: [partitionId] };
    const differences = engineFamily(pair.here.engine) === "plain"
      ? await differRowByRow(ports, rows, comparison.partial)
      : [];
    const twins = await countTwins(ports, rows, differences);
    compared.push({ bucketing, facts: { here, active, scope, comparison, differences, twins, newest: to } });
  }
  return compared;
}

/**
 * What differs within buckets that hold other rows on either side. Where the rows that are wholly absent here make up
 * the difference of the digests, that is all; only elsewhere is every row counted on both sides.
 */
async function differRowByRow(
  { here }: ReadPorts,
  request: Omit<PartitionsRequest, "buckets">,
  partial: readonly PartialBucket[],
): Promise<BucketDifference[]> {
  const short = partial.filter(({ here, active }) => active.rows > here.rows).map(({ bucket }) => bucket);
  const absent = short.length === 0 ? [] : await here.absentRows({ ...request, buckets: short });
  const missingBy = new Map(absent.map(({ bucket, digest }) => [bucket, digest]));
  const explained = partial.flatMap(({ bucket, here, active }): BucketDifference[] => {
    const missing = missingBy.get(bucket);
    return missing && sameDigest(missing, subtractDigests(active, here))
      ? [{ bucket, missing, repeated: 0n, surplus: EMPTY_DIGEST }]
      : [];
  });
  const known = new Set(explained.map(({ bucket }) => bucket));
  const buckets = partial.map(({ bucket }) => bucket).filter((bucket) => !known.has(bucket));
  return buckets.length === 0
    ? explained
    : [...explained, ...await here.differences({ ...request, buckets })];
}

/** Only buckets in which rows are missing and others surplus can hold twins. */
async function countTwins(
  { here }: ReadPorts,
  request: Omit<PartitionsRequest, "buckets">,
  differences: readonly BucketDifference[],
): Promise<bigint> {
  const both = differences.filter(({ missing, surplus }) => missing.rows > 0n && surplus.rows > 0n);
  if (both.length === 0) return 0n;
  return await here.twins({ ...request, buckets: both.map(({ bucket }) => bucket) });
}

function byPartition(digests: readonly BucketDigest[]): Map<string, BucketDigest[]> {
  return Map.groupBy(digests, ({ partitionId }) => partitionId);
}
