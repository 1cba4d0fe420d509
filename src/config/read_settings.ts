/** From the environment to settings, or to every mistake at once. */
import { isIP } from "node:net";
import { LOG_LEVELS, type Settings } from "../model/settings.ts";
import type { Mistake } from "./mistake.ts";
import { type Environment, ValueReader } from "./read_values.ts";
import { unknownVariables } from "./unknown_variables.ts";
import { VARIABLES } from "./variables.ts";

export type ReadSettings =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "mistakes"; readonly mistakes: readonly Mistake[] };

/** Always excluded, whatever `CH_EXCLUDE_PATTERNS` says. */
const SERVER_DATABASES = ["system.*", "information_schema.*", "INFORMATION_SCHEMA.*"];

/**
 * Validates the environment as a whole. Pure but for `readFile`.
 *
 * @param readFile returns the content of a `…_PASSWORD_FILE`, or throws
 */
export function readSettings(environment: Environment, readFile: (path: string) => string): ReadSettings {
  const values = new ValueReader(environment);
  for (const { name, planned, default: value } of VARIABLES) {
    const set = values.raw(name);
    if (planned && set !== undefined && set !== value) values.reject(name, "is not supported yet: remove it");
  }
  const [local, remote] = [values.endpoint("LOCAL_CH_URL"), values.endpoint("REMOTE_CH_URL")];
  if (local && remote && local.origin === remote.origin) {
    values.reject("REMOTE_CH_URL", "must not be the same as LOCAL_CH_URL");
  }
  const [primaryIp, drIp] = [values.address("PRIMARY_IP"), values.address("DR_IP")];
  if (isIP(primaryIp) && isIP(drIp)) {
    if (new URL(host(primaryIp)).hostname === new URL(host(drIp)).hostname) {
      values.reject("DR_IP", "must not be the same as PRIMARY_IP");
    } else if (isIP(primaryIp) !== isIP(drIp)) {
      values.reject("DR_IP", "must be of the same family as PRIMARY_IP");
    }
  }
  const secure = values.flag("REMOTE_CH_SECURE");
  const active = values.oneOf("ACTIVE_SITE", ["auto", "primary", "dr"], "auto");
  values.oneOf("NOTIFY_FORMAT", ["auto", "slack"], "auto");
  const settings: Settings = {
    role: values.oneOf("ROLE", ["primary", "dr"], "primary"),
    local: {
      url: local?.origin ?? "",
      user: values.text("LOCAL_CH_USER", "default"),
      password: values.password("LOCAL_CH_PASSWORD", readFile),
    },
    remote: {
      url: remote?.origin ?? "",
      user: values.text("REMOTE_CH_USER", "default"),
      password: values.password("REMOTE_CH_PASSWORD", readFile),
    },
    remoteNative: {
      host: values.text("REMOTE_CH_HOST", remote?.hostname ?? "", isHost).replace(/^\[(.*)\]$/, "$1"),
      port: values.number("REMOTE_CH_PORT", secure ? 9440 : 9000, 1, 65_535),
      secure,
    },
    dns: {
      record: values.text("DNS_RECORD", "", (name) => isHostName(name) && isIP(name) === 0),
      primaryIp,
      drIp,
      server: nameServer(values),
    },
    activeSite: active === "auto" ? "unknown" : active,
    checkIntervalSeconds: values.number("CHECK_INTERVAL", 300, 1, 86_400),
    excludePatterns: excludePatterns(values.raw("CH_EXCLUDE_PATTERNS")),
    connectTimeoutMs: values.number("CONNECT_TIMEOUT_MS", 2000, 50, 60_000),
    maxInsertThreads: values.number("MAX_INSERT_THREADS", 4, 1, 256),
    failbackCleanChecks: values.number("FAILBACK_CLEAN_CHECKS", 3, 1, 1000),
    settleSeconds: values.number("SETTLE_SECONDS", 600, 0, 604_800),
    autoCreateTables: values.flag("AUTO_CREATE_TABLES"),
    maxConflictPercent: values.number("MAX_CONFLICT_PERCENT", 10, 0, 100, false),
    webhookUrl: values.text("NOTIFY_WEBHOOK", "", (url) => URL.canParse(url) && /^https?:/.test(url)) || null,
    stateFile: values.text("STATE_FILE", "data/ch-sync-state.json"),
    logLevel: values.oneOf("LOG_LEVEL", LOG_LEVELS, "info"),
    logFormat: values.oneOf("LOG_FORMAT", ["text", "json"], "text"),
  };
  const mistakes = [...values.mistakes, ...unknownVariables(Object.keys(environment))];
  return mistakes.length > 0 ? { kind: "mistakes", mistakes } : { kind: "settings", settings };
}

function excludePatterns(text: string | undefined): string[] {
  const fallback = VARIABLES.find(({ name }) => name === "CH_EXCLUDE_PATTERNS")!.default!;
  const patterns = (text ?? fallback).split(",").map((pattern) => pattern.trim()).filter(Boolean);
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

function isHost(text: string): boolean {
  return isIP(text.replace(/^\[(.*)\]$/, "$1")) !== 0 || isHostName(text);
}

/** Labels of letters, digits, hyphens and underscores, as resolvers take them. */
function isHostName(text: string): boolean {
  return text.length <= 253 &&
    /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}))*\.?$/.test(text);
}

function host(ip: string): string {
  return ip.includes(":") ? `http://[${ip}]` : `http://${ip}`;
}
