/** What a check needs from either ClickHouse. */
import type { OtherServers } from "../../model/other_servers.ts";
import type { SampleSide } from "../../model/sample.ts";
import type { SamplePlace } from "../sample/choose_buckets.ts";
import type { Cells } from "../../model/cells.ts";
import type { Digest } from "../../model/digest.ts";
import type { EarlyRule } from "../../model/expiry_rule.ts";
import type {
  NumberSpan,
  PartitionPageRequest,
  Partitions,
  PartsLacking,
  TableSummary,
  Visibility,
} from "../../model/partition.ts";
import type { KeyedRequest } from "../../model/derived_view.ts";
import type {
  Bucket,
  BucketDigest,
  Bucketing,
  DigestGrain,
  ExpectedRows,
  MergedDigest,
  RowScope,
  TimeAxis,
} from "../../model/scope.ts";
import type { ClusterNode } from "../../model/replica_pick.ts";
import type { KeeperLog, MayNotLook, ReplicationFacts } from "../../model/replication.ts";
import type { ServerFacts, ServerLoad } from "../../model/site.ts";
import type { Catalog, HashedAs, SiteObject, Table, TableId, TablePair } from "../../model/table.ts";

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

export interface AbsentRowsRequest extends PartitionsRequest {
  readonly expected: ExpectedRows;
}

/** One partition of a table pair, cut into buckets and cells. */
export interface CellRequest extends Pick<PartitionsRequest, "pair" | "scope" | "bucketing"> {
  readonly partitionId: string;
  /** How many cells the rows are dealt out to by each third of their hashes. */
  readonly cells: number;
}

export interface CellDigests {
  readonly digests: readonly BucketDigest[];
  readonly cells: Cells;
}

/** One partition of a table pair whose engine merges rows; buckets are the hash of the key modulo a number. */
export interface MergedRequest {
  readonly pair: TablePair;
  readonly partitionId: string;
  readonly scope: RowScope;
  readonly bucketCount: number;
  readonly buckets: readonly Bucket[] | "all";
}

/** Some rows of one partition that one side has and the other has not. */
export interface SampleRequest {
  readonly pair: TablePair;
  readonly side: SampleSide;
  readonly place: SamplePlace;
  /** How many, at most. */
  readonly most: number;
  /** Hashes of rows that are shown already. */
  readonly without: ReadonlySet<string>;
}

/** How some twins differ: of `looked` pairs, how many in each of these columns; the rest is the same in all of them. */
export interface TwinColumns {
  readonly looked: number;
  readonly differing: readonly { readonly column: string; readonly pairs: number }[];
}

/** Twins of one bucket: missing rows of which this site has the event as a row to itself. */
export interface BucketTwins {
  readonly bucket: Bucket;
  readonly twins: bigint;
  /** Missing rows of events of which this site has no row to itself. */
  readonly free: Digest;
}

/** One ClickHouse, read only. Every method throws an error whose message an operator can read. */
export interface ReadableSite {
  /** Where it stands for several shards, each of them, whose replicas are asked one by one; absent: it is one server. */
  readonly shards?: readonly ReadableSite[];
  /** Whether `/ping` answers within the connection time-out; null, or the problem in words. */
  ping(): Promise<string | null>;
  facts(settleSeconds: number): Promise<ServerFacts>;
  /** Which run of its server answers, as `runs` of the facts has it. */
  run(): Promise<string>;
  /** How busy the server is now; null: the user may not know. */
  load(): Promise<ServerLoad | null>;
  catalog(): Promise<Catalog>;
  /** Views, dictionaries, functions, users, row policies: as far as the user may see them. */
  otherObjects(): Promise<SiteObject[]>;
  /** Which servers the clusters of its configuration have. */
  clusters(): Promise<ClusterNode[] | MayNotLook>;
  /** How far its replicas follow the others, and what waits in its queues; costs no question to Keeper. */
  replication(
    of: { readonly replicated: boolean; readonly distributed: boolean },
  ): Promise<ReplicationFacts | MayNotLook>;
  /** What Keeper says of these Replicated tables, by `tableName`; in words why it says nothing. */
  keeperLogs(tables: readonly TableId[]): Promise<ReadonlyMap<string, KeeperLog>>;
  /** What the other servers of the site hold. @param shards whether those of other shards matter too */
  otherServers(shards: boolean): Promise<OtherServers>;
  /** The names of those of these Buffer tables in which rows wait. */
  holdingRows(buffers: readonly TableId[]): Promise<ReadonlySet<string>>;
  /** Level 0: every table that has parts, or shows none although it has rows, by `tableName`. */
  summaries(): Promise<ReadonlyMap<string, TableSummary>>;
  /** Level 1: the partitions of these tables, by `tableName`; of a single one a page of a stretch, if wanted. */
  partitions(
    tables: readonly TableId[],
    page?: PartitionPageRequest | null,
  ): Promise<ReadonlyMap<string, Partitions>>;
  /** The fingerprints of stretches of a table that end with these ids, and of what follows the last; empty: no part is there. */
  stretchFingerprints(table: TableId, ends: readonly string[]): Promise<readonly string[]>;
  /** The partitions of one table as they are now. */
  partitionsOf(table: Table): Promise<Partitions>;
  /** What these columns of whole numbers hold in some partitions. */
  numberSpans(
    table: Table,
    partitionIds: readonly string[],
    columns: readonly string[],
  ): Promise<NumberSpan[]>;
  /** Partitions that hold a row of the axis from the one time to before the other, in unix seconds; null: no limit. */
  partitionsBetween(
    table: Table,
    axis: TimeAxis,
    from: number | null,
    to: number | null,
  ): Promise<ReadonlySet<string>>;
  /** @param listed the same partitions, and others, as `partitions` gave them: they spare a question */
  visibility(
    table: Table,
    partitionIds: readonly string[],
    axis: TimeAxis | null,
    listed: Partitions,
  ): Promise<Visibility>;
  /** How many rows of each partition are in scope; partitions without any are left out. */
  countRows(
    table: Table,
    partitionIds: readonly string[],
    scope: RowScope,
  ): Promise<ReadonlyMap<string, bigint>>;
  /** How many rows each of these rules takes, of those that nothing else takes: by the clock of the check. */
  countEarly(table: Table, rules: readonly EarlyRule[], now: number): Promise<readonly bigint[]>;
  /** Parts that have no values of some of these columns. */
  partsLacking(table: Table, columns: readonly string[]): Promise<PartsLacking[]>;
  /** The same values of each type, hashed; null for a type that this server cannot hash in that form. */
  hashConstants(types: readonly string[], as: HashedAs): Promise<ReadonlyMap<string, string | null>>;
  digests(request: PartitionsRequest): Promise<BucketDigest[]>;
  /** Null: it cannot be asked for them. */
  cellDigests(request: CellRequest): Promise<CellDigests | null>;
  /** Whether the user has a right, as `GRANT` spells it; null: the server cannot tell. */
  hasGrant(right: string): Promise<boolean | null>;
  /** By table, the most seconds by which rows of the last week arrived after their time; null: it cannot be told. */
  arrivalLags(): Promise<ReadonlyMap<string, number> | null>;
  /** Digests of what the rows of each key come down to, put together again as views or the engine would. */
  keyedDigests(request: KeyedRequest): Promise<BucketDigest[]>;
  /** The same of settled rows alone, those of a key on each shard by themselves. */
  coverDigests(request: KeyedRequest): Promise<BucketDigest[]>;
  /** Digests of what remains of the rows of each key once they are merged. */
  mergedDigests(request: MergedRequest): Promise<MergedDigest[]>;
  /** Digests of the sorting keys, each once on each shard; buckets are the hash of the sorting key modulo a number. */
  keyDigests(request: MergedRequest): Promise<BucketDigest[]>;
}
