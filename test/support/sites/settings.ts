/** Settings for tests. */
import type { Settings } from "../../../src/model/settings.ts";

/** Those of the DR site, between two sites that are not there unless `overrides` names others. */
export function settingsOf(overrides: Partial<Settings> = {}): Settings {
  return {
    role: "dr",
    local: { url: "http://127.0.0.1:1", user: "sync", password: "" },
    remote: { url: "http://127.0.0.1:2", user: "sync", password: "" },
    remoteNative: { host: "127.0.0.1", port: 3, secure: false },
    remoteCollection: null,
    drill: null,
    tls: { authorities: [], client: null },
    dns: { record: "clickhouse.example", primaryIp: "192.0.2.1", drIp: "192.0.2.2", server: null },
    activeSite: "primary",
    checkIntervalSeconds: 300,
    excludePatterns: [
      "system.*",
      "information_schema.*",
      "INFORMATION_SCHEMA.*",
      "ch_sync_drill_*.*",
      "*.tmp_*",
      "*.temp_*",
    ],
    timeColumns: [],
    connectTimeoutMs: 2000,
    maxInsertThreads: 2,
    maxBytesPerSecond: null,
    blackouts: [],
    failbackCleanChecks: 3,
    settleSeconds: 600,
    autoCreateTables: false,
    maxConflictPercent: 10,
    replaceAggregates: false,
    maxConcurrentTables: null,
    remoteCompression: "lz4",
    verifyIntervalSeconds: 3600,
    verifyBudget: 2 ** 40,
    webhookUrl: null,
    notifyFormat: "json",
    heartbeatUrl: null,
    status: null,
    stateFile: "",
    logLevel: "info",
    logFormat: "text",
    logTimes: "auto",
    ...overrides,
  };
}
