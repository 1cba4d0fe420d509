/** What the servers of a site hold besides the one that is read: as far as its clusters name them and its users may ask. */
import type { DistributedQueue } from "./replication.ts";
import type { TableId } from "./table.ts";

export interface OtherServer {
  /** `host:port`, as the cluster has it. */
  readonly name: string;
  /** By which of the site's clusters it was asked. */
  readonly clusters: readonly string[];
  /** Whether it holds the same rows as the server that is read. */
  readonly replica: boolean;
  /** Null: it did not answer. */
  readonly holds: Holdings | null;
}

export interface Holdings {
  /** Of the MergeTree family, without inner tables, whose names differ from server to server. */
  readonly tables: readonly TableId[];
  /** Of its Distributed tables in which rows wait, by `tableName`. */
  readonly queues: ReadonlyMap<string, DistributedQueue>;
}

export interface OtherServers {
  readonly servers: readonly OtherServer[];
  /** Null: they were asked. */
  readonly unseen: Unseen | null;
}

/** Why none of them was asked. */
export interface Unseen {
  /** A right is missing; no cluster names any; the question failed. */
  readonly because: "denied" | "unnamed" | "failed";
  /** By which they were to be asked; null: it is not known, or there is none. */
  readonly cluster: string | null;
  /** In words for an operator. */
  readonly why: string;
}
