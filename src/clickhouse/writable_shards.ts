/** This site as one, where it has several shards: each answers for its rows, and the first one reads both sites. */
import type { RepairProgress } from "../check/ports/observer.ts";
import type { WritableSite } from "../check/ports/writable_site.ts";
import { addPartLoads } from "../check/shards/add_part_loads.ts";
import type { KeptTable } from "../model/kept.ts";
import type { PartLoad } from "../model/part_load.ts";
import type { OutcomesTogether, Repair, RepairOutcome } from "../model/repair.ts";
import type { NativeAddress } from "../model/settings.ts";
import type { FeedOutcome, StagingTable } from "../model/staging.ts";
import { type Catalog, type Table, type TableId, tableName } from "../model/table.ts";
import { createTable } from "./catalog/definitions.ts";
import { errorText } from "../text/error_text.ts";
import { placementOf, readSpreadingRules, type SpreadingRules } from "./catalog/read_placement.ts";
import { FirstShard, KEYS } from "./first_shard.ts";
import type { Connection } from "./http/connection.ts";
import { ShardsRepair } from "./repair/shards_repair.ts";
import { repairStatements } from "./repair/staging_statements.ts";
import { type Placement, placing } from "./sql/placement.ts";
import { masked, ownAccess } from "./sql/remote_table.ts";
import type { WritableClickHouse } from "./writable_site.ts";

/** One shard of this site, by the replica that was picked of it. */
export interface OwnShard {
  readonly url: string;
  readonly connection: Connection;
  /** As the first one reaches it. */
  readonly native: NativeAddress;
  readonly site: WritableClickHouse;
}

/** Nothing is answered, and nothing done, unless every shard answers. */
export class WritableShards extends FirstShard implements WritableSite {
  readonly #own: readonly OwnShard[];
  #rules: Promise<SpreadingRules> | null = null;
  #catalogs: Promise<readonly Catalog[]> | null = null;
  #stagings = 0;

  /** @param shards two at least */
  constructor(shards: readonly OwnShard[]) {
    super(shards);
    this.#own = shards;
  }

  async repairStatements(repair: Repair): Promise<string[]> {
    const { here } = repair.pair;
    const remote = masked(this.first.remote);
    const staging = this.first.staging(here.id, "plan");
    const into = placing(ownAccess(remote), await this.#placement(here), staging);
    const [{ connection }] = this.#own as readonly [OwnShard];
    return repairStatements(repair, staging, remote, connection.oldVersion, into);
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

  /** A row may belong on any shard: each partition goes by itself. */
  repairTogether(): Promise<OutcomesTogether> {
    return Promise.resolve(new Map());
  }

  async repair(
    repair: Repair,
    progress: RepairProgress,
    objection: () => Promise<string | null>,
  ): Promise<RepairOutcome> {
    const { id } = repair.pair.here;
    const { remote } = this.first;
    if (repair.method !== "attach") throw new TypeError(KEYS);
    const catalogs = await (this.#catalogs ?? this.#readCatalogs());
    let placement: Placement;
    try {
      placement = await this.#placement(repair.pair.here);
    } catch (error) {
      return { kind: "failed", error: errorText(error) };
    }
    return await new ShardsRepair({
      shards: this.#own.map(({ connection, site }, at) => {
        const table = catalogs[at]!.tables.get(tableName(id))!;
        const partition = async () => (await site.partitionsOf(table)).get(repair.partitionId) ?? null;
        return { connection, table, partition };
      }),
      repair,
      remote: { ...remote, own: ownAccess(remote) },
      placement,
      nextStaging: () => this.first.staging(id, String(++this.#stagings)),
      copyOptions: this.first.bounds,
      progress,
      objection,
      mergedDifference: (request) => this.mergedDifference(request),
      partition: async () => (await this.partitionsOf(repair.pair.here)).get(repair.partitionId) ?? null,
    }).run();
  }

  /** On every shard; what was created on some only is refused by the next check, by name. */
  async create(table: Table, here: Catalog): Promise<void> {
    if (table.engine.startsWith("Replicated")) {
      throw new Error(
        "on each shard of this site a Replicated table needs a path of its own in Keeper; create it there yourself",
      );
    }
    // What one of them does not take is created on none.
    createTable(table, here);
    const catalogs = await (this.#catalogs ?? this.#readCatalogs());
    for (const [at, { site }] of this.#own.entries()) await site.create(table, catalogs[at]!);
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
