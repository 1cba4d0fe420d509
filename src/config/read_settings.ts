/** From the environment to settings, or to every mistake at once. */
import type { KeyPair, NativeAddress, ReplicaAddress, Settings } from "../model/settings.ts";
import { tableName } from "../model/table.ts";
import type { Certificates } from "./kinds/files.ts";
import type { Shards } from "./kinds/replicas.ts";
import type { Mistake } from "./mistake.ts";
import { type Environment, mistakeOf, readValues } from "./read_values.ts";
import { brokenRules, passwordOf } from "./rules.ts";
import { nativeAddresses, ownAddresses } from "./replica_rules.ts";
import type { ReadFile } from "./setting.ts";
import { SETTINGS, type Values } from "./table/table.ts";
import { unknownVariables } from "./unknown_variables.ts";

export type ReadSettings =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "mistakes"; readonly mistakes: readonly Mistake[] };

/** Always excluded, whatever `CH_EXCLUDE_PATTERNS` says. */
const SERVER_DATABASES = ["system.*", "information_schema.*", "INFORMATION_SCHEMA.*", "ch_sync_drill_*.*"];

/**
 * Validates the environment as a whole. Pure except for `readFile`; never throws.
 *
 * @param readFile returns the content of a file that a setting names, or throws
 */
export function readSettings(environment: Environment, readFile: ReadFile): ReadSettings {
  const read = readValues(environment, readFile);
  const broken = brokenRules(read.values).map(({ name, problem }) =>
    mistakeOf(environment, SETTINGS.find((setting) => setting.name === name)!, name, problem)
  );
  const mistakes = [...read.mistakes, ...broken, ...unknownVariables(Object.keys(environment))];
  return mistakes.length > 0
    ? { kind: "mistakes", mistakes }
    : { kind: "settings", settings: settingsOf(read.values as Values) };
}

/** What `--status` needs to know, which asks no site: the role may be missing. */
export interface StatusReading
  extends
    Pick<Settings, "stateFile" | "neighbourStateFile" | "checkIntervalSeconds" | "failbackCleanChecks"> {
  readonly role: Settings["role"] | "unknown";
}

/** Null: one of them is not what it should be, or a name is misspelt, which may be that of the state file. */
export function readForStatus(environment: Environment, readFile: ReadFile): StatusReading | null {
  const { STATE_FILE, CHECK_INTERVAL, FAILBACK_CLEAN_CHECKS, NEIGHBOUR_STATE_FILE = null, ROLE = "unknown" } =
    readValues(environment, readFile).values;
  if (unknownVariables(Object.keys(environment)).length > 0) return null;
  if (STATE_FILE === undefined || CHECK_INTERVAL === undefined || FAILBACK_CLEAN_CHECKS === undefined) {
    return null;
  }
  const [checkIntervalSeconds, failbackCleanChecks] = [CHECK_INTERVAL, FAILBACK_CLEAN_CHECKS];
  return {
    stateFile: STATE_FILE,
    neighbourStateFile: NEIGHBOUR_STATE_FILE,
    checkIntervalSeconds,
    failbackCleanChecks,
    role: ROLE,
  };
}

/** Where the state is, which is all that a verb needs to know; null: that is no path, or a name is misspelt, which may be this one. */
export function stateFileOf(environment: Environment, readFile: ReadFile): string | null {
  if (unknownVariables(Object.keys(environment)).length > 0) return null;
  return readValues(environment, readFile).values.STATE_FILE ?? null;
}

/** The settings that these values of the table come to. */
export function settingsOf(values: Values): Settings {
  const { LOCAL_CH_URL: local, REMOTE_CH_URL: remote, STATUS_LISTEN: listen } = values;
  const natives = nativeAddresses(values);
  const shards = addressesOf(remote, natives);
  const ownNatives = ownAddresses(values);
  return {
    role: values.ROLE,
    local: {
      url: local[0]![0]!.origin,
      user: values.LOCAL_CH_USER,
      password: passwordOf("LOCAL_CH_PASSWORD", values),
    },
    remote: {
      url: remote[0]![0]!.origin,
      user: values.REMOTE_CH_USER,
      password: passwordOf("REMOTE_CH_PASSWORD", values),
    },
    remoteNative: natives[0]![0]!,
    replicas: {
      local: local.length === 1 && local[0]!.length > 1 ? local[0]!.map(({ origin }) => origin) : [],
      remote: shards.length === 1 && shards[0]!.length > 1 ? shards[0]! : [],
    },
    shards: shards.length === 1 ? [] : shards,
    localShards: local.length === 1 ? [] : addressesOf(local, ownNatives),
    remoteCollection: values.REMOTE_COLLECTION,
    remoteCompression: values.REMOTE_COMPRESSION,
    connectTimeoutMs: values.CONNECT_TIMEOUT_MS,
    dns: {
      record: values.DNS_RECORD,
      primaryIp: values.PRIMARY_IP,
      drIp: values.DR_IP,
      server: values.DNS_SERVER,
    },
    activeSite: values.ACTIVE_SITE === "auto" ? "unknown" : values.ACTIVE_SITE,
    checkIntervalSeconds: values.CHECK_INTERVAL,
    settleSeconds: values.SETTLE_SECONDS,
    failbackCleanChecks: values.FAILBACK_CLEAN_CHECKS,
    excludePatterns: [...new Set([...SERVER_DATABASES, ...values.CH_EXCLUDE_PATTERNS, ...results(values)])],
    resultsTable: values.RESULTS_TABLE,
    timeColumns: values.TIME_COLUMNS ?? [],
    ignoreColumns: [...new Set(values.IGNORE_COLUMNS ?? [])],
    verifyIntervalSeconds: values.VERIFY_INTERVAL,
    verifyBudget: values.VERIFY_BUDGET,
    maxConcurrentTables: values.MAX_CONCURRENT_TABLES,
    autoCreateTables: values.AUTO_CREATE_TABLES,
    stagingDatabase: values.STAGING_DATABASE,
    maxConflictPercent: values.MAX_CONFLICT_PERCENT,
    replaceAggregates: values.REPAIR_AGGREGATES === "replace",
    blackouts: values.BLACKOUT ?? [],
    maxInsertThreads: values.MAX_INSERT_THREADS,
    maxBytesPerSecond: values.MAX_BYTES_PER_SECOND,
    webhookUrl: values.NOTIFY_WEBHOOK,
    notifyFormat: values.NOTIFY_FORMAT,
    heartbeatUrl: values.HEARTBEAT_URL,
    status: listen === "off" ? null : {
      hostname: listen.host,
      port: listen.port,
      hosts: values.STATUS_HOSTS ?? [],
      user: values.STATUS_USER,
      password: values.STATUS_PASSWORD_FILE,
      tls: keyPair(values.STATUS_CERT_FILE, values.STATUS_KEY_FILE),
    },
    tls: {
      authorities: values.CA_FILE?.each ?? [],
      client: keyPair(values.CLIENT_CERT_FILE, values.CLIENT_KEY_FILE),
    },
    stateFile: values.STATE_FILE,
    neighbourStateFile: values.NEIGHBOUR_STATE_FILE,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    logTimes: values.LOG_TIMES,
    drill: values.DRILL_USER === null
      ? null
      : { user: values.DRILL_USER, password: passwordOf("DRILL_PASSWORD", values) },
  };
}

function addressesOf(urls: Shards<URL>, natives: Shards<NativeAddress>): Shards<ReplicaAddress> {
  return urls.map((shard, at) =>
    shard.map(({ origin }, place) => ({ url: origin, native: natives[at]![place]! }))
  );
}

/** What ch-sync writes for itself is not compared: each site has rows of its own. */
function results({ RESULTS_TABLE: table }: Values): string[] {
  return table === null ? [] : [tableName(table)];
}

function keyPair(certificate: Certificates | null, key: string | null): KeyPair | null {
  return certificate && key !== null ? { certificate: certificate.text, key } : null;
}
