/** Which replica of a site a check reads, where the site has several addresses. */
import type { DistributedQueue, Look, MayNotLook } from "./replication.ts";
import type { StagingTable } from "./staging.ts";
import type { TableId } from "./table.ts";

/** The replica that was picked. Reports, the state and the page name it. */
export interface PickedReplica {
  readonly url: string;
  /** The others, in the order of the configuration, each with why it was passed over; null: there was no need of it. */
  readonly others: readonly { readonly url: string; readonly passedOver: string | null }[];
}

/** What reports say of the replicas of a site, or of a shard. */
export interface ReadReplica extends PickedReplica {
  /** All of them, in the order of the configuration. */
  readonly addresses: readonly SeenAddress[];
}

/** One of the addresses of a site or a shard, as the check met it. */
export interface SeenAddress {
  readonly url: string;
  readonly read: boolean;
  /** Null: it gave no answer. */
  readonly version: string | null;
  /** Seconds by which its clock is ahead of this machine's; negative: behind; null: it gave no answer. */
  readonly skewSeconds: number | null;
  /** Tables about which it cannot be believed; null: it gave no answer, or ch-sync may not look. */
  readonly doubted: number | null;
  /** Why it is not, or should not be, read; null: nothing speaks against it. */
  readonly remark: string | null;
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
  /** Whether another server answered when it was asked again; a check asks only the address that it picked again. */
  readonly byTurns: boolean;
}

/** A replica, and which others its Keeper knows. */
export interface KnownReplica {
  readonly path: string;
  readonly name: string;
  /** Null: its Keeper said nothing. */
  readonly all: readonly string[] | null;
}

/** What the addresses of a site said of themselves and of each other. */
export interface SiteReplicas extends PickedReplica {
  /** Of those that answered. */
  readonly servers: readonly MemberServer[];
  /** Of all addresses in order. */
  readonly remarks: readonly Pick<SeenAddress, "url" | "remark" | "doubted">[];
  /** What is one at all replicas, in place of the UUID of a Replicated table, by `tableName` at the picked one. */
  readonly identities: ReadonlyMap<string, string>;
  /** Its Replicated tables, by `tableName`, as far as they are known. */
  readonly replicas: ReadonlyMap<string, KnownReplica>;
  /** All tables of the picked one that could be compared, by `tableName`, and its Distributed ones. */
  readonly seen: ReadonlySet<string>;
  /** The last look at the picked one and those tables. */
  readonly look: Look;
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

/** None where the user may not know. */
export function nodesIn(seen: readonly ClusterNode[] | MayNotLook): readonly ClusterNode[] {
  return "denied" in seen ? [] : seen;
}

/** `host:port`, as `OtherServer` is named. */
export function nodeName({ host, port }: Pick<ClusterNode, "host" | "port">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
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

/** What reports say of it. @param now of this machine, as the replicas were asked */
export function readOf<Picked extends SiteReplicas | null>(
  picked: Picked,
  now: Date,
): Picked extends null ? null : ReadReplica;
export function readOf(picked: SiteReplicas | null, now: Date): ReadReplica | null {
  if (picked === null) return null;
  const addresses = picked.remarks.map(({ url, remark, doubted }): SeenAddress => {
    const server = picked.servers.find((one) => one.url === url);
    return {
      url,
      read: url === picked.url,
      version: server?.version ?? null,
      skewSeconds: server ? Math.round(server.now - now.getTime() / 1000) : null,
      doubted,
      remark,
    };
  });
  return { url: picked.url, others: picked.others, addresses };
}

/** Of this site, shard by shard; none: it has one address. */
export function ownReplicas({ local, localShards }: PickedReplicas): SiteReplicas[] {
  return [...local ? [local] : [], ...localShards];
}
