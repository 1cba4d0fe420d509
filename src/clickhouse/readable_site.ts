/** Reading a site: what it holds, and the digests of its rows. */
import type { OtherServers } from "../model/other_servers.ts";
import { readOtherServers } from "./catalog/read_other_servers.ts";
import type { EarlyRule } from "../model/expiry_rule.ts";
import type {
  CellDigests,
  CellRequest,
  MergedRequest,
  PartitionsRequest,
  ReadableSite,
} from "../check/ports/readable_site.ts";
import type { Catalog, HashedAs, SiteObject, Table, TableId } from "../model/table.ts";
import { tableName } from "../model/table.ts";
import type {
  NumberSpan,
  PartitionPageRequest,
  Partitions,
  PartsLacking,
  TableSummary,
  Visibility,
} from "../model/partition.ts";
import type { KeyedRequest } from "../model/derived_view.ts";
import type { BucketDigest, MergedDigest, RowScope, TimeAxis } from "../model/scope.ts";
import type { ClusterNode } from "../model/replica_pick.ts";
import type { KeeperLog, MayNotLook, ReplicationFacts } from "../model/replication.ts";
import type { ServerFacts, ServerLoad } from "../model/site.ts";
import type { Connection } from "./http/connection.ts";
import { decoded, rowOf } from "./http/decode.ts";
import { ping } from "./http/ping.ts";
import { decodeDigest, type DigestRow, digestStatement } from "./compare/digest_statement.ts";
import { keyedDigestStatement } from "./engines/keyed_rows.ts";
import { askHashes } from "./compare/ask_hashes.ts";
import { arrivalLags, hasGrant, otherObjects, serverLoad } from "./catalog/preflight.ts";
import { readRun, readServerFacts } from "./catalog/read_server.ts";
import { qualified } from "./sql/quoting.ts";
import { readNodes, unlessDenied, withMacros } from "./catalog/read_clusters.ts";
import { readKeeperLogs, readReplication } from "./catalog/read_replication.ts";
import { decodeLacking, type LackingRow, partsLacking } from "./catalog/stored_columns.ts";
import { readCoverDigests } from "./compare/read_covered.ts";
import { readCellDigests } from "./compare/cell_digests.ts";
import { readKeyDigests, readMergedDigests } from "./compare/read_merged.ts";
import { readVisibility } from "./compare/read_visibility.ts";
import * as catalog from "./catalog/catalog_statement.ts";
import * as parts from "./catalog/read_parts.ts";
import { readNumberSpans } from "./compare/number_spans.ts";
import { readPartitionsBetween } from "./compare/partitions_between.ts";
import * as countRows from "./compare/count_rows.ts";

export interface ReadableSiteOptions {
  readonly connection: Connection;
  readonly url: string;
  /** Default: the plain one. */
  readonly fetch?: typeof fetch;
  /** Milliseconds that `/ping` may take. */
  readonly connectTimeoutMs: number;
  /** What stands for the UUID of a table, by `tableName`: where several replicas of it may be read. Default: nothing. */
  readonly identities?: ReadonlyMap<string, string>;
}

export class ReadableClickHouse implements ReadableSite {
  protected readonly connection: Connection;
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #connectTimeoutMs: number;
  readonly #identities: ReadonlyMap<string, string>;
  #nodes: Promise<ClusterNode[]> | null = null;

  constructor({ connection, url, fetch: over = fetch, connectTimeoutMs, identities }: ReadableSiteOptions) {
    this.connection = connection;
    this.#url = url;
    this.#fetch = over;
    this.#connectTimeoutMs = connectTimeoutMs;
    this.#identities = identities ?? new Map();
  }

  async ping(): Promise<string | null> {
    const over = this.#fetch; // called without an object: fetch wants none
    return await ping(over, this.#url, this.#connectTimeoutMs);
  }

  async facts(settleSeconds: number): Promise<ServerFacts> {
    return await readServerFacts(this.connection, settleSeconds);
  }

  async run(): Promise<string> {
    return await readRun(this.connection);
  }

  async load(): Promise<ServerLoad | null> {
    return await serverLoad(this.connection);
  }

  async catalog(): Promise<Catalog> {
    const answer = await this.connection.rows<catalog.CatalogRow>(catalog.CATALOG);
    const found = this.decoded(() => catalog.withIdentities(catalog.decodeCatalog(answer), this.#identities));
    return await withMacros(this.connection, found);
  }

  async otherObjects(): Promise<SiteObject[]> {
    const found = await otherObjects(this.connection);
    return this.decoded(() => found.map((one) => rowOf(one, { kind: "text", name: "text" })));
  }

  async hasGrant(right: string): Promise<boolean | null> {
    return await hasGrant(this.connection, right);
  }

  async arrivalLags(): Promise<Map<string, number> | null> {
    return await arrivalLags(this.connection);
  }

  async clusters(): Promise<ClusterNode[] | MayNotLook> {
    return await unlessDenied(this.#readNodes());
  }

  async replication(
    of: { readonly replicated: boolean; readonly distributed: boolean },
  ): Promise<ReplicationFacts | MayNotLook> {
    return await readReplication(this.connection, of);
  }

  async keeperLogs(ids: readonly TableId[]): Promise<Map<string, KeeperLog>> {
    return await readKeeperLogs(this.connection, ids);
  }

  async holdingRows(ids: readonly TableId[]): Promise<Set<string>> {
    return await parts.readHoldingRows(this.connection, ids);
  }

  async summaries(): Promise<Map<string, TableSummary>> {
    return await parts.readSummaries(this.connection);
  }

  async partitions(
    ids: readonly TableId[],
    page: PartitionPageRequest | null = null,
  ): Promise<Map<string, Partitions>> {
    return await parts.readPartitions(this.connection, ids, page);
  }

  async stretchFingerprints(id: TableId, ends: readonly string[]): Promise<string[]> {
    return await parts.readStretchFingerprints(this.connection, id, ends);
  }

  async partitionsOf({ id }: Table): Promise<Partitions> {
    return (await this.partitions([id])).get(tableName(id)) ?? new Map();
  }

  async otherServers(shards: boolean): Promise<OtherServers> {
    return await readOtherServers(this.connection, shards, () => this.#readNodes());
  }

  async visibility(
    table: Table,
    partitionIds: readonly string[],
    axis: TimeAxis | null,
    listed: Partitions,
  ): Promise<Visibility> {
    return await readVisibility(this.connection, table.id, partitionIds, axis, listed);
  }

  async partitionsBetween(
    { id }: Table,
    axis: TimeAxis,
    from: number | null,
    to: number | null,
  ): Promise<Set<string>> {
    return await readPartitionsBetween(this.connection, id, axis, from, to);
  }

  async numberSpans(
    { id }: Table,
    partitionIds: readonly string[],
    columns: readonly string[],
  ): Promise<NumberSpan[]> {
    return await readNumberSpans(this.connection, id, partitionIds, columns);
  }

  async hashConstants(types: readonly string[], as: HashedAs): Promise<Map<string, string | null>> {
    return await askHashes(this.connection, types, as);
  }

  async countRows(
    { id }: Table,
    partitionIds: readonly string[],
    scope: RowScope,
  ): Promise<Map<string, bigint>> {
    const statement = countRows.countStatement(id, partitionIds, scope);
    const rows = await this.connection.rows<countRows.CountRow>(statement, { long: true });
    return this.decoded(() => new Map(rows.map((row) => [row._chsync_partition, BigInt(row._chsync_rows)])));
  }

  async countEarly({ id }: Table, rules: readonly EarlyRule[], now: number): Promise<bigint[]> {
    const statement = countRows.earlyRows(id, rules, now);
    const row = await this.connection.one<Record<string, string>>(statement, { long: true });
    return this.decoded(() => rules.map((_, index) => BigInt(row[`_chsync_early_${index}`]!)));
  }

  async partsLacking({ id }: Table, columns: readonly string[]): Promise<PartsLacking[]> {
    const rows = await this.connection.rows<LackingRow>(partsLacking(id, columns));
    return this.decoded(() => rows.map(decodeLacking));
  }

  async digests(request: PartitionsRequest): Promise<BucketDigest[]> {
    const from = this.connection.site === "local" ? request.pair.here : request.pair.there;
    return await this.#readDigests(digestStatement({ ...request, table: request.pair.here }, from.id));
  }

  async cellDigests(request: CellRequest): Promise<CellDigests | null> {
    return await readCellDigests(this.connection, request);
  }

  async mergedDigests(request: MergedRequest): Promise<MergedDigest[]> {
    return await readMergedDigests(this.connection, request);
  }

  async keyDigests(request: MergedRequest): Promise<BucketDigest[]> {
    return await readKeyDigests(this.connection, request);
  }

  async keyedDigests(request: KeyedRequest): Promise<BucketDigest[]> {
    const { here, there } = request.pair;
    const from = this.connection.site === "local" ? here : there;
    return await this.#readDigests(keyedDigestStatement(request, qualified(from.id)));
  }

  async coverDigests(request: KeyedRequest): Promise<BucketDigest[]> {
    return await readCoverDigests(this.connection, request);
  }

  /** Once: a site lives for one check. */
  #readNodes(): Promise<ClusterNode[]> {
    return this.#nodes ??= readNodes(this.connection);
  }

  async #readDigests(statement: string): Promise<BucketDigest[]> {
    const rows = await this.connection.rows<DigestRow>(statement, { long: true });
    return this.decoded(() => rows.map(decodeDigest));
  }

  /** What of this site's answers is made of them. Throws a `SiteError`. */
  protected decoded<T>(decode: () => T): T {
    return decoded(this.connection.site, decode);
  }
}
