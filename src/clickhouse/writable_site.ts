/** The local ClickHouse: everything that writes, and everything that reads the remote site through `remote()`. */
import type { NearRows } from "../check/compare/pair_off.ts";
import type { Admitted, WritableSite } from "../check/ports/writable_site.ts";
import type { RepairProgress } from "../check/ports/observer.ts";
import type {
  BucketTwins,
  MergedRequest,
  PartitionsRequest,
  SampleRequest,
  TwinColumns,
} from "../check/ports/readable_site.ts";
import type { KeptTable } from "../model/kept.ts";
import type { FeedingView, KeyedDifference, KeyedRequest, ViewKind } from "../model/derived_view.ts";
import type { Remedy } from "../model/drift.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { PartLoad } from "../model/part_load.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type { BucketDifference, BucketDigest } from "../model/scope.ts";
import type { LeadsTo, SiteName } from "../model/site.ts";
import type { FeedOutcome, StagingTable } from "../model/staging.ts";
import type { Catalog, Table, TableId, TablePair } from "../model/table.ts";
import { settleFeed } from "./repair/feed_views.ts";
import { ReadableClickHouse, type ReadableSiteOptions } from "./readable_site.ts";
import { readPartLoad } from "./repair/part_load.ts";
import { BatchRepair } from "./repair/batch_repair.ts";
import { PartitionRepair } from "./repair/partition_repair.ts";
import { decodeDigest, type DigestRow } from "./compare/digest_statement.ts";
import { askUntaken, askWhereItLeads } from "./catalog/ask_road.ts";
import { createHere, shownStatements } from "./catalog/create_here.ts";
import { fixTtl, materializeColumns, remedyStatements } from "./catalog/definitions.ts";
import type { DifferenceRow, TwinsRow } from "./compare/row_difference.ts";
import {
  absentRowsStatement,
  decodeDifference,
  decodeTwins,
  differenceStatement,
  twinsStatement,
} from "./compare/row_difference.ts";
import type { KeyedDifferenceRow } from "./engines/keyed_rows.ts";
import { decodeKeyedDifference, keyedDifferenceStatement } from "./engines/keyed_rows.ts";
import { putTogetherBy } from "./engines/put_together.ts";
import { readViewKind } from "./catalog/read_view_kind.ts";
import type { MergedDifferenceRow } from "./engines/merged_statements.ts";
import { decodeMergedDifference, mergedDifferenceStatement } from "./engines/merged_statements.ts";
import { dropMade } from "./repair/drop_made.ts";
import { findStaging } from "./repair/find_staging.ts";
import { killCheck, stagingName } from "./repair/leftover_statements.ts";
import { decodeKept, keptName, type KeptRow, listKept } from "./repair/kept_statements.ts";
import { type CopyBounds, remoteOptions } from "./sql/remote_options.ts";
import type { Connection } from "./http/connection.ts";
import { olderValues } from "./dialect/versions.ts";
import type { RemoteAccess } from "./sql/remote_table.ts";
import { readFreeBytes } from "./repair/free_space.ts";
import { repairStatements } from "./repair/staging_statements.ts";
import { readConflictColumns, readTwinColumns } from "./compare/read_twin_columns.ts";
import type { NearRequest } from "./compare/near_rows.ts";
import { readSample } from "./compare/read_sample.ts";
import { readNearRows } from "./compare/read_near_rows.ts";
import { UNSTEADY_FUNCTIONS, unsteadyNames } from "./catalog/stored_columns.ts";

export interface WritableSiteOptions extends ReadableSiteOptions, CopyBounds {
  readonly role: SiteName;
  readonly remote: RemoteAccess;
  /** To the servers of the remote site. */
  readonly others: readonly Pick<Connection, "oldVersion">[];
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

  /** Goes with every statement that reads the remote site. */
  get #bounds(): ReturnType<typeof remoteOptions> {
    const older = [this.connection, ...this.#options.others].map(({ oldVersion }) => olderValues(oldVersion));
    return remoteOptions(this.#options, Object.assign({}, ...older));
  }

  async leadsTo(
    runs: { readonly remote: string; readonly local: string },
    shard = 0,
  ): Promise<LeadsTo[]> {
    return await askWhereItLeads(this.connection, this.#options.remote, this.#bounds, runs, shard);
  }

  async untakenSettings(): Promise<string | null> {
    return await askUntaken(this.connection, this.#options.remote, this.#bounds);
  }

  async absentRows(request: PartitionsRequest): Promise<BucketDigest[]> {
    const statement = absentRowsStatement(request, this.#options.remote);
    const rows = await this.connection.rows<DigestRow>(statement, this.#bounds);
    return this.decoded(() => rows.map(decodeDigest));
  }

  async differences(request: PartitionsRequest): Promise<BucketDifference[]> {
    const statement = differenceStatement(request, this.#options.remote);
    const rows = await this.connection.rows<DifferenceRow>(statement, this.#bounds);
    return this.decoded(() => rows.map(decodeDifference));
  }

  async mergedDifference(request: MergedRequest): Promise<MergedDifference> {
    const statement = mergedDifferenceStatement(request, this.#options.remote);
    const row = await this.connection.one<MergedDifferenceRow>(statement, this.#bounds);
    return this.decoded(() => decodeMergedDifference(row));
  }

  async keyedDifference(request: KeyedRequest): Promise<KeyedDifference> {
    const statement = keyedDifferenceStatement(request, this.#options.remote);
    const row = await this.connection.one<KeyedDifferenceRow>(statement, this.#bounds);
    return this.decoded(() => decodeKeyedDifference(row, request));
  }

  putTogether({ here }: TablePair, by: KeyedRequest["by"]) {
    return putTogetherBy(here, by);
  }

  async viewKind(view: FeedingView, unsteady: ReadonlySet<string>): Promise<ViewKind> {
    return await readViewKind(this.connection, view, unsteady);
  }

  async twins(request: PartitionsRequest): Promise<BucketTwins[]> {
    const statement = twinsStatement(request, this.#options.remote);
    const rows = await this.connection.rows<TwinsRow>(statement, this.#bounds);
    return this.decoded(() => rows.map(decodeTwins));
  }

  async twinColumns(request: PartitionsRequest): Promise<TwinColumns> {
    return await readTwinColumns(this.connection, request, this.#options.remote, this.#bounds);
  }

  async conflictColumns(request: MergedRequest): Promise<TwinColumns> {
    return await readConflictColumns(this.connection, request, this.#options.remote, this.#bounds);
  }

  async nearRows(request: NearRequest): Promise<NearRows> {
    return await readNearRows(this.connection, request, this.#options.remote, this.#bounds);
  }

  async sampleRows(request: SampleRequest) {
    return await readSample(this.connection, request, this.#options.remote, this.#bounds);
  }

  repairStatements(repair: Repair): string[] {
    const { remote } = this.#options;
    const redacted = { ...remote, credentials: { ...remote.credentials, password: "***" } };
    const { oldVersion } = this.connection;
    return repairStatements(repair, this.#staging(repair.pair.here.id, "plan"), redacted, oldVersion);
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
    const { role } = this.#options;
    const nextStaging = () => this.#staging(repair.pair.here.id, String(++this.#stagings));
    const staging = nextStaging();
    return await new PartitionRepair({
      ...this.#options,
      repair,
      staging,
      kept: { ...staging, name: keptName(role, repair, new Date(), String(this.#stagings)) },
      nextStaging,
      objection,
      copyOptions: this.#bounds,
      partition: async () => (await this.partitionsOf(repair.pair.here)).get(repair.partitionId) ?? null,
      mergedDifference: (request) => this.mergedDifference(request),
      catalog: () => this.catalog(),
      progress,
    }).run();
  }

  async repairTogether(batch: readonly Repair[], progress: RepairProgress, admitted: Admitted) {
    const staging = this.#staging(batch[0]!.pair.here.id, String(++this.#stagings));
    const how = { ...this.#options, site: this, copyOptions: this.#bounds };
    return await new BatchRepair({ ...how, batch, staging, progress, admitted }).run();
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

  #staging({ database }: TableId, number: string): TableId {
    const { stagingDatabase, role, checkId } = this.#options;
    return { database: stagingDatabase ?? database, name: stagingName(role, checkId, number) };
  }
}
