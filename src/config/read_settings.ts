/** From the environment to settings, or to every mistake at once. */
import { isIP } from "node:net";
import { LOG_LEVELS, type Settings } from "../model/settings.ts";
import { isHostName } from "./host_name.ts";
import type { Mistake } from "./mistake.ts";
import { type Environment, ValueReader } from "./read_values.ts";
import { readBlackouts } from "./read_blackouts.ts";
import { readStatus } from "./read_status.ts";
import { readTls } from "./read_tls.ts";
import { unknownVariables } from "./unknown_variables.ts";

export type ReadSettings =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "mistakes"; readonly mistakes: readonly Mistake[] };

/** Always excluded, whatever `CH_EXCLUDE_PATTERNS` says. */
const SERVER_DATABASES = ["system.*", "information_schema.*", "INFORMATION_SCHEMA.*", "ch_sync_drill_*.*"];

/**
 * Validates the environment as a whole. Pure but for `readFile`; throws nothing.
 *
 * @param readFile returns the content of a `…_PASSWORD_FILE`, or throws
 */
export function readSettings(environment: Environment, readFile: (path: string) => string): ReadSettings {
  const values = new ValueReader(environment);
  const [local, remote] = [values.endpoint("LOCAL_CH_URL"), values.endpoint("REMOTE_CH_URL")];
  if (local && remote && local.origin === remote.origin) {
    values.reject("REMOTE_CH_URL", "must not be the same as LOCAL_CH_URL");
  }
  const secure = values.flag("REMOTE_CH_SECURE");
  const active = values.oneOf("ACTIVE_SITE", ["auto", "primary", "dr"]);
  const level = values.oneOf("LOG_LEVEL", ["info", "warn", ...LOG_LEVELS]);
  const aggregates = values.oneOf("REPAIR_AGGREGATES", ["report", "replace"]);
  const settings: Settings = {
    role: values.oneOf("ROLE", ["primary", "dr"]),
    local: {
      url: local?.origin ?? "",
      user: values.text("LOCAL_CH_USER"),
      password: values.password("LOCAL_CH_PASSWORD", readFile),
    },
    remote: {
      url: remote?.origin ?? "",
      user: values.text("REMOTE_CH_USER"),
      password: values.password("REMOTE_CH_PASSWORD", readFile),
    },
    remoteNative: {
      host: values.host("REMOTE_CH_HOST", remote?.hostname ?? ""),
      port: values.number("REMOTE_CH_PORT", 1, 65_535, secure ? 9440 : 9000),
      secure,
    },
    remoteCollection: values.text("REMOTE_COLLECTION", (name) => /^[A-Za-z_]\w*$/.test(name)) || null,
    drill: readDrill(values, readFile),
    tls: readTls(values, readFile),
    dns: {
      record: values.text("DNS_RECORD", isHostName),
      ...siteAddresses(values),
      server: nameServer(values),
    },
    activeSite: active === "auto" ? "unknown" : active,
    checkIntervalSeconds: values.number("CHECK_INTERVAL", 1, 604_800),
    excludePatterns: excludePatterns(values),
    connectTimeoutMs: values.number("CONNECT_TIMEOUT_MS", 50, 60_000),
    maxInsertThreads: values.number("MAX_INSERT_THREADS", 1, 256),
    maxBytesPerSecond: values.number("MAX_BYTES_PER_SECOND", 1000, 1e12, 0) || null,
    blackouts: readBlackouts(values),
    failbackCleanChecks: values.number("FAILBACK_CLEAN_CHECKS", 1, 1000),
    settleSeconds: values.number("SETTLE_SECONDS", 0, 604_800),
    autoCreateTables: values.flag("AUTO_CREATE_TABLES"),
    maxConflictPercent: values.fraction("MAX_CONFLICT_PERCENT", 0, 100),
    replaceAggregates: aggregates === "replace",
    maxConcurrentPartitions: values.raw("MAX_CONCURRENT_PARTITIONS") === undefined
      ? null
      : values.number("MAX_CONCURRENT_PARTITIONS", 1, 64, 1),
    remoteCompression: values.oneOf("REMOTE_COMPRESSION", ["lz4", "zstd", "none"]),
    verifyIntervalSeconds: values.number("VERIFY_INTERVAL", 0, 604_800),
    verifyBudget: values.bytes("VERIFY_BUDGET"),
    webhookUrl: values.text("NOTIFY_WEBHOOK", isWebUrl) || null,
    notifyFormat: values.oneOf("NOTIFY_FORMAT", ["auto", "slack", "teams", "json"]),
    heartbeatUrl: values.text("HEARTBEAT_URL", isWebUrl) || null,
    status: readStatus(values, readFile),
    stateFile: values.text("STATE_FILE"),
    logLevel: level === "warn" ? "warning" : level,
    logFormat: values.oneOf("LOG_FORMAT", ["text", "json"]),
  };
  const mistakes = [...values.mistakes, ...unknownVariables(Object.keys(environment))];
  return mistakes.length > 0 ? { kind: "mistakes", mistakes } : { kind: "settings", settings };
}

function readDrill(values: ValueReader, readFile: (path: string) => string): Settings["drill"] {
  const [user, password] = [values.text("DRILL_USER"), values.password("DRILL_PASSWORD", readFile)];
  if (user === "" && password !== "") values.reject("DRILL_USER", "is required with a password of the drill");
  return user === "" ? null : { user, password };
}

/** Both of one family: ch-sync asks either A or AAAA. */
function siteAddresses(values: ValueReader): { readonly primaryIp: string; readonly drIp: string } {
  const [primaryIp, drIp] = [values.address("PRIMARY_IP"), values.address("DR_IP")];
  if (isIP(primaryIp) !== 0 && isIP(drIp) !== 0) {
    if (isIP(primaryIp) !== isIP(drIp)) {
      values.reject("DR_IP", "must be of the same family as PRIMARY_IP");
    } else if (canonical(primaryIp) === canonical(drIp)) {
      values.reject("DR_IP", "must not be the same as PRIMARY_IP");
    }
  }
  return { primaryIp, drIp };
}

/** One spelling for each address: `2001:DB8:0::1` is `2001:db8::1`. What is no plain address stays as it is. */
function canonical(ip: string): string {
  const url = ip.includes(":") ? `http://[${ip}]` : `http://${ip}`;
  return URL.canParse(url) ? new URL(url).hostname : ip;
}

function excludePatterns(values: ValueReader): string[] {
  const patterns = values.text("CH_EXCLUDE_PATTERNS").split(",").map((pattern) => pattern.trim()).filter(
    Boolean,
  );
  const vain = patterns.filter((pattern) => !/[.*?]/.test(pattern));
  if (vain.length > 0) {
    values.reject(
      "CH_EXCLUDE_PATTERNS",
      `must be globs on database.table, which ${vain.join(", ")} can never match`,
    );
  }
  return [...new Set([...SERVER_DATABASES, ...patterns])];
}

function nameServer(values: ValueReader): Settings["dns"]["server"] {
  const text = values.raw("DNS_SERVER");
  if (text === undefined) return null;
  if (isIP(text)) return { host: text, port: 53 };
  const [, v6, v4, port = "53"] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = v6 ?? v4 ?? "";
  const valid = isIP(address) === (v6 === undefined ? 4 : 6) && Number(port) >= 1 && Number(port) <= 65_535;
  if (!valid) values.reject("DNS_SERVER");
  return { host: address, port: Number(port) };
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\//i.test(text);
}
