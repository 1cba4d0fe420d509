/** What a check finds at both sites before it looks at a row. */
import type { FeedingView } from "../../model/derived_view.ts";
import type { Within } from "../../model/check_scope.ts";
import type { LeftOut, TableReport } from "../../model/report.ts";
import type { Settings } from "../../model/settings.ts";
import type { Table, TableId, TablePair } from "../../model/table.ts";
import type { Sources } from "../views/derived_tables.ts";
import type { BufferTable } from "../replicas/buffer_tables.ts";
import type { KnownQueues } from "../replicas/queued.ts";
import type { ClusterSettings, UnnamedShards } from "../shards/more_than_one.ts";
import type { Summaries } from "../../model/partition.ts";

export interface Discovery {
  /** Sources before what they feed. */
  readonly pairs: readonly TablePair[];
  readonly sources: Sources;
  /** Names of all tables that a check without limits compares. */
  readonly compared: ReadonlySet<string>;
  /** Tables of this site that views fill from compared ones, by name. */
  readonly derived: ReadonlyMap<string, TableId>;
  /** The views of this site that fill each table, by its name; those that refresh by schedule are not among them. */
  readonly views: ReadonlyMap<string, readonly FeedingView[]>;
  /** Tables of this site by name, compared or not; none of which the name stands for two. */
  readonly tables: ReadonlyMap<string, Table>;
  /**
   * Tables in which rows may stay for a while before they go on to where views read them: Buffer and Distributed ones. Each with the table
   * of this site behind it, if it is a Buffer that no view reads; else null.
   */
  readonly holding: ReadonlyMap<string, string | null>;
  /** Tables of this site of other engines than the MergeTree family that keep every row: Log, Memory, queues. */
  readonly unread: ReadonlySet<string>;
  /** Names of tables that views fill at the active site, and no view of this one. */
  readonly fedThere: ReadonlySet<string>;
  /** Derived tables of which the two sites do not make the same, and why. */
  readonly unprovable: ReadonlyMap<string, Unprovable>;
  /** By table, the other tables that its views read. */
  readonly partners: Sources;
  /** Tables that are not the same on all shards of a site, by their name there, and why. */
  readonly unequal: {
    readonly here: ReadonlyMap<string, string>;
    readonly there: ReadonlyMap<string, string>;
  };
  /** Tables of which the views are not the same on all shards of a site, by their name there, and why. */
  readonly unlikeViews: Discovery["unequal"];
  /** Over several shards: why tables that views connect cannot be compared each by itself, by their names. */
  readonly withViews?: ReadonlyMap<string, string>;
  readonly summaries: Summaries;
  /** What the active site shows at the server that is read: all of its tables, and the databases. */
  readonly known: { readonly tables: ReadonlySet<string>; readonly databases: ReadonlySet<string> };
  /** The Distributed tables of each site. */
  readonly queues: { readonly here: KnownQueues; readonly there: KnownQueues };
  /** The Buffer tables of each site through which rows come to compared ones. */
  readonly buffers: { readonly here: readonly BufferTable[]; readonly there: readonly BufferTable[] };
  /** Reports of tables that exist at one site only: that are new, or that the active site has lost. */
  readonly unpaired: readonly TableReport[];
  /** Tables of this site that the active one does not have, or does not show. */
  readonly onlyHere: ReadonlySet<string>;
  /** How many tables of the active site are excluded. */
  readonly excluded: number;
  /** Shards that neither site's settings name. */
  readonly unnamed: UnnamedShards;
  /** Why nothing can be staged at this site; null: it can. */
  readonly stagingProblem: string | null;
  /** Names of tables of this site beside which no staging table may lie, where no other place for it is set. */
  readonly unstaged: ReadonlySet<string>;
  /** Names that stand for two tables of a site. */
  readonly ambiguous: ReadonlySet<string>;
  readonly leftOut: readonly LeftOut[];
  readonly warnings: readonly string[];
}

export interface Unprovable {
  readonly cause: "drifted" | "derived";
  readonly detail: string;
}

export interface DiscoveryOptions {
  readonly settings:
    & ClusterSettings
    & Pick<Settings, "role" | "timeColumns" | "ignoreColumns" | "stagingDatabase" | "settleSeconds">;
  readonly only: ReadonlySet<string> | null;
  readonly within?: Pick<Within, "open">;
  readonly accepted: ReadonlySet<string>;
  readonly dryRun: boolean;
  /** Of this site's server. */
  readonly version: string;
}
