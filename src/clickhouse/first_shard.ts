/** What the first shard of this site answers for all of them: everything that reads both sites, and what only needs a server. */
import type { NearRows } from "../check/compare/pair_off.ts";
import type {
  AbsentRowsRequest,
  BucketTwins,
  MergedRequest,
  PartitionsRequest,
  SampleRequest,
  TwinColumns,
} from "../check/ports/readable_site.ts";
import type { Side } from "../check/replicas/believe.ts";
import { ShardedSite } from "../check/shards/sharded_site.ts";
import type { FeedingView, KeyedDifference, KeyedRequest, ViewKind } from "../model/derived_view.ts";
import type { Remedy } from "../model/drift.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { BucketDifference, BucketDigest } from "../model/scope.ts";
import type { LeadsTo, RunsAsked } from "../model/site.ts";
import type { Catalog, Table, TableId, TablePair } from "../model/table.ts";
import type { NearRequest } from "./compare/near_rows.ts";
import type { WritableClickHouse } from "./writable_site.ts";

export class FirstShard extends ShardedSite {
  /** It reads both sites, as wholes. */
  protected readonly first: WritableClickHouse;

  /** @param shards two at least, each with its address */
  constructor(shards: readonly { readonly url: string; readonly site: WritableClickHouse }[]) {
    super(shards, "here");
    this.first = shards[0]!.site;
  }

  leadsTo(runs: RunsAsked, shard?: number): Promise<LeadsTo[]> {
    return this.first.leadsTo(runs, shard);
  }

  leadsToShard(runs: RunsAsked, shard: number): Promise<LeadsTo[]> {
    return this.first.leadsToShard(runs, shard);
  }

  untakenSettings(): Promise<string | null> {
    return this.first.untakenSettings();
  }

  absentRows(request: AbsentRowsRequest): Promise<BucketDigest[]> {
    return this.first.absentRows(request);
  }

  differences(request: PartitionsRequest): Promise<BucketDifference[]> {
    return this.first.differences(request);
  }

  twins(request: PartitionsRequest): Promise<BucketTwins[]> {
    return this.first.twins(request);
  }

  twinColumns(request: PartitionsRequest): Promise<TwinColumns> {
    return this.first.twinColumns(request);
  }

  nearRows(request: NearRequest): Promise<NearRows> {
    return this.first.nearRows(request);
  }

  sampleRows(request: SampleRequest) {
    return this.first.sampleRows(request);
  }

  mergedDifference(request: MergedRequest): Promise<MergedDifference> {
    return this.first.mergedDifference(request);
  }

  scatteredKeys(request: MergedRequest, side: Side): Promise<bigint> {
    return this.first.scatteredKeys(request, side);
  }

  conflictColumns(request: MergedRequest): Promise<TwinColumns> {
    return this.first.conflictColumns(request);
  }

  /** Rows of one key may lie on several shards, so tables of which this is asked are refused before. */
  keyedDifference(): Promise<KeyedDifference> {
    throw new TypeError(KEYS);
  }

  uncovered(request: KeyedRequest): Promise<ReadonlyMap<string, bigint>> {
    return this.first.uncovered(request);
  }

  putTogether(pair: TablePair, by: KeyedRequest["by"]) {
    return this.first.putTogether(pair, by);
  }

  viewKind(view: FeedingView, unsteady: ReadonlySet<string>): Promise<ViewKind> {
    return this.first.viewKind(view, unsteady);
  }

  unsteadyFunctions(): Promise<ReadonlySet<string>> {
    return this.first.unsteadyFunctions();
  }

  createStatements(table: Table, here: Catalog, version: string): string[] {
    return this.first.createStatements(table, here, version);
  }

  materializeStatements(table: TableId, columns: readonly string[]): string[] {
    return this.first.materializeStatements(table, columns);
  }

  remedyStatements(pair: TablePair, remedies: readonly Remedy[]): string[] {
    return this.first.remedyStatements(pair, remedies);
  }

  ttlStatement(pair: TablePair): string | null {
    return this.first.ttlStatement(pair);
  }
}

/** Why a statement that was asked for is not one for several shards: tables that need it are refused before. */
export const KEYS = "keys cannot be compared over several shards";
