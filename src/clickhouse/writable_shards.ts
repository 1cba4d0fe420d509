/** This site as one, where it has several shards: each answers for its rows, and the first one reads both sites. */
import type { NearRows } from "../check/compare/pair_off.ts";
import type { BucketTwins, PartitionsRequest, TwinColumns } from "../check/ports/readable_site.ts";
import type { WritableSite } from "../check/ports/writable_site.ts";
import type { RepairProgress } from "../check/ports/observer.ts";
import { addPartLoads } from "../check/shards/add_part_loads.ts";
import { ShardedSite } from "../check/shards/sharded_site.ts";
import type { FeedingView, KeyedDifference, KeyedRequest, ViewKind } from "../model/derived_view.ts";
import type { Remedy } from "../model/drift.ts";
import type { KeptTable } from "../model/kept.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { PartLoad } from "../model/part_load.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type { BucketDifference, BucketDigest } from "../model/scope.ts";
import type { NativeAddress } from "../model/settings.ts";
import type { LeadsTo } from "../model/site.ts";
import type { FeedOutcome, StagingTable } from "../model/staging.ts";
import { type Catalog, type Table, type TableId, tableName, type TablePair } from "../model/table.ts";
import { placementOf, readSpreadingRules, type SpreadingRules } from "./catalog/read_placement.ts";
import type { Connection } from "./http/connection.ts";
import type { NearRequest } from "./compare/near_rows.ts";
import { ShardsRepair } from "./repair/shards_repair.ts";
import { repairStatements } from "./repair/staging_statements.ts";
import { type CopyBounds, remoteOptions } from "./sql/remote_options.ts";
import { type Placement, placing } from "./sql/placement.ts";
import { masked, type RemoteAccess } from "./sql/remote_table.ts";
import type { WritableClickHouse } from "./writable_site.ts";

/** One shard of this site, by the replica that was picked of it. */
export interface OwnShard {
  readonly url: string;
  readonly connection: Connection;
  /** As the first one reaches it. */
  readonly native: NativeAddress;
  readonly site: WritableClickHouse;
}

export interface WritableShardsOptions extends CopyBounds {
  readonly remote: RemoteAccess & { readonly own: RemoteAccess };
}

/** Nothing is answered, and nothing done, unless every shard answers. */
export class WritableShards extends ShardedSite implements WritableSite {
  readonly #own: readonly OwnShard[];
  readonly #options: WritableShardsOptions;
  #rules: Promise<SpreadingRules> | null = null;
  #catalogs: Promise<readonly Catalog[]> | null = null;
  #stagings = 0;

  /** @param shards two at least */
  constructor(shards: readonly OwnShard[], options: WritableShardsOptions) {
    super(shards, "here");
    this.#own = shards;
    this.#options = options;
  }

  /** Reads both sites, as a whole. */
  get #first(): WritableClickHouse {
    return this.#own[0]!.site;
  }

  leadsTo(runs: { readonly remote: string; readonly local: string }, shard?: number): Promise<LeadsTo[]> {
    return this.#first.leadsTo(runs, shard);
  }

  leadsToShard(
    runs: { readonly remote: string; readonly local: string },
    shard: number,
  ): Promise<LeadsTo[]> {
    return this.#first.leadsToShard(runs, shard);
  }

  untakenSettings(): Promise<string | null> {
    return this.#first.untakenSettings();
  }

  absentRows(request: PartitionsRequest): Promise<BucketDigest[]> {
    return this.#first.absentRows(request);
  }

  differences(request: PartitionsRequest): Promise<BucketDifference[]> {
    return this.#first.differences(request);
  }

  twins(request: PartitionsRequest): Promise<BucketTwins[]> {
    return this.#first.twins(request);
  }

  twinColumns(request: PartitionsRequest): Promise<TwinColumns> {
    return this.#first.twinColumns(request);
  }

  nearRows(request: NearRequest): Promise<NearRows> {
    return this.#first.nearRows(request);
  }

  /** Rows of one key may lie on several shards, so tables of which this is asked are refused before. */
  mergedDifference(): Promise<MergedDifference> {
    throw new TypeError(KEYS);
  }

  keyedDifference(): Promise<KeyedDifference> {
    throw new TypeError(KEYS);
  }

  conflictColumns(): Promise<TwinColumns> {
    throw new TypeError(KEYS);
  }

  putTogether(pair: TablePair, by: KeyedRequest["by"]) {
    return this.#first.putTogether(pair, by);
  }

  viewKind(view: FeedingView, unsteady: ReadonlySet<string>): Promise<ViewKind> {
    return this.#first.viewKind(view, unsteady);
  }

  unsteadyFunctions(): Promise<ReadonlySet<string>> {
    return this.#first.unsteadyFunctions();
  }

  async repairStatements(repair: Repair): Promise<string[]> {
    const { here } = repair.pair;
    const remote = masked(this.#options.remote);
    const staging = this.#first.staging(here.id, "plan");
    const into = placing(remote.own!, await this.#placement(here), staging);
    return repairStatements(repair, staging, remote, into);
  }

  /** Of the fullest one: all rows of a partition may belong on one shard. */
  async freeBytes(table: TableId): Promise<number | null> {
    const each = await Promise.all(this.#own.map(({ site }) => site.freeBytes(table)));
    const known = each.filter((free) => free !== null);
    return known.length < each.length ? null : Math.min(...known);
  }

  async partLoad(table: Table): Promise<PartLoad> {
    return addPartLoads(await Promise.all(this.#own.map(({ site }) => site.partLoad(table))));
  }

  async repair(repair: Repair, progress: RepairProgress): Promise<RepairOutcome> {
    const { id } = repair.pair.here;
    if (repair.method !== "attach" || repair.merged !== null) throw new TypeError(KEYS);
    const catalogs = await (this.#catalogs ?? this.#readCatalogs());
    return await new ShardsRepair({
      shards: this.#own.map(({ connection, site }, at) => {
        const table = catalogs[at]!.tables.get(tableName(id))!;
        const partition = async () => (await site.partitionsOf(table)).get(repair.partitionId) ?? null;
        return { connection, table, partition };
      }),
      repair,
      remote: this.#options.remote,
      placement: await this.#placement(repair.pair.here),
      nextStaging: () => this.#first.staging(id, String(++this.#stagings)),
      copyOptions: remoteOptions(this.#options),
      progress,
      partition: async () => (await this.partitionsOf(repair.pair.here)).get(repair.partitionId) ?? null,
    }).run();
  }

  createStatements(table: Table, here: Catalog, version: string): string[] {
    return this.#first.createStatements(table, here, version);
  }

  /** On every shard; what was created on some only is refused by the next check, by name. */
  async create(table: Table, here: Catalog): Promise<void> {
    if (table.engine.startsWith("Replicated")) {
      throw new Error(
        "on each shard of this site a Replicated table needs a path of its own in Keeper; create it there yourself",
      );
    }
    for (const { site } of this.#own) await site.create(table, here);
  }

  async stagingTables(): Promise<StagingTable[]> {
    const found = await this.#ofEach((site) => site.stagingTables());
    const running = new Set(found.flatMap(({ checkId, running }) => running ? [checkId] : []));
    // The first shard runs the statement that fills those of the others.
    return found.map((staging) => ({ ...staging, running: running.has(staging.checkId) }));
  }

  async settleFeed(
    staging: StagingTable,
  ): Promise<{ readonly outcome: FeedOutcome; readonly staging: StagingTable }> {
    return await this.#at(staging).settleFeed(staging);
  }

  async dropStaging(staging: StagingTable): Promise<void> {
    await this.#at(staging).dropStaging(staging);
  }

  async keptTables(): Promise<KeptTable[]> {
    return await this.#ofEach((site) => site.keptTables());
  }

  async dropKept(kept: KeptTable): Promise<void> {
    await this.#at(kept).dropKept(kept);
  }

  materializeStatements(table: TableId, columns: readonly string[]): string[] {
    return this.#first.materializeStatements(table, columns);
  }

  remedyStatements(pair: TablePair, remedies: readonly Remedy[]): string[] {
    return this.#first.remedyStatements(pair, remedies);
  }

  ttlStatement(pair: TablePair): string | null {
    return this.#first.ttlStatement(pair);
  }

  protected override async catalogs(): Promise<readonly Catalog[]> {
    return await this.#readCatalogs();
  }

  #readCatalogs(): Promise<readonly Catalog[]> {
    this.#catalogs = Promise.all(this.#own.map(({ site }) => site.catalog()));
    return this.#catalogs;
  }

  async #placement(table: Table): Promise<Placement> {
    this.#rules ??= readSpreadingRules(this.#own.map(({ connection }) => connection));
    const [{ connection }] = this.#own as readonly [OwnShard];
    return await placementOf(connection, table, await this.#rules, this.#own.map(({ native }) => native));
  }

  async #ofEach<Found>(
    ask: (site: WritableClickHouse) => Promise<Found[]>,
  ): Promise<(Found & { at: string })[]> {
    const found = await Promise.all(
      this.#own.map(async ({ url, site }) => (await ask(site)).map((one) => ({ ...one, at: url }))),
    );
    return found.flat();
  }

  #at({ at }: { readonly at?: string }): WritableClickHouse {
    return (this.#own.find(({ url }) => url === at) ?? this.#own[0]!).site;
  }
}

const KEYS = "keys cannot be compared over several shards";
