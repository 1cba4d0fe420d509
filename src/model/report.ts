/** What a check found and did: the value that the report, the state and the messages are made from. */
import { type Cause, reasonOf } from "./cause.ts";
import type { CheckScope } from "./check_scope.ts";
import { type TableDigest, tableDigest } from "./digest.ts";
import type { RememberedPartitions, RememberedTable } from "./memory.ts";
import type { MissingSpan } from "./missing_span.ts";
import type { Pause } from "./pause.ts";
import type { Reason } from "./reason.ts";
import type { ReadReplica } from "./replica_pick.ts";
import type { Placed, Repair } from "./repair.ts";
import type { ActiveSite, ServerFacts, SiteName } from "./site.ts";

/** What was found of one partition (or of a whole table, where `partitionId` is null). */
export interface Finding {
  readonly table: string;
  readonly partitionId: string | null;
  readonly reason: Reason;
  /** What the reason comes from. */
  readonly cause: Cause;
  /** In words, for the operator: figures, and what to do. */
  readonly detail: string;
  readonly rowsActive: bigint;
  readonly rowsHere: bigint;
  readonly missing: bigint;
  readonly surplus: bigint;
  /** Unix seconds: no missing row is older; null: nothing is missing, or it cannot be told. */
  readonly oldestMissing: number | null;
  /** When the missing rows are of, by time: all of them but those without a time; none where that cannot be told. */
  readonly spans: readonly MissingSpan[];
  /** Set where the rows can and may be repaired. */
  readonly repair: Repair | null;
  /** Statements of the repair, or ones that fix what is refused; without secrets. */
  readonly sql: readonly string[];
  readonly repaired: boolean;
  /** How many rows the repair put on which shard of this site; absent: nothing was repaired, or this site has one shard. */
  readonly placed?: readonly Placed[];
  /** A guard refused it, and an operator had it repaired all the same. */
  readonly accepted: boolean;
}

export interface TableReport {
  readonly table: string;
  /** Partitions compared. */
  readonly partitions: number;
  /** Rows of the active site that were compared, settled ones only. */
  readonly compared: TableDigest;
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  /** Names of columns that were not compared, as each site fills them for itself; absent: none. */
  readonly ignored?: readonly string[];
  /**
   * Unix seconds: every row of the active site that is older was compared by digests, and is here but for what `findings` say.
   * Null: older rows of keys that change all the time were left out. Absent: it was not compared like that.
   */
  readonly through?: number | null;
  /** Partitions that were not looked at, as the check was limited; absent: none. */
  readonly outside?: number;
  /** Partitions in which nothing has changed since they were proven, so that no row was read. */
  readonly proven: number;
  /** Partitions that changed and were compared by counts only, which never turn FAILBACK READY on. */
  readonly counted: number;
  /** Unix seconds of the oldest digest of any of its partitions; null: one was not digested yet. */
  readonly oldestDigest: number | null;
  /** What the next check should remember of the table; null: what it remembered before. */
  readonly remember: RememberedTable | null;
  /** The same of the partitions that a repair is planned for, if the repair fails. */
  readonly rememberPartitions: RememberedPartitions;
}

export interface LeftOut {
  readonly table: string;
  readonly engine: string;
}

/** Why a check ended where it did. */
export type CheckOutcome =
  | "completed"
  | "standby"
  | "role_unknown"
  | "site_unreachable"
  | "failed"
  | "aborted";

/** What was read of a site, shard by shard; none: it has one address. */
export function replicasAt(
  { local, remote, shards, localShards }: CheckReport["replicas"],
  side: "local" | "remote",
): readonly ReadReplica[] {
  const [one, each] = side === "local" ? [local, localShards] : [remote, shards];
  return one ? [one] : each;
}

export interface CheckReport {
  /** Of the check's start, ISO 8601 UTC. */
  readonly startedAt: string;
  readonly role: SiteName;
  readonly active: ActiveSite;
  /** `standby`: this site is the active one. */
  readonly outcome: CheckOutcome;
  readonly error: string | null;
  readonly dryRun: boolean;
  /** Only some tables or partitions were checked (`scope`): says nothing about readiness. */
  readonly limited: boolean;
  /** What was asked for; absent: everything. */
  readonly scope?: CheckScope;
  /** What holds repairs back; absent: nothing does. */
  readonly paused?: Pause;
  readonly unreachable: readonly ("local" | "remote")[];
  /** What each server said of itself; null: it was not asked. */
  readonly servers: { readonly local: ServerFacts | null; readonly remote: ServerFacts | null };
  /** Which replica was read of each site; null: the site has one address, or several shards. */
  readonly replicas: {
    readonly local: ReadReplica | null;
    readonly remote: ReadReplica | null;
    /** Of each shard of the other site; empty: it has one. */
    readonly shards: readonly ReadReplica[];
    /** The same of this site. */
    readonly localShards: readonly ReadReplica[];
  };
  /** Unix seconds: older rows were settled, so they were compared; null: none were. */
  readonly settledBefore: number | null;
  readonly tables: readonly TableReport[];
  /** Tables of the active site whose engine is not synced. */
  readonly leftOut: readonly LeftOut[];
  /** Objects that only the active site has and that are not synced, and the like. */
  readonly warnings: readonly string[];
}

/** A finding about a partition, or about a whole table, without figures. */
export function finding(table: string, partitionId: string | null, cause: Cause, detail: string): Finding {
  return {
    table,
    partitionId,
    reason: reasonOf(cause),
    cause,
    detail,
    rowsActive: 0n,
    rowsHere: 0n,
    missing: 0n,
    surplus: 0n,
    oldestMissing: null,
    spans: [],
    repair: null,
    sql: [],
    repaired: false,
    accepted: false,
  };
}

export function tableReport(table: string, fields: Partial<TableReport> = {}): TableReport {
  const memory = { proven: 0, counted: 0, oldestDigest: null, remember: null, rememberPartitions: new Map() };
  return {
    table,
    partitions: 0,
    compared: tableDigest([]),
    findings: [],
    warnings: [],
    ...memory,
    ...fields,
  };
}
