/** Putting the edges together for one check: connections, role, memory. */
import { ShardedSite } from "../check/shards/sharded_site.ts";
import type { CheckPorts, TableMemory } from "../check/ports/check_ports.ts";
import type { Observer } from "../check/ports/observer.ts";
import { Connection, MAX_STATEMENTS } from "../clickhouse/http/connection.ts";
import { openHttpAccess } from "../clickhouse/http/http_access.ts";
import { WritableClickHouse } from "../clickhouse/writable_site.ts";
import { WritableShards } from "../clickhouse/writable_shards.ts";
import { ReadableClickHouse } from "../clickhouse/readable_site.ts";
import { queryIdPrefix } from "../clickhouse/repair/leftover_statements.ts";
import { resolveRole } from "../dns/resolve_role.ts";
import { stepSpan } from "../telemetry/spans.ts";
import { logStatement } from "./log_statement.ts";
import { ONE_ADDRESS_EACH, type PickedReplicas, type SiteReplicas } from "../model/replica_pick.ts";
import type { Settings } from "../model/settings.ts";
import { together } from "./observers.ts";

export interface ConnectOptions {
  readonly settings: Settings;
  readonly redact: (text: string) => string;
  /** Letters and digits; unique among the checks of this site. */
  readonly checkId: string;
  readonly signal: AbortSignal;
  /** Default: nobody listens. */
  readonly observer?: Observer;
  /** Default: nothing is remembered. */
  readonly memory?: TableMemory;
  /** Default: they do not. */
  readonly repairsWait?: () => Promise<string | null>;
  /** Which replicas the settings name, where a site has several; default: each has one address. */
  readonly replicas?: PickedReplicas;
  readonly onStatement?: ((site: "local" | "remote", outcome: "ok" | "failed") => void) | undefined;
}

export const NO_MEMORY: TableMemory = {
  table: () => null,
  partitions: () => Promise.resolve(new Map()),
  stretches: () => [],
  async remember() {},
  keep() {},
};

/** Connections live for one check: nothing is left open between checks, and nothing leaks from one to the next. */
export function connect(options: ConnectOptions): CheckPorts & AsyncDisposable {
  const { settings, redact, checkId, signal, onStatement = () => {} } = options;
  const { observer = together([]), memory = NO_MEMORY, repairsWait = () => Promise.resolve(null) } = options;
  const prefix = queryIdPrefix(settings.role, checkId);
  const http = openHttpAccess(settings.tls);
  const { fetch } = http;
  const maxStatements = Math.max(MAX_STATEMENTS, settings.maxConcurrentTables ?? 0);
  const open = (site: "local" | "remote", url = settings[site].url) =>
    new Connection({
      site,
      endpoint: { ...settings[site], url },
      fetch,
      maxStatements,
      queryIdPrefix: prefix,
      redact,
      signal,
      onStatement(statement) {
        logStatement(statement, redact);
        if (!statement.aside) onStatement(site, statement.outcome);
      },
    });
  const [local, remote] = [open("local"), open("remote")];
  const more = settings.shards.slice(1).map(([replica]) => open("remote", replica!.url));
  const moreLocal = settings.localShards.slice(1).map(([replica]) => open("local", replica!.url));
  return {
    ...sitesOver({ local, remote, more, moreLocal }, settings, checkId, fetch, options.replicas),
    role: { resolve: () => resolveRole(settings) },
    observer,
    memory,
    repairsWait,
    signal,
    step: stepSpan,
    async [Symbol.asyncDispose]() {
      await Promise.all([local, remote, ...more, ...moreLocal].map((connection) => connection.close()));
      http[Symbol.dispose]();
    },
  };
}

/** The two sites behind connections, as the settings want them. @param over instead of the global `fetch` */
export function sitesOver(
  { local, remote, more = [], moreLocal = [] }: {
    readonly local: Connection;
    readonly remote: Connection;
    /** To the other shards of the other site. */
    readonly more?: readonly Connection[];
    /** To those of this one. */
    readonly moreLocal?: readonly Connection[];
  },
  settings: Settings,
  checkId: string,
  over: typeof fetch = fetch,
  replicas: PickedReplicas = ONE_ADDRESS_EACH,
): Pick<CheckPorts, "here" | "there"> {
  const { connectTimeoutMs, maxInsertThreads, remoteCompression, maxBytesPerSecond, stagingDatabase, role } =
    settings;
  const oneOf = (connection: Connection, url: string, picked: SiteReplicas | null) =>
    new ReadableClickHouse({
      connection,
      url,
      identities: picked?.identities ?? new Map(),
      fetch: over,
      connectTimeoutMs,
    });
  const [first, ...others] = settings.localShards.map(([replica]) => replica!.native);
  const own = first &&
    { address: first, more: others, credentials: settings.local, collection: null };
  const access = {
    address: settings.remoteNative,
    more: settings.shards.slice(1).map(([replica]) => replica!.native),
    credentials: settings.remote,
    collection: settings.remoteCollection,
    ...(own ? { own } : {}),
  };
  const bounds = { connectTimeoutMs, maxInsertThreads, remoteCompression, maxBytesPerSecond };
  const writable = (connection: Connection, url: string, picked: SiteReplicas | null) =>
    new WritableClickHouse({
      ...bounds,
      connection,
      others: [remote, ...more, ...moreLocal],
      url,
      identities: picked?.identities ?? new Map(),
      fetch: over,
      stagingDatabase,
      role,
      checkId,
      remote: access,
    });
  return {
    here: own === undefined ? writable(local, settings.local.url, replicas.local) : new WritableShards(
      [local, ...moreLocal].map((connection, shard) => {
        const { url, native } = settings.localShards[shard]![0]!;
        return {
          url,
          native,
          connection,
          site: writable(connection, url, replicas.localShards[shard] ?? null),
        };
      }),
    ),
    there: settings.shards.length === 0
      ? oneOf(remote, settings.remote.url, replicas.remote)
      : new ShardedSite(
        [remote, ...more].map((connection, shard) => {
          const { url } = settings.shards[shard]![0]!;
          return { url, site: oneOf(connection, url, replicas.shards[shard] ?? null) };
        }),
        "active",
      ),
  };
}
