/** The compare methods: how the partitions of a batch are compared, by what their row counts suggest. */
import { type Digest, sameDigest } from "../../model/digest.ts";
import type { BucketDigest, DigestGrain } from "../../model/scope.ts";
import { type Batch, type Extent, planBatches } from "./cut_into_buckets.ts";
import { type BucketComparison, compareBuckets } from "./compare_buckets.ts";
import type { PartitionFacts } from "../judge/partition_facts.ts";
import { type Answered, totalOf } from "./answered.ts";
import type { CompareMethod } from "../judge/judged_partition.ts";
import { digestCells, isSpread, lacksFew } from "./compare_cells.ts";
import type { ComparisonContext, ReadPorts } from "./comparison_context.ts";
import { compareMerged } from "./compare_merged.ts";
import { compareRows, hasMoreThere, type RowFacts } from "./compare_rows.ts";

export interface ComparedPartition {
  readonly facts: PartitionFacts;
  readonly bucketing: Batch["bucketing"];
  /** What the differences must account for: of its rows, and of what they come down to where that was compared. */
  readonly answered: Answered;
  readonly answeredMerged: Answered | null;
  /** Looks for what the facts only presume; absent: they are certain. */
  readonly exactly?: () => Promise<RowFacts>;
}

export const COMPARE: Readonly<
  Record<CompareMethod, (context: ComparisonContext, batch: Batch) => Promise<ComparedPartition[]>>
> = {
  absent: measureAbsent,
  counted: compareCounts,
  alike: compareByPartition,
  apart: compareByBucket,
  merging: compareMerging,
};

/** Partitions of which this site has no part: there is nothing to compare with, so one digest of each will do. */
async function measureAbsent(context: ComparisonContext, batch: Batch): Promise<ComparedPartition[]> {
  const { pair, scope, ports: { there } } = context;
  const { bucketing, partitions } = batch;
  const partitionIds = partitions.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all", partitionIds, grain: "copy" } as const;
  const digests = byPartition(await there.digests(request));
  return partitions.flatMap((extent) => {
    const digestsThere = digests.get(extent.partitionId) ?? [];
    const answered = { here: totalOf([]), there: totalOf(digestsOf(digestsThere)) };
    return compared(context, batch, extent, { comparison: compareBuckets([], digestsThere), answered });
  });
}

/** Buckets with as many rows at both sites are taken to be equal; a partition with others is compared in full. */
async function compareCounts(context: ComparisonContext, batch: Batch): Promise<ComparedPartition[]> {
  const comparisons = await digestBoth(context, batch, "count");
  const differing: Extent[] = [];
  const equal = batch.partitions.flatMap((extent): ComparedPartition[] => {
    const both = comparisons(extent);
    const { comparison } = both;
    if (
      sameDigest(comparison.here, comparison.there) &&
      comparison.partial.length + comparison.absent.length === 0
    ) {
      return compared(context, batch, extent, both).map((one) => ({
        ...one,
        facts: { ...one.facts, counted: true },
      }));
    }
    differing.push(extent);
    return [];
  });
  for (const rest of planBatches(differing, context.scope.axis)) {
    equal.push(...await compareByBucket(context, rest));
  }
  return equal;
}

/** Partitions with as many rows at both sites are most likely equal: one digest of each tells, by one hash. */
async function compareByPartition(context: ComparisonContext, batch: Batch): Promise<ComparedPartition[]> {
  const comparisons = await digestBoth(context, batch, "alike");
  const differing: Extent[] = [];
  const equal = batch.partitions.flatMap((extent) => {
    const both = comparisons(extent);
    const { comparison } = both;
    if (sameDigest(comparison.here, comparison.there)) return compared(context, batch, extent, both);
    differing.push(extent);
    return [];
  });
  for (const rest of planBatches(differing, context.scope.axis)) {
    equal.push(...await compareByBucket(context, rest));
  }
  return equal;
}

/**
 * Partitions of an engine that merges rows: the sites may differ only in what has been merged already, so what remains
 * once everything is merged is compared.
 */
async function compareMerging(context: ComparisonContext, batch: Batch): Promise<ComparedPartition[]> {
  const comparisons = await digestBoth(context, batch, "partition");
  const found: ComparedPartition[] = [];
  for (const extent of batch.partitions) {
    const both = comparisons(extent);
    const { comparison } = both;
    const [one] = compared(context, batch, extent, both);
    if (!one) continue;
    if (sameDigest(comparison.here, comparison.there)) {
      found.push(one);
      continue;
    }
    const { merged, answered } = await compareMerged(context.ports, context, extent);
    found.push({ ...one, facts: { ...one.facts, merged }, answeredMerged: answered });
  }
  return found;
}

/** Partitions that differ, or may: their buckets tell where, and the rows of those buckets tell what. */
async function compareByBucket(context: ComparisonContext, batch: Batch): Promise<ComparedPartition[]> {
  const { ports, pair, scope } = context;
  const sparse = await digestSparse(context, batch);
  const whole = batch.partitions.filter(({ partitionId }) => !sparse.has(partitionId));
  const comparisons = await digestBoth(context, { ...batch, partitions: whole }, "bucket");
  const found: ComparedPartition[] = [];
  for (const extent of batch.partitions) {
    const both = sparse.get(extent.partitionId) ?? comparisons(extent);
    const { comparison, missingHashes } = both;
    const rows = { pair, scope, bucketing: batch.bucketing, partitionIds: [extent.partitionId] };
    const look = (presume: boolean) => compareRows(ports, rows, comparison, presume);
    const presumed = context.mayPresume(extent.partitionId) && comparison.partial.some(hasMoreThere);
    const facts = await look(presumed);
    const told = presumed && missingHashes ? { ...facts, missingHashes } : facts;
    const one = compared(context, batch, extent, both, told);
    found.push(...one.map((one) => presumed ? { ...one, exactly: () => look(false) } : one));
  }
  return found;
}

/**
 * Those of a batch that lack few rows all over: the hashes of these rows come with the digests. An outage leaves gaps in each of them, and a
 * collector that loses rows loses some of each, so the first one tells for all.
 */
async function digestSparse(context: ComparisonContext, batch: Batch): Promise<Map<string, BothAnswers>> {
  const some = batch.partitions.filter((extent) => lacksFew(context, extent));
  const [first] = some;
  if (!first) return new Map();
  const counts = await digestBoth(context, { ...batch, partitions: [first] }, "count");
  if (!isSpread(counts(first).comparison)) return new Map();
  const answered = await Promise.all(some.map(async (extent) => {
    const cells = await digestCells(context, batch, extent);
    if (cells === null) return [];
    const { here, there, missingHashes } = cells;
    return [[extent.partitionId, { ...answersOf(here, there), missingHashes }] as const];
  }));
  return new Map(answered.flat());
}

/** Digests a batch at both sites at once; the answer compares one of its partitions. */
async function digestBoth(
  { ports: { here, there }, pair, scope }: ComparisonContext,
  { bucketing, partitions }: Batch,
  grain: Exclude<DigestGrain, "copy">,
): Promise<(extent: Extent) => BothAnswers> {
  const partitionIds = partitions.map(({ partitionId }) => partitionId);
  const request = { pair, scope, bucketing, buckets: "all", partitionIds, grain } as const;
  const ask = async (site: ReadPorts["here" | "there"]) =>
    byPartition(partitionIds.length > 0 ? await site.digests(request) : []);
  const [digestsHere, digestsThere] = await Promise.all([ask(here), ask(there)]);
  return ({ partitionId }) => {
    const ofHere = digestsHere.get(partitionId) ?? [];
    const ofThere = digestsThere.get(partitionId) ?? [];
    return answersOf(ofHere, ofThere);
  };
}

function answersOf(here: readonly BucketDigest[], there: readonly BucketDigest[]): BothAnswers {
  return {
    comparison: compareBuckets(here, there),
    answered: { here: totalOf(digestsOf(here)), there: totalOf(digestsOf(there)) },
  };
}

/** What both sites answered of one partition, and how that compares. */
interface BothAnswers {
  readonly comparison: BucketComparison;
  readonly answered: Answered;
  /** As in `PartitionFacts`; null: they could not be told. */
  readonly missingHashes?: BigUint64Array | null;
}

/** The facts of one partition; none if the active site has lost it in the meantime. */
function compared(
  { partitions, scope }: ComparisonContext,
  { bucketing }: Batch,
  { partitionId, from, to }: Extent,
  { comparison, answered }: BothAnswers,
  rows: RowFacts = { differences: [], twins: 0n, twinsAmong: 0n },
): ComparedPartition[] {
  const [here, there] = [partitions.here.get(partitionId) ?? null, partitions.there.get(partitionId)];
  if (!there) return [];
  const facts = { here, there, scope, comparison, ...rows, oldest: from, newest: to };
  return [{ bucketing, facts, answered, answeredMerged: null }];
}

function digestsOf(answer: readonly BucketDigest[]): Digest[] {
  return answer.map(({ digest }) => digest);
}

function byPartition(digests: readonly BucketDigest[]): Map<string, BucketDigest[]> {
  return Map.groupBy(digests, ({ partitionId }) => partitionId);
}
