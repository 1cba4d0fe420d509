/** The local ClickHouse: everything that writes, and everything that reads the remote site through `remote()`. */
import type { Admitted, WritableSite } from "../check/ports/writable_site.ts";
import type { RepairProgress } from "../check/ports/observer.ts";
import type {
  AbsentRowsRequest,
  MergedRequest,
  PartitionsRequest,
  SampleRequest,
} from "../check/ports/readable_site.ts";
import type { Side } from "../check/replicas/believe.ts";
import type { KeptTable } from "../model/kept.ts";
import type { FeedingView, KeyedDifference, KeyedRequest, ViewKind } from "../model/derived_view.ts";
import type { Remedy } from "../model/drift.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { PartLoad } from "../model/part_load.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type { BucketDifference, BucketDigest } from "../model/scope.ts";
import type { LeadsTo, RunsAsked, SiteName } from "../model/site.ts";
import type { FeedOutcome, StagingTable } from "../model/staging.ts";
import type { Catalog, Table, TableId, TablePair } from "../model/table.ts";
import { settleFeed } from "./repair/feed_views.ts";
import { ReadableClickHouse, type ReadableSiteOptions } from "./readable_site.ts";
import { readPartLoad } from "./repair/part_load.ts";
import { BatchRepair } from "./repair/batch_repair.ts";
import { PartitionRepair } from "./repair/partition_repair.ts";
import { askUntaken, askWhereItLeads } from "./catalog/ask_road.ts";
import { createHere, shownStatements } from "./catalog/create_here.ts";
import { fixTtl, materializeColumns, remedyStatements } from "./catalog/definitions.ts";
import { readAbsentRows, readDifferences, readTwins } from "./compare/read_differences.ts";
import { putTogetherBy } from "./engines/put_together.ts";
import { readViewKind } from "./catalog/read_view_kind.ts";
import { dropMade } from "./repair/drop_made.ts";
import { findStaging } from "./repair/find_staging.ts";
import { killCheck, stagingName } from "./repair/leftover_statements.ts";
import { decodeKept, keptName, type KeptRow, listKept } from "./repair/kept_statements.ts";
import { type CopyBounds, remoteOptions } from "./sql/remote_options.ts";
import { olderValues } from "./dialect/versions.ts";
import { asOld, masked, ownAccess, type RemoteAccess } from "./sql/remote_table.ts";
import { readFreeBytes } from "./repair/free_space.ts";
import { repairStatements } from "./repair/staging_statements.ts";
import { readUncovered } from "./compare/read_covered.ts";
import { readKeyedDifference, readMergedDifference, readScatteredKeys } from "./compare/read_merged.ts";
import { readConflictColumns, readTwinColumns } from "./compare/read_twin_columns.ts";
import type { NearRequest } from "./compare/near_rows.ts";
import { readSample } from "./compare/read_sample.ts";
import { readNearRows } from "./compare/read_near_rows.ts";
import { UNSTEADY_FUNCTIONS, unsteadyNames } from "./catalog/stored_columns.ts";

export interface WritableSiteOptions extends ReadableSiteOptions, CopyBounds {
  readonly role: SiteName;
  readonly remote: RemoteAccess;
  /** To the servers of the remote site. */
  readonly others: readonly Pick<ReadableSiteOptions["connection"], "oldVersion">[];
  /** Where staging tables lie; null: beside the table that they are for. */
  readonly stagingDatabase: string | null;
  /** Tells the staging tables of this check from those of others: letters and digits. */
  readonly checkId: string;
}

export class WritableClickHouse extends ReadableClickHouse implements WritableSite {
  readonly #options: WritableSiteOptions;
  #stagings = 0;

  constructor(options: WritableSiteOptions) {
    super(options);
    this.#options = options;
  }

  get #older() {
    return olderValues(...[this.connection, ...this.#options.others].map(({ oldVersion }) => oldVersion));
  }

  /** Goes with every statement that reads the remote site. */
  get bounds(): ReturnType<typeof remoteOptions> {
    return remoteOptions(this.#options, this.#older);
  }

  /** As its servers are. */
  get remote(): RemoteAccess {
    return asOld(this.#options.remote, this.#older.allow_experimental_analyzer === 0);
  }

  async leadsTo(runs: RunsAsked, shard = 0): Promise<LeadsTo[]> {
    return await askWhereItLeads(this.connection, this.remote, this.bounds, runs, shard);
  }

  async leadsToShard(runs: RunsAsked, shard: number): Promise<LeadsTo[]> {
    return await askWhereItLeads(this.connection, ownAccess(this.remote), this.bounds, runs, shard);
  }

  async untakenSettings(): Promise<string | null> {
    return await askUntaken(this.connection, this.remote, this.bounds);
  }

  async absentRows(request: AbsentRowsRequest): Promise<BucketDigest[]> {
    return await readAbsentRows(this.connection, request, this.remote, this.bounds);
  }

  async differences(request: PartitionsRequest): Promise<BucketDifference[]> {
    return await readDifferences(this.connection, request, this.remote, this.bounds);
  }

  async mergedDifference(request: MergedRequest): Promise<MergedDifference> {
    return await readMergedDifference(this.connection, request, this.remote, this.bounds);
  }

  async scatteredKeys(request: MergedRequest, side: Side): Promise<bigint> {
    return await readScatteredKeys(this.connection, request, this.remote, side, this.bounds);
  }

  async keyedDifference(request: KeyedRequest): Promise<KeyedDifference> {
    return await readKeyedDifference(this.connection, request, this.remote, this.bounds);
  }

  async uncovered(request: KeyedRequest): Promise<Map<string, bigint>> {
    return await readUncovered(this.connection, request, this.remote, this.bounds);
  }

  putTogether({ here }: TablePair, by: KeyedRequest["by"]) {
    return putTogetherBy(here, by);
  }

  async viewKind(view: FeedingView, unsteady: ReadonlySet<string>): Promise<ViewKind> {
    return await readViewKind(this.connection, view, unsteady);
  }

  async twins(request: PartitionsRequest) {
    return await readTwins(this.connection, request, this.remote, this.bounds);
  }

  async twinColumns(request: PartitionsRequest) {
    return await readTwinColumns(this.connection, request, this.remote, this.bounds);
  }

  async conflictColumns(request: MergedRequest) {
    return await readConflictColumns(this.connection, request, this.remote, this.bounds);
  }

  async nearRows(request: NearRequest) {
    return await readNearRows(this.connection, request, this.remote, this.bounds);
  }

  async sampleRows(request: SampleRequest) {
    return await readSample(this.connection, request, this.remote, this.bounds);
  }

  repairStatements(repair: Repair): Promise<string[]> {
    const [staging, { oldVersion }] = [this.staging(repair.pair.here.id, "plan"), this.connection];
    return Promise.resolve(repairStatements(repair, staging, masked(this.remote), oldVersion));
  }

  async freeBytes(table: TableId): Promise<number | null> {
    return await readFreeBytes(this.connection, table);
  }

  async partLoad(table: Table): Promise<PartLoad> {
    return await readPartLoad(this.connection, table);
  }

  async repair(
    repair: Repair,
    progress: RepairProgress,
    objection: () => Promise<string | null>,
  ): Promise<RepairOutcome> {
    const nextStaging = () => this.staging(repair.pair.here.id, String(++this.#stagings));
    const staging = nextStaging();
    return await new PartitionRepair({
      connection: this.connection,
      repair,
      staging,
      kept: { ...staging, name: keptName(this.#options.role, repair, new Date(), String(this.#stagings)) },
      nextStaging,
      remote: this.remote,
      objection,
      copyOptions: this.bounds,
      partition: async () => (await this.partitionsOf(repair.pair.here)).get(repair.partitionId) ?? null,
      mergedDifference: (request) => this.mergedDifference(request),
      catalog: () => this.catalog(),
      progress,
    }).run();
  }

  async repairTogether(batch: readonly Repair[], progress: RepairProgress, admitted: Admitted) {
    const staging = this.staging(batch[0]!.pair.here.id, String(++this.#stagings));
    const options = { site: this, batch, staging, progress, admitted };
    return await new BatchRepair({ connection: this.connection, ...options }).run();
  }

  createStatements(table: Table, here: Catalog, version: string): string[] {
    return shownStatements(table, here, version);
  }

  async create(table: Table, here: Catalog): Promise<void> {
    await createHere(this.connection, table, here);
  }

  async stagingTables(): Promise<StagingTable[]> {
    return await findStaging(this.connection, this.#options.role);
  }

  async dropStaging({ id, checkId, running }: StagingTable): Promise<void> {
    // A statement outlives the ch-sync that sent it, and would hold the table up.
    if (running) await this.connection.command(killCheck(this.#options.role, checkId));
    await dropMade(this.connection, id);
  }

  async settleFeed(staging: StagingTable): Promise<{ outcome: FeedOutcome; staging: StagingTable }> {
    if (staging.feed === null) return { outcome: "nothing", staging };
    const { outcome, id } = await settleFeed(this.connection, staging.id, staging.feed);
    return { outcome, staging: { ...staging, id } };
  }

  async keptTables(): Promise<KeptTable[]> {
    return (await this.connection.rows<KeptRow>(listKept(this.#options.role))).map(decodeKept);
  }

  async dropKept({ id }: KeptTable): Promise<void> {
    await dropMade(this.connection, id);
  }

  async unsteadyFunctions(): Promise<Set<string>> {
    const rows = await this.connection.rows<{ function: string }>(UNSTEADY_FUNCTIONS);
    return unsteadyNames(rows.map((row) => row.function));
  }

  materializeStatements(table: TableId, columns: readonly string[]): string[] {
    return [materializeColumns(table, columns)];
  }

  remedyStatements(pair: TablePair, remedies: readonly Remedy[]): string[] {
    return remedies.flatMap((remedy) => remedyStatements(pair, remedy));
  }

  ttlStatement(pair: TablePair): string | null {
    return fixTtl(pair);
  }

  /** A name for a staging table of this check. */
  staging({ database }: TableId, number: string): TableId {
    const { stagingDatabase, role, checkId } = this.#options;
    return { database: stagingDatabase ?? database, name: stagingName(role, checkId, number) };
  }
}
