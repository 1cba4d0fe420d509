/** The validated configuration. `config/` makes it; everything else only reads it. */
import type { TimeUnit } from "./scope.ts";
import type { TableId } from "./table.ts";
import type { ActiveSite, SiteName } from "./site.ts";

/** How to reach one ClickHouse over HTTP. */
export interface Endpoint {
  /** `http://host:port` or `https://host:port`, without credentials and without a trailing slash. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** How the local ClickHouse server reaches the remote one over the native protocol. */
export interface NativeAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** One of several servers of a site. */
export interface ReplicaAddress {
  readonly url: string;
  /** As the local server reaches it; of this site, as its servers reach each other. */
  readonly native: NativeAddress;
}

/** Several replicas of the one shard of a site, the preferred one first; empty: it has one address, or several shards. */
export interface ReplicaAddresses {
  /** URLs. */
  readonly local: readonly string[];
  readonly remote: readonly ReplicaAddress[];
}

/** What HTTPS to the two servers needs besides the well-known CA certificates. */
export interface TlsSettings {
  /** Extra CA certificates to trust, in PEM. */
  readonly authorities: readonly string[];
  /** Null: none is shown. */
  readonly client: KeyPair | null;
}

/** A certificate, with its chain, and its private key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface DnsSettings {
  readonly record: string;
  readonly primaryIp: string;
  readonly drIp: string;
  /** Null: the system's name servers. */
  readonly server: { readonly host: string; readonly port: number } | null;
}

/** Where the status page is served, and for whom. */
export interface StatusSettings {
  readonly hostname: string;
  readonly port: number;
  /** Names by which it is reached, in small letters, besides `localhost` and `hostname`. */
  readonly hosts: readonly string[];
  readonly user: string;
  /** Null: for everybody who reaches the address. */
  readonly password: StatusPassword | null;
  /** Null: it speaks plain HTTP. */
  readonly tls: KeyPair | null;
}

export interface StatusPassword {
  readonly text: string;
  /** Whether the text is not the password, but bcrypt's hash of it. */
  readonly hashed: boolean;
}

/** A time of day, in minutes since midnight in the zone of this machine: from the first one, up to the second. */
export interface Blackout {
  readonly from: number;
  readonly to: number;
}

/** What an operator says of columns that hold numbers. */
export interface TimeColumn {
  /** Glob on `database.table.column`. */
  readonly pattern: string;
  /** `none`: they are no times; null: whichever fits. */
  readonly unit: Exclude<TimeUnit, "days"> | "none" | null;
}

export interface Settings {
  readonly role: SiteName;
  /** Where a site has several replicas, the one that is read: of a check the one that was picked for it. */
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly remoteNative: NativeAddress;
  readonly replicas: ReplicaAddresses;
  /** By shard, the replicas of the other site: of a check, the one that was picked of each; empty: it has one shard. */
  readonly shards: readonly (readonly ReplicaAddress[])[];
  /** The same of this site; empty: it has one shard. */
  readonly localShards: readonly (readonly ReplicaAddress[])[];
  /** Named collection on the local server that holds address and credentials of the remote one; null: none. */
  readonly remoteCollection: string | null;
  /** Who rehearses a failback at both sites; null: the users of the checks. */
  readonly drill: Pick<Endpoint, "user" | "password"> | null;
  readonly tls: TlsSettings;
  readonly dns: DnsSettings;
  /** Overrides DNS. `unknown` (the setting `auto`) asks DNS. */
  readonly activeSite: ActiveSite;
  /** From the start of one check to the start of the next. */
  readonly checkIntervalSeconds: number;
  /** Globs on `database.table`, those of the server's own databases included. */
  readonly excludePatterns: readonly string[];
  /** Which numbers are times, and in which unit; the first that fits counts. */
  readonly timeColumns: readonly TimeColumn[];
  /** Globs on `database.table.column`: columns that are copied and not compared. */
  readonly ignoreColumns: readonly string[];
  readonly connectTimeoutMs: number;
  readonly maxInsertThreads: number;
  /** Bytes over the network for each statement that reads the remote site; null: no bound. */
  readonly maxBytesPerSecond: number | null;
  /** Times of day without repairs. */
  /** Table of this site into which checks are written, and which is never compared; null: none. */
  readonly resultsTable: TableId | null;
  readonly blackouts: readonly Blackout[];
  readonly failbackCleanChecks: number;
  readonly settleSeconds: number;
  readonly autoCreateTables: boolean;
  /** Where staging tables lie; null: beside the table that they are for. */
  readonly stagingDatabase: string | null;
  /** 0 to 100. */
  readonly maxConflictPercent: number;
  /** Replaces differing partitions of aggregating engines by those of the active site, instead of reporting them. */
  readonly replaceAggregates: boolean;
  /** Tables that are examined at a time; null: by the cores of the servers. */
  readonly maxConcurrentTables: number | null;
  /** Of what `remote()` sends. */
  readonly remoteCompression: typeof COMPRESSIONS[number];
  /** Seconds after which a partition that keeps changing is digested again; in between its rows are counted. */
  readonly verifyIntervalSeconds: number;
  /** Bytes an hour of proven history that may be read again. */
  readonly verifyBudget: number;
  readonly webhookUrl: string | null;
  /** `auto` goes by the URL. */
  readonly notifyFormat: typeof NOTIFY_FORMATS[number];
  /** Pinged after checks that proved something. A secret. */
  readonly heartbeatUrl: string | null;
  /** The status page; null: off. */
  readonly status: StatusSettings | null;
  readonly stateFile: string;
  /** State file of vm-sync at this site; null: nobody asks what it says. */
  readonly neighbourStateFile: string | null;
  readonly logLevel: LogLevel;
  readonly logFormat: typeof LOG_FORMATS[number];
  /** Whether lines of text begin with their time; `auto`: where stderr is a terminal or a file. */
  readonly logTimes: typeof LOG_TIMES[number];
}

export const COMPRESSIONS = ["lz4", "zstd", "none"] as const;
export const NOTIFY_FORMATS = ["auto", "slack", "teams", "json"] as const;
export const LOG_FORMATS = ["text", "json"] as const;
export const LOG_TIMES = ["auto", "always", "never"] as const;
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export type LogLevel = typeof LOG_LEVELS[number];
