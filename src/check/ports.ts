/** What a check asks of the world. Edges implement these; tests and `main` put them together. */
import type { RememberedPartitions, RememberedTable } from "../model/memory.ts";
import type { MergedDifference } from "../model/merge_rule.ts";
import type { Partitions, PartsLacking, TableSummary, Visibility } from "../model/partition.ts";
import type { Repair, RepairOutcome } from "../model/repair.ts";
import type {
  Bucket,
  BucketDifference,
  BucketDigest,
  Bucketing,
  DigestGrain,
  RowScope,
  TimeAxis,
} from "../model/scope.ts";
import type { ActiveSite, ServerFacts, SiteName } from "../model/site.ts";
import type { Catalog, ComparedAs, SiteObject, Table, TableId, TablePair } from "../model/table.ts";
import type { KeptTable } from "../model/kept.ts";
import type { FeedOutcome, StagingTable } from "../model/staging.ts";
import type { Drift } from "../model/drift.ts";

/** What a server has to do at a moment. */
export interface ServerLoad {
  /** Statements that run, of everybody. */
  readonly statements: number;
  /** Inserts that are held up, as merges do not keep pace with the parts. */
  readonly delayedInserts: number;
}

/** Rows of some partitions of a table pair. */
export interface PartitionsRequest {
  readonly pair: TablePair;
  readonly partitionIds: readonly string[];
  readonly scope: RowScope;
  readonly bucketing: Bucketing;
  readonly buckets: readonly Bucket[] | "all";
  /** Default: `bucket`. */
  readonly grain?: DigestGrain;
}

/** One partition of a table pair whose engine merges rows; buckets are the hash of the key modulo a number. */
export interface MergedRequest {
  readonly pair: TablePair;
  readonly partitionId: string;
  readonly scope: RowScope;
  readonly bucketCount: number;
  readonly buckets: readonly Bucket[] | "all";
}

/** How some twins differ: of `looked` pairs, how many in each of these columns; the rest is the same in all of them. */
export interface TwinColumns {
  readonly looked: number;
  readonly differing: readonly { readonly column: string; readonly pairs: number }[];
}

/** In which form values are hashed: as they are, or as texts. */
export type HashedAs = Exclude<ComparedAs, "nothing">;

/** One ClickHouse, read only. Every method throws an error whose message an operator can read. */
export interface ReadableSite {
  /** Whether `/ping` answers within the connection time-out; null, or the problem in words. */
  ping(): Promise<string | null>;
  facts(settleSeconds: number): Promise<ServerFacts>;
  /** What the server has to do now; null: the user may not know. */
  load(): Promise<ServerLoad | null>;
  catalog(): Promise<Catalog>;
  /** Views, dictionaries, functions, users, row policies: as far as the user may see them. */
  otherObjects(): Promise<SiteObject[]>;
  /** Level 0: every table that has parts, by `tableName`. */
  summaries(): Promise<ReadonlyMap<string, TableSummary>>;
  /** Level 1: the partitions of these tables, by `tableName`; of a single one a page by the order of ids, if wanted. */
  partitions(
    tables: readonly TableId[],
    page?: { readonly after: string; readonly limit: number } | null,
  ): Promise<ReadonlyMap<string, Partitions>>;
  /** The partitions of one table as they are now. */
  partitionsOf(table: Table): Promise<Partitions>;
  visibility(table: Table, partitionIds: readonly string[], axis: TimeAxis | null): Promise<Visibility>;
  /** How many rows of each partition are in scope; partitions without any are left out. */
  countRows(
    table: Table,
    partitionIds: readonly string[],
    scope: RowScope,
  ): Promise<ReadonlyMap<string, bigint>>;
  /** Parts that have no values of some of these columns. */
  partsLacking(table: Table, columns: readonly string[]): Promise<PartsLacking[]>;
  /** The same values of each type, hashed; null for a type that this server cannot hash in that form. */
  hashConstants(types: readonly string[], as: HashedAs): Promise<ReadonlyMap<string, string | null>>;
  digests(request: PartitionsRequest): Promise<BucketDigest[]>;
  /** Whether the user has a right, as `GRANT` spells it; null: the server cannot tell. */
  hasGrant(right: string): Promise<boolean | null>;
  /** By table, the most seconds by which rows of the last week came after their time; null: it cannot be told. */
  arrivalLags(): Promise<ReadonlyMap<string, number> | null>;
  /** Digests of what the rows of each key come down to once they are merged. */
  mergedDigests(request: MergedRequest): Promise<BucketDigest[]>;
}

/** The local ClickHouse, which reads the remote one through `remote()`. */
export interface LocalSite extends ReadableSite {
  /** Throws where this server cannot read the other one. */
  reachRemote(): Promise<void>;
  /** Rows of the active site, by bucket, of which this site has none at all: the cheap part of level 3. */
  absentRows(request: PartitionsRequest): Promise<BucketDigest[]>;
  /** Level 3, for one partition: every row that one side holds more often than the other. */
  differences(request: PartitionsRequest): Promise<BucketDifference[]>;
  /** Level 3 for engines that replace or collapse rows: what is missing here, key by key. */
  mergedDifference(request: MergedRequest): Promise<MergedDifference>;
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

export interface RoleSource {
  resolve(): Promise<{ active: ActiveSite; unexpected: readonly string[]; problem: string | null }>;
}

/** What earlier checks knew, and where this one leaves what it knows. */
export interface TableMemory {
  table(name: string): RememberedTable | null;
  /** Partitions with ids after `after` and up to `upTo`; null: all that follow. */
  partitions(name: string, after: string, upTo: string | null): Promise<RememberedPartitions>;
  remember(name: string, partitions: RememberedPartitions): Promise<void>;
}

/** Hears how far a copy has come. */
export interface RepairProgress {
  /** A slice of several has been copied. */
  slice(copied: number, slices: number): void;
  /** Rows, and their bytes uncompressed, that have been copied so far; about every second. */
  written(rows: number, bytes: number): void;
}

/** Hears what the check does while it does it. */
export interface Observer {
  roleKnown(active: ActiveSite, we: SiteName): void;
  checkingTable(table: string): void;
  /** How many tables there are to look into. */
  tablesFound(tables: number): void;
  /** A repair begins. */
  repairing(repair: Repair): void;
  /** As `RepairProgress` hears it. */
  written(repair: Repair, rows: number, bytes: number): void;
  /** A slice of a large repair has been copied. */
  copied(repair: Repair, slices: number, of: number): void;
  repaired(repair: Repair, outcome: RepairOutcome): void | Promise<void>;
  warn(text: string): void;
}

/** A part of a check that takes time. */
export interface StepName {
  readonly kind: "table" | "repair";
  readonly table: string;
  readonly partition?: string;
}

/**
 * Runs a step, and hears how it ended.
 *
 * @param summary what is worth knowing of the result; `error` where it failed
 */
export type Step = <Result>(
  name: StepName,
  run: () => Promise<Result>,
  summary: (
    result: Result,
  ) => { readonly error?: string; readonly [fact: string]: string | number | undefined },
) => Promise<Result>;

export interface CheckPorts {
  readonly role: RoleSource;
  readonly here: LocalSite;
  readonly there: ReadableSite;
  readonly observer: Observer;
  readonly memory: TableMemory;
  /** Why repairs wait (the file `pause`, `BLACKOUT`), in words; null: they do not. Asked before each repair. */
  readonly repairsWait: () => Promise<string | null>;
  readonly signal: AbortSignal;
  /** Absent: steps are just run. */
  readonly step?: Step;
}
