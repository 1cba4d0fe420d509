/** What a check needs from the ClickHouse of this site alone: everything that writes, and what reads both sites. */
import type { NearRows } from "../compare/pair_off.ts";
import type { MergedDifference } from "../../model/merge_rule.ts";
import type { PartLoad } from "../../model/part_load.ts";
import type { OutcomesTogether, Repair, RepairOutcome } from "../../model/repair.ts";
import type { SampledRow } from "../../model/sample.ts";
import type { Bucket, BucketDifference, BucketDigest } from "../../model/scope.ts";
import type { Catalog, Table, TableId, TablePair } from "../../model/table.ts";
import type { KeptTable } from "../../model/kept.ts";
import type { FeedOutcome, StagingTable } from "../../model/staging.ts";
import type {
  FeedingView,
  KeyedDifference,
  KeyedRequest,
  PutTogetherBy,
  ViewKind,
} from "../../model/derived_view.ts";
import type { Remedy } from "../../model/drift.ts";
import type {
  AbsentRowsRequest,
  BucketTwins,
  MergedRequest,
  PartitionsRequest,
  ReadableSite,
  SampleRequest,
  TwinColumns,
} from "./readable_site.ts";
import type { LeadsTo, RunsAsked } from "../../model/site.ts";
import type { Side } from "../replicas/believe.ts";
import type { RepairProgress } from "./observer.ts";

/** Picks those of these repairs for which rows may be brought in now. */
export type Admitted = (repairs: readonly Repair[]) => Promise<readonly Repair[]>;

/** A sampled row, and by which hashes it and its twin are known: so that none is shown twice. */
export type SampledOf = SampledRow & { readonly hash: string; readonly twinHash: string | null };

/** The local ClickHouse, which reads the remote one through `remote()`. */
export interface WritableSite extends ReadableSite {
  /**
   * Where `remote()` leads to, over several connections: to which of these runs of a server. Throws if this server
   * cannot read the other one.
   */
  leadsTo(runs: RunsAsked, shard?: number): Promise<LeadsTo[]>;
  /** The same of the native address of a shard of this site, where it has several. @param shard counted from 0 */
  leadsToShard(runs: RunsAsked, shard: number): Promise<LeadsTo[]>;
  /**
   * Why what the other server sends to this one could not be relied on, in words: it does not take the settings that make
   * statements exact. Null: it does, or it cannot be told. Throws where this server cannot read the other one.
   */
  untakenSettings(): Promise<string | null>;
  /** Rows of the active site, by bucket, of which this site has none at all: the cheap part of level 3. */
  absentRows(request: AbsentRowsRequest): Promise<BucketDigest[]>;
  /** Level 3, for one partition: every row that one side holds more often than the other. */
  differences(request: PartitionsRequest): Promise<BucketDifference[]>;
  /** Level 3 for engines that replace or collapse rows: what is missing here, key by key. */
  mergedDifference(request: MergedRequest): Promise<MergedDifference>;
  /** How many sorting keys have rows on more than one shard of a site; buckets as of `keyDigests`. */
  scatteredKeys(request: MergedRequest, side: Side): Promise<bigint>;
  /** How many keys of either site come to something else, put together as views or the engine would. */
  keyedDifference(request: KeyedRequest): Promise<KeyedDifference>;
  /** By partition of the active site, of how many keys its settled rows hold lower or higher values than all rows of this site. */
  uncovered(request: KeyedRequest): Promise<ReadonlyMap<string, bigint>>;
  /** How such a comparison puts rows together. */
  putTogether(pair: TablePair, by: KeyedRequest["by"]): PutTogetherBy;
  /** What kind a view of this site is, told from its SELECT alone. @param unsteady what `unsteadyFunctions` answered */
  viewKind(view: FeedingView, unsteady: ReadonlySet<string>): Promise<ViewKind>;
  /** Missing rows that have a twin here, and those that have none. */
  twins(request: PartitionsRequest): Promise<BucketTwins[]>;
  /** In which columns some of them differ. */
  twinColumns(request: PartitionsRequest): Promise<TwinColumns>;
  /** The same of keys of which either site has another row of the same version; only of an engine that replaces rows. */
  conflictColumns(request: MergedRequest): Promise<TwinColumns>;
  /**
   * Some rows of these buckets that only this site has, and what of the active site's is nearest to them: a bounded number
   * of both.
   */
  nearRows(request: PartitionsRequest & { readonly buckets: readonly Bucket[] }): Promise<NearRows>;
  /** Some rows that one side has and the other has not, each with its twin, for an operator to look at. */
  sampleRows(request: SampleRequest): Promise<SampledOf[]>;
  /** Statements of a repair, for a plan; without secrets. */
  repairStatements(repair: Repair): Promise<string[]>;
  /** Bytes that new parts of this table may take on the disks of its storage policy; null: it cannot be told. */
  freeBytes(table: TableId): Promise<number | null>;
  /** How many parts this table has, and bears. */
  partLoad(table: Table): Promise<PartLoad>;
  /**
   * Stages the rows, proves them, moves them in, proves the result. Never throws: what went wrong is in the outcome.
   *
   * @param objection asked right before rows are brought in, or replaced: why they must not be, in words; null: they may
   */
  repair(
    repair: Repair,
    progress: RepairProgress,
    objection: () => Promise<string | null>,
  ): Promise<RepairOutcome>;
  /**
   * Repairs small partitions of one table together, each of them proven by itself. Never throws.
   *
   * @param admitted asked right before the rows are brought in: to which of these partitions they may be
   */
  repairTogether(
    repairs: readonly Repair[],
    progress: RepairProgress,
    admitted: Admitted,
  ): Promise<OutcomesTogether>;
  /** Statements that create a table of the active site, and its database, on a server of this version. */
  createStatements(table: Table, here: Catalog, version: string): string[];
  /** Creates it, and its database. Throws if the other site gives anything but a definition of a table. */
  create(table: Table, here: Catalog): Promise<void>;
  /** Staging tables that were made for this role, by this check, an earlier one, or another ch-sync. */
  stagingTables(): Promise<StagingTable[]>;
  /** Finds out what can be proven about rows that were being fed to views; the staging table gets another name. */
  settleFeed(
    staging: StagingTable,
  ): Promise<{ readonly outcome: FeedOutcome; readonly staging: StagingTable }>;
  /** Drops it, and ends the statements of its check that still run in the server. */
  dropStaging(staging: StagingTable): Promise<void>;
  /** Tables that keep what repairs of this role replaced. */
  keptTables(): Promise<KeptTable[]>;
  dropKept(kept: KeptTable): Promise<void>;
  /** Names, in lower case, of the functions that may return something else for the same arguments. */
  unsteadyFunctions(): Promise<ReadonlySet<string>>;
  /** Statements that give old parts values of these columns. */
  materializeStatements(table: TableId, columns: readonly string[]): string[];
  /** The statements of these remedies; none of what cannot be written anew. */
  remedyStatements(pair: TablePair, remedies: readonly Remedy[]): string[];
  /** Gives this site's table the TTL of the active one's; null where that might take rows that are here. */
  ttlStatement(pair: TablePair): string | null;
}
