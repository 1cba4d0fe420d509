/** The local ClickHouse: everything that writes, and everything that reads the remote site through `remote()`. */
import type { WritableSite } from "../check/ports/writable_site.ts";
import type { RepairProgress } from "../check/ports/observer.ts";
import type { MergedRequest, PartitionsRequest, TwinColumns } from "../check/ports/readable_site.ts";
import type { KeptTable } from "../model/kept.ts";
import type { Drift } from "../model/drift.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { PartLoad } from "../model/part_load.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type { BucketDifference, BucketDigest } from "../model/scope.ts";
import type { LeadsTo, SiteName } from "../model/site.ts";
import type { FeedOutcome, StagingTable } from "../model/staging.ts";
import type { Catalog, Table, TableId, TablePair } from "../model/table.ts";
import { isDenied, SiteError } from "./http/errors.ts";
import { comparedColumns } from "./sql/canonical_row.ts";
import { settleFeed } from "./repair/feed_views.ts";
import { ReadableClickHouse, type ReadableSiteOptions } from "./readable_site.ts";
import { readPartLoad } from "./repair/part_load.ts";
import { PartitionRepair } from "./repair/partition_repair.ts";
import { decodeDigest, type DigestRow } from "./compare/digest_statement.ts";
import { consent, createTable, fixDrift, fixTtl, materializeColumns } from "./catalog/definitions.ts";
import type { DifferenceRow } from "./compare/row_difference.ts";
import {
  absentRowsStatement,
  decodeDifference,
  differenceStatement,
  twinsStatement,
} from "./compare/row_difference.ts";
import type { MergedDifferenceRow } from "./engines/merged_statements.ts";
import { decodeMergedDifference, mergedDifferenceStatement } from "./engines/merged_statements.ts";
import type { StagingRow } from "./repair/leftover_statements.ts";
import {
  decodeStaging,
  killCheck,
  listRunning,
  listStaging,
  stagingName,
} from "./repair/leftover_statements.ts";
import { decodeKept, keptName, type KeptRow, listKept } from "./repair/kept_statements.ts";
import { type CopyBounds, DROP_ANY_SIZE, remoteOptions } from "./sql/remote_options.ts";
import { type RemoteAccess, remoteDisks } from "./sql/remote_table.ts";
import { ASKED_TIMES, leadsToStatement } from "./sql/server_run.ts";
import { describeUntaken, type UntakenSetting, untakenSettings } from "./sql/taken_settings.ts";
import { freeSpace } from "./repair/free_space.ts";
import { dropStaging, repairStatements } from "./repair/staging_statements.ts";
import type { TwinPair, TwinRow } from "./compare/twin_columns.ts";
import { countDifferences, twinPairsStatement, twinRowsStatement } from "./compare/twin_columns.ts";
import { UNSTEADY_FUNCTIONS, unsteadyNames } from "./catalog/stored_columns.ts";

export interface WritableSiteOptions extends ReadableSiteOptions, CopyBounds {
  readonly role: SiteName;
  readonly remote: RemoteAccess;
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

  async leadsTo(runs: { readonly remote: string; readonly local: string }): Promise<LeadsTo[]> {
    const statement = leadsToStatement(remoteDisks(this.#options.remote), runs, ASKED_TIMES);
    const rows = await this.connection.rows<{ _chsync_remote: number; _chsync_local: number }>(
      statement,
      remoteOptions(this.#options),
    );
    return rows.map((row) => row._chsync_remote ? "remote" : row._chsync_local ? "local" : "neither");
  }

  async untakenSettings(): Promise<string | null> {
    try {
      const statement = untakenSettings(this.#options.remote);
      const untaken = await this.connection.rows<UntakenSetting>(statement, remoteOptions(this.#options));
      return untaken.length === 0 ? null : describeUntaken(untaken);
    } catch (error) {
      // A named collection may hold another user than REMOTE_CH_USER, which takes them over HTTP.
      if (isDenied(error)) return null;
      throw error;
    }
  }

  async absentRows(request: PartitionsRequest): Promise<BucketDigest[]> {
    const statement = absentRowsStatement(request, this.#options.remote);
    const rows = await this.connection.rows<DigestRow>(statement, remoteOptions(this.#options));
    return this.decoded(() => rows.map(decodeDigest));
  }

  async differences(request: PartitionsRequest): Promise<BucketDifference[]> {
    const statement = differenceStatement(request, this.#options.remote);
    const rows = await this.connection.rows<DifferenceRow>(statement, remoteOptions(this.#options));
    return this.decoded(() => rows.map(decodeDifference));
  }

  async mergedDifference(request: MergedRequest): Promise<MergedDifference> {
    const statement = mergedDifferenceStatement(request, this.#options.remote);
    return decodeMergedDifference(
      await this.connection.one<MergedDifferenceRow>(statement, remoteOptions(this.#options)),
    );
  }

  async twins(request: PartitionsRequest): Promise<bigint> {
    const statement = twinsStatement(request, this.#options.remote);
    return BigInt(
      (await this.connection.one<{ _chsync_twins: string }>(statement, remoteOptions(this.#options)))
        ._chsync_twins,
    );
  }

  async twinColumns(request: PartitionsRequest): Promise<TwinColumns> {
    const { remote } = this.#options;
    const options = remoteOptions(this.#options);
    const pairs = await this.connection.rows<TwinPair>(twinPairsStatement(request, remote), options);
    if (pairs.length === 0) return { looked: 0, differing: [] };
    const statement = twinRowsStatement(request, pairs, remote);
    const found = countDifferences(pairs, await this.connection.rows<TwinRow>(statement, options));
    const columns = comparedColumns(request.pair.here.columns);
    const differing = columns.map(({ name }, at) => ({ column: name, pairs: found.differing[at] ?? 0 }));
    return { looked: found.looked, differing: differing.filter(({ pairs }) => pairs > 0) };
  }

  repairStatements(repair: Repair): string[] {
    const { remote } = this.#options;
    const redacted = { ...remote, credentials: { ...remote.credentials, password: "***" } };
    return repairStatements(repair, this.#staging(repair.pair.here.id, "plan"), redacted);
  }

  async freeBytes(table: TableId): Promise<number | null> {
    try {
      const { disks, free } = await this.connection.one<{ disks: string; free: number }>(freeSpace(table));
      return Number(disks) === 0 ? null : free;
    } catch (error) {
      // An older user of ours may not see it; the server still refuses what does not fit (code 243).
      if (isDenied(error)) return null;
      throw error;
    }
  }

  async partLoad(table: Table): Promise<PartLoad> {
    return await readPartLoad(this.connection, table);
  }

  async repair(
    repair: Repair,
    progress: RepairProgress,
    objection: () => Promise<string | null>,
  ): Promise<RepairOutcome> {
    const number = String(++this.#stagings);
    const { database } = repair.pair.here.id;
    return await new PartitionRepair({
      connection: this.connection,
      repair,
      staging: this.#staging(repair.pair.here.id, number),
      kept: { database, name: keptName(this.#options.role, repair, new Date(), number) },
      objection,
      remote: this.#options.remote,
      copyOptions: remoteOptions(this.#options),
      partition: async () => (await this.partitionsOf(repair.pair.here)).get(repair.partitionId) ?? null,
      mergedDifference: (request) => this.mergedDifference(request),
      catalog: () => this.catalog(),
      progress,
    }).run();
  }

  createStatements(table: Table, here: Catalog): string[] {
    try {
      return createTable(table, here);
    } catch (error) {
      if (error instanceof SiteError) return []; // `create()` says why
      throw error;
    }
  }

  async create(table: Table, here: Catalog): Promise<void> {
    try {
      for (const statement of createTable(table, here)) await this.connection.command(statement);
    } catch (error) {
      const more = consent(table, error);
      if (more === null) throw error;
      for (const statement of createTable(table, here, [more])) await this.connection.command(statement);
    }
  }

  async stagingTables(): Promise<StagingTable[]> {
    const { role } = this.#options;
    const rows = await this.connection.rows<StagingRow>(listStaging(role));
    if (rows.length === 0) return [];
    const running = await this.connection.rows<{ query_id: string }>(listRunning(role));
    return rows.map((row) => decodeStaging(row, running.map(({ query_id }) => query_id), role));
  }

  async dropStaging({ id, checkId, running }: StagingTable): Promise<void> {
    // A statement outlives the ch-sync that sent it, and would hold the table up.
    if (running) await this.connection.command(killCheck(this.#options.role, checkId));
    await this.connection.command(dropStaging(id), DROP_ANY_SIZE);
  }

  async settleFeed(
    staging: StagingTable,
  ): Promise<{ readonly outcome: FeedOutcome; readonly staging: StagingTable }> {
    if (staging.feed === null) return { outcome: "nothing", staging };
    const { outcome, id } = await settleFeed(this.connection, staging.id, staging.feed);
    return { outcome, staging: { ...staging, id } };
  }

  async keptTables(): Promise<KeptTable[]> {
    return (await this.connection.rows<KeptRow>(listKept(this.#options.role))).map(decodeKept);
  }

  async dropKept({ id }: KeptTable): Promise<void> {
    await this.connection.command(dropStaging(id), DROP_ANY_SIZE);
  }

  async unsteadyFunctions(): Promise<Set<string>> {
    const rows = await this.connection.rows<{ function: string }>(UNSTEADY_FUNCTIONS);
    return unsteadyNames(rows.map((row) => row.function));
  }

  materializeStatements(table: TableId, columns: readonly string[]): string[] {
    return [materializeColumns(table, columns)];
  }

  driftStatements(pair: TablePair, drifts: readonly Drift[]): string[] {
    return fixDrift(pair, drifts);
  }

  ttlStatement(pair: TablePair): string | null {
    return fixTtl(pair);
  }

  #staging({ database }: TableId, number: string): TableId {
    return { database, name: stagingName(this.#options.role, this.#options.checkId, number) };
  }
}
