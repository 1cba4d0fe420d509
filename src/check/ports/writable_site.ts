/** What a check asks of the ClickHouse of this site, and of no other: whatever writes, and what reads both. */
import type { MergedDifference } from "../../model/merge_rule.ts";
import type { Repair, RepairOutcome } from "../../model/repair.ts";
import type { BucketDifference, BucketDigest } from "../../model/scope.ts";
import type { Catalog, Table, TableId, TablePair } from "../../model/table.ts";
import type { KeptTable } from "../../model/kept.ts";
import type { FeedOutcome, StagingTable } from "../../model/staging.ts";
import type { FeedingView, KeyedDifference, KeyedRequest, ViewKind } from "../../model/derived_view.ts";
import type { Drift } from "../../model/drift.ts";
import type { MergedRequest, PartitionsRequest, ReadableSite, TwinColumns } from "./readable_site.ts";
import type { RepairProgress } from "./observer.ts";

/** The local ClickHouse, which reads the remote one through `remote()`. */
export interface WritableSite extends ReadableSite {
  /** Throws where this server cannot read the other one. */
  reachRemote(): Promise<void>;
  /** Rows of the active site, by bucket, of which this site has none at all: the cheap part of level 3. */
  absentRows(request: PartitionsRequest): Promise<BucketDigest[]>;
  /** Level 3, for one partition: every row that one side holds more often than the other. */
  differences(request: PartitionsRequest): Promise<BucketDifference[]>;
  /** Level 3 for engines that replace or collapse rows: what is missing here, key by key. */
  mergedDifference(request: MergedRequest): Promise<MergedDifference>;
  /** How many keys of either site come to something else, put together as views or the engine would. */
  keyedDifference(request: KeyedRequest): Promise<KeyedDifference>;
  /** Names of the columns that such a comparison leaves out. */
  uncomparedColumns(pair: TablePair, by: KeyedRequest["by"]): readonly string[];
  /** What kind a view of this site is, told from its SELECT alone. */
  viewKind(view: FeedingView): Promise<ViewKind>;
  /** Missing rows that have a twin here. */
  twins(request: PartitionsRequest): Promise<bigint>;
  /** In which columns some of them differ. */
  twinColumns(request: PartitionsRequest): Promise<TwinColumns>;
  /** Statements of a repair, for a plan; without secrets. */
  repairStatements(repair: Repair): string[];
  /** Bytes that new parts of this table may take on the disks of its storage policy; null: it cannot be told. */
  freeBytes(table: TableId): Promise<number | null>;
  /**
   * Stages, proves, brings in, proves. Never throws: what went wrong is in the outcome.
   *
   * @param objection asked right before anything is replaced: why it must not be, in words; null: it may
   */
  repair(
    repair: Repair,
    progress: RepairProgress,
    objection: () => Promise<string | null>,
  ): Promise<RepairOutcome>;
  /** Statements that create a table of the active site, and its database. */
  createStatements(table: Table, here: Catalog): string[];
  /** Creates it, and its database. Throws where the other site gives anything but a definition of a table. */
  create(table: Table, here: Catalog): Promise<void>;
  /** Staging tables that were made for this role, by this check, an earlier one, or another ch-sync. */
  stagingTables(): Promise<StagingTable[]>;
  /** What can be proven of rows that were being fed to views; the staging table gets another name. */
  settleFeed(
    staging: StagingTable,
  ): Promise<{ readonly outcome: FeedOutcome; readonly staging: StagingTable }>;
  /** Drops it, and ends what its check still runs in the server. */
  dropStaging(staging: StagingTable): Promise<void>;
  /** Tables that keep what repairs of this role replaced. */
  keptTables(): Promise<KeptTable[]>;
  dropKept(kept: KeptTable): Promise<void>;
  /** Names, in small letters, of the functions that are not known to answer always the same. */
  unsteadyFunctions(): Promise<ReadonlySet<string>>;
  /** Statements that give old parts values of these columns. */
  materializeStatements(table: TableId, columns: readonly string[]): string[];
  /** Statements that would mend drift, where there are any. */
  driftStatements(pair: TablePair, drifts: readonly Drift[]): string[];
  /** Gives this site's table the TTL of the active one's. */
  ttlStatement(pair: TablePair): string | null;
}
