/** A site as one, where it has several shards: each digests its own rows, and the sums are added. */
import type { EarlyRule } from "../../model/expiry_rule.ts";
import { addCells } from "../../model/cells.ts";
import { type ClusterNode, nodesIn } from "../../model/replica_pick.ts";
import type {
  NumberSpan,
  PartitionPageRequest,
  Partitions,
  PartsLacking,
  TableSummary,
  Visibility,
} from "../../model/partition.ts";
import type { KeyedRequest } from "../../model/derived_view.ts";
import type { OtherServers } from "../../model/other_servers.ts";
import type { MayNotLook } from "../../model/replication.ts";
import type { BucketDigest, MergedDigest, RowScope, TimeAxis } from "../../model/scope.ts";
import type { ServerFacts, ServerLoad } from "../../model/site.ts";
import {
  type Catalog,
  type HashedAs,
  type SiteObject,
  type Table,
  type TableId,
  tableName,
} from "../../model/table.ts";
import type {
  CellDigests,
  CellRequest,
  MergedRequest,
  PartitionsRequest,
  ReadableSite,
} from "../ports/readable_site.ts";
import type { Side } from "../replicas/believe.ts";
import {
  addBuckets,
  addCatalogs,
  addCounts,
  addDigested,
  addMerged,
  addSpans,
  addVisibilities,
  allObjects,
  busiest,
  sum,
} from "./add_shards.ts";
import { addLags } from "./add_lags.ts";
import { addPages, addPartitions, addStretches, addSummaries } from "./add_parts.ts";
import { askOthers } from "./covered_servers.ts";
import { addFacts, runOfAll } from "./shard_facts.ts";

/** Nothing is answered unless every shard answered. */
export class ShardedSite implements ReadableSite {
  readonly shards: readonly ReadableSite[];
  readonly #urls: readonly string[];
  readonly #side: Side;

  /** @param shards two at least, each with its address */
  constructor(shards: readonly { readonly url: string; readonly site: ReadableSite }[], side: Side) {
    this.shards = shards.map(({ site }) => site);
    this.#urls = shards.map(({ url }) => url);
    this.#side = side;
  }

  #each<Answer>(ask: (site: ReadableSite) => Promise<Answer>): Promise<Answer[]> {
    return Promise.all(this.shards.map(ask));
  }

  async ping(): Promise<string | null> {
    const problems = await this.#each((site) => site.ping());
    const at = problems.findIndex((problem) => problem !== null);
    return at < 0 ? null : `shard ${at + 1} (${this.#urls[at]}): ${problems[at]}`;
  }

  async facts(settleSeconds: number): Promise<ServerFacts> {
    return addFacts(await this.#each((site) => site.facts(settleSeconds)), this.#urls, this.#side);
  }

  async run(): Promise<string> {
    return runOfAll(await this.#each((site) => site.run()));
  }

  async load(): Promise<ServerLoad | null> {
    return busiest(await this.#each((site) => site.load()));
  }

  async catalog(): Promise<Catalog> {
    return addCatalogs(await this.catalogs(), this.#side);
  }

  /** By shard. */
  protected async catalogs(): Promise<readonly Catalog[]> {
    return await this.#each((site) => site.catalog());
  }

  async otherObjects(): Promise<SiteObject[]> {
    return allObjects(await this.#each((site) => site.otherObjects()));
  }

  async clusters(): Promise<ClusterNode[] | MayNotLook> {
    const shards = await this.#each((site) => site.clusters());
    return shards.find((shard) => "denied" in shard) ?? shards.flatMap(nodesIn);
  }

  /** Replicas are asked shard by shard: what one of them has fetched says nothing of another one. */
  replication(): Promise<never> {
    throw new TypeError("replicas of several shards were asked at once");
  }

  keeperLogs(): Promise<never> {
    throw new TypeError("replicas of several shards were asked at once");
  }

  async otherServers(shards: boolean): Promise<OtherServers> {
    return await askOthers(this.shards, shards);
  }

  async holdingRows(buffers: readonly TableId[]): Promise<ReadonlySet<string>> {
    const shards = await this.#each((site) => site.holdingRows(buffers));
    return new Set(shards.flatMap((names) => [...names]));
  }

  async summaries(): Promise<ReadonlyMap<string, TableSummary>> {
    return addSummaries(await this.#each((site) => site.summaries()));
  }

  async partitions(
    tables: readonly TableId[],
    page: PartitionPageRequest | null = null,
  ): Promise<ReadonlyMap<string, Partitions>> {
    const shards = await this.#each((site) => site.partitions(tables, page));
    return new Map(
      tables.map(tableName).map((name) => {
        const each = shards.map((shard) => shard.get(name) ?? new Map());
        return [name, page === null ? addPartitions(each) : addPages(each, page.limit)];
      }),
    );
  }

  async stretchFingerprints(table: TableId, ends: readonly string[]): Promise<string[]> {
    return addStretches(await this.#each((site) => site.stretchFingerprints(table, ends)));
  }

  async partitionsOf(table: Table): Promise<Partitions> {
    return addPartitions(await this.#each((site) => site.partitionsOf(table)));
  }

  async numberSpans(
    table: Table,
    partitionIds: readonly string[],
    columns: readonly string[],
  ): Promise<NumberSpan[]> {
    return addSpans(await this.#each((site) => site.numberSpans(table, partitionIds, columns)));
  }

  async partitionsBetween(
    table: Table,
    axis: TimeAxis,
    from: number | null,
    to: number | null,
  ): Promise<ReadonlySet<string>> {
    const shards = await this.#each((site) => site.partitionsBetween(table, axis, from, to));
    return new Set(shards.flatMap((ids) => [...ids]));
  }

  async visibility(
    table: Table,
    partitionIds: readonly string[],
    axis: TimeAxis | null,
  ): Promise<Visibility> {
    // What was listed is of all shards together.
    const listed = new Map();
    return addVisibilities(await this.#each((site) => site.visibility(table, partitionIds, axis, listed)));
  }

  async countRows(
    table: Table,
    partitionIds: readonly string[],
    scope: RowScope,
  ): Promise<ReadonlyMap<string, bigint>> {
    return addCounts(await this.#each((site) => site.countRows(table, partitionIds, scope)));
  }

  async countEarly(table: Table, rules: readonly EarlyRule[], now: number): Promise<readonly bigint[]> {
    const shards = await this.#each((site) => site.countEarly(table, rules, now));
    return rules.map((_, at) => sum(shards.map((counts) => counts[at] ?? 0n)));
  }

  async partsLacking(table: Table, columns: readonly string[]): Promise<PartsLacking[]> {
    return (await this.#each((site) => site.partsLacking(table, columns))).flat();
  }

  /** A type that shards hash differently is hashed by none. */
  async hashConstants(
    types: readonly string[],
    as: HashedAs,
  ): Promise<ReadonlyMap<string, string | null>> {
    const shards = await this.#each((site) => site.hashConstants(types, as));
    return new Map(types.map((type) => {
      const [first = null, ...rest] = shards.map((hashes) => hashes.get(type) ?? null);
      return [type, rest.every((hash) => hash === first) ? first : null];
    }));
  }

  async digests(request: PartitionsRequest): Promise<BucketDigest[]> {
    return addDigested(await this.#each((site) => site.digests(request)), request.grain);
  }

  async cellDigests(request: CellRequest): Promise<CellDigests | null> {
    const answers = await this.#each((site) => site.cellDigests(request));
    const shards = answers.filter((one) => one !== null);
    if (shards.length < answers.length) return null;
    const cells = addCells(shards.map(({ cells }) => cells));
    return { digests: addDigested(shards.map(({ digests }) => digests)), cells };
  }

  async hasGrant(right: string): Promise<boolean | null> {
    const answers = await this.#each((site) => site.hasGrant(right));
    if (answers.includes(false)) return false;
    return answers.includes(null) ? null : true;
  }

  async arrivalLags(): Promise<ReadonlyMap<string, number> | null> {
    return addLags(await this.#each((site) => site.arrivalLags()));
  }

  /** Rows of one key may lie on several shards: what they come down to together cannot be added up. */
  keyedDigests(): Promise<BucketDigest[]> {
    throw new TypeError("keys cannot be compared over several shards");
  }

  async coverDigests(request: KeyedRequest): Promise<BucketDigest[]> {
    return addBuckets(await this.#each((site) => site.coverDigests(request)));
  }

  /** Right where all rows of a key stand on one shard. */
  async mergedDigests(request: MergedRequest): Promise<MergedDigest[]> {
    return addMerged(await this.#each((site) => site.mergedDigests(request)));
  }

  async keyDigests(request: MergedRequest): Promise<BucketDigest[]> {
    return addBuckets(await this.#each((site) => site.keyDigests(request)));
  }
}
