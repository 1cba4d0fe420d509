/** Which replica of a site a check reads, where the site has several addresses. */
import type { DistributedQueue } from "./replication.ts";
import type { StagingTable } from "./staging.ts";
import type { TableId } from "./table.ts";

/** The replica that was picked. Reports, the state and the page name it. */
export interface ReadReplica {
  readonly url: string;
  /** The others, in the order of the configuration, each with why it was passed over; null: there was no need of it. */
  readonly others: readonly { readonly url: string; readonly passedOver: string | null }[];
}

/** A table of the MergeTree family, or a Distributed one, as one address shows it. */
export interface MemberTable {
  readonly id: TableId;
  readonly engine: string;
}

/** Which server answered at an address. */
export interface MemberServer {
  readonly url: string;
  readonly version: string;
  /** Unix seconds, by its clock. */
  readonly now: number;
  /** As in `ServerFacts`. */
  readonly run: string;
  readonly identity: string;
}

/** A replica, and which others its Keeper knows. */
export interface KnownReplica {
  readonly path: string;
  readonly name: string;
  /** Null: its Keeper said nothing. */
  readonly all: readonly string[] | null;
}

/** What the addresses of a site said of themselves and of each other. */
export interface SiteReplicas extends ReadReplica {
  /** Of those that answered. */
  readonly servers: readonly MemberServer[];
  /** Of all addresses in order, why they are not, or should not be, read; null: nothing speaks against it. */
  readonly remarks: readonly { readonly url: string; readonly remark: string | null }[];
  /** What is one at all replicas, in place of the UUID of a Replicated table, by `tableName` at the picked one. */
  readonly identities: ReadonlyMap<string, string>;
  /** Its Replicated tables, by `tableName`, as far as they are known. */
  readonly replicas: ReadonlyMap<string, KnownReplica>;
  /** All tables of the picked one that could be compared, by `tableName`. */
  readonly seen: ReadonlySet<string>;
  /** Why a table cannot be compared, by `tableName`: the addresses do not all hold replicas of it. */
  readonly differing: ReadonlyMap<string, string>;
  /** What waits in queues of Distributed tables at the others, by `tableName`. */
  readonly queues: readonly {
    readonly url: string;
    readonly queue: string;
    readonly waiting: DistributedQueue;
  }[];
  /** Staging tables at the others whose rows may be in a table and not in all of its views. */
  readonly feeds: readonly StagingTable[];
  /** Those of whose queues nothing is known, and why. */
  readonly unseen: readonly { readonly url: string; readonly why: string }[];
}

/** A server of a cluster, as the configuration of another one names it. */
export interface ClusterNode {
  readonly cluster: string;
  /** From 1 on. */
  readonly shard: number;
  readonly host: string;
  /** Of the host, as that server resolves it. */
  readonly address: string;
  /** Native. */
  readonly port: number;
  /** Whether it is the server that was asked, as far as it knows. */
  readonly own: boolean;
}

/** Null: the site has one address, or several shards. */
export interface PickedReplicas {
  readonly local: SiteReplicas | null;
  readonly remote: SiteReplicas | null;
  /** Of each shard of the other site; empty: it has one. */
  readonly shards: readonly SiteReplicas[];
  /** The same of this site. */
  readonly localShards: readonly SiteReplicas[];
}

export const ONE_ADDRESS_EACH: PickedReplicas = {
  local: null,
  remote: null,
  shards: [],
  localShards: [],
};

/** What reports say of it. */
export function readOf<Picked extends SiteReplicas | null>(
  picked: Picked,
): Picked extends null ? null : ReadReplica;
export function readOf(picked: SiteReplicas | null): ReadReplica | null {
  return picked && { url: picked.url, others: picked.others };
}

/** Staging tables at replicas of this site that are not read. */
export function feedsElsewhere({ local, localShards }: PickedReplicas): StagingTable[] {
  return [...local ? [local] : [], ...localShards].flatMap(({ feeds }) => feeds);
}
