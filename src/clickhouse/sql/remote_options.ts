/** How statements are sent that read the remote site, or drop what ch-sync made. */
import type { ClickHouseSettings } from "@clickhouse/client-web";
import type { StatementOptions } from "../http/connection_options.ts";
import { EXACT } from "../http/exact_settings.ts";

/** What statements that read the remote site may take. */
export interface CopyBounds {
  readonly connectTimeoutMs: number;
  readonly maxInsertThreads: number;
  readonly remoteCompression: "lz4" | "zstd" | "none";
  /** Of each statement; null: no bound. */
  readonly maxBytesPerSecond: number | null;
}

/**
 * KILL QUERY does not end a statement that waits for the other server's word: that must come in time.
 *
 * @param older what stands in place of values of EXACT, as one of the two servers is an older one
 */
export function remoteOptions(
  { connectTimeoutMs, maxBytesPerSecond, maxInsertThreads, remoteCompression }: CopyBounds,
  older: ClickHouseSettings = {},
): StatementOptions {
  const silence = Math.max(5, Math.ceil(connectTimeoutMs * SILENT_TIMES / 1000));
  return {
    long: true,
    inText: { ...EXACT, ...older },
    settings: {
      receive_timeout: silence,
      send_timeout: silence,
      tcp_keep_alive_timeout: silence,
      connect_timeout_with_failover_ms: connectTimeoutMs,
      connect_timeout_with_failover_secure_ms: connectTimeoutMs,
      handshake_timeout_ms: Math.max(connectTimeoutMs, 1000),
      network_compression_method: remoteCompression,
      max_insert_threads: String(maxInsertThreads),
      ...(maxBytesPerSecond === null ? {} : { max_network_bandwidth: String(maxBytesPerSecond) }),
    },
  };
}

/**
 * A server that computes sends a word of its progress ten times a second. One that says nothing for this many times
 * the connection time-out (30 seconds by default) is gone, or the network is.
 */
const SILENT_TIMES = 15;

/** Servers refuse by default to drop a table over 50 GB; a staging table is dropped like any other. */
export const DROP_ANY_SIZE: StatementOptions = {
  settings: {
    max_table_size_to_drop: "0",
    max_partition_size_to_drop: "0",
    ignore_drop_queries_probability: 0,
  },
  unstoppable: true,
};
