/** Every variable of the configuration: the one list that the parser, the README and the templates agree on. */

import { STATUS_VARIABLES } from "./status_variables.ts";
import { optional, required, type Variable } from "./variable.ts";

const URL_RULE = "an http:// or https:// URL with host and port, without credentials, path or query";
const ADDRESS = "an IPv4 or IPv6 address";
const BOOLEAN = "true or false (also 1, 0, yes, no)";

function password(name: string, of: string): Variable[] {
  return [
    { ...optional(name, null, `Password ${of}`, "any text"), secret: true },
    optional(
      `${name}_FILE`,
      null,
      `File that holds the password ${of} (systemd credentials)`,
      "a readable file",
    ),
  ];
}

const DEFAULT_EXCLUDES = "system.*,information_schema.*,INFORMATION_SCHEMA.*,*.tmp_*,*.temp_*";

export const VARIABLES: readonly Variable[] = [
  required("ROLE", "Which site this is", "primary or dr"),
  required("LOCAL_CH_URL", "HTTP address of this site's ClickHouse", URL_RULE),
  required("REMOTE_CH_URL", "HTTP address of the other site's ClickHouse", URL_RULE),
  required("DNS_RECORD", "The failover record that names the active site", "a host name"),
  required(
    "PRIMARY_IP",
    "Address that DNS gives while the primary site is active; IPv6: AAAA is asked",
    ADDRESS,
  ),
  required(
    "DR_IP",
    "Address that DNS gives while the DR site is active",
    `${ADDRESS}, other than PRIMARY_IP`,
  ),
  optional(
    "REMOTE_CH_HOST",
    "host of `REMOTE_CH_URL`",
    "Native-protocol host of the other site, as this site's ClickHouse reaches it",
    "a host name or an address",
  ),
  optional("REMOTE_CH_PORT", "9000 (9440 if secure)", "Native port of the other site", "a port, 1 to 65535"),
  optional("REMOTE_CH_SECURE", "false", "Use `remoteSecure()`, the native protocol over TLS", BOOLEAN),
  optional(
    "REMOTE_COLLECTION",
    null,
    "Named collection on this site's server that holds host, port, user and password for `remote()`, in place of " +
      "`REMOTE_CH_HOST`, `REMOTE_CH_PORT` and, in statements, the user and password of the other site",
    "a name of letters, digits and underscores",
  ),
  optional("LOCAL_CH_USER", "default", "User at this site", "a user name"),
  ...password("LOCAL_CH_PASSWORD", "at this site"),
  optional("REMOTE_CH_USER", "default", "User at the other site", "a user name"),
  ...password("REMOTE_CH_PASSWORD", "at the other site"),
  optional(
    "DRILL_USER",
    null,
    "User of `--drill` at both sites (scripts/grants-drill.sql); none: those above",
    "a user name",
  ),
  ...password("DRILL_PASSWORD", "of that user"),
  optional(
    "CA_FILE",
    null,
    "Certificates (PEM) of own authorities, which count for https:// addresses of both servers besides the well-known ones",
    "a readable file with certificates in PEM",
  ),
  optional(
    "CLIENT_CERT_FILE",
    null,
    "Certificate (PEM) that ch-sync shows to a server which asks for one",
    "a readable file with certificates in PEM",
  ),
  optional(
    "CLIENT_KEY_FILE",
    null,
    "Private key (PEM) of that certificate",
    "a readable file with the private key of CLIENT_CERT_FILE in PEM",
  ),
  optional(
    "DNS_SERVER",
    "the system's",
    "Name server to ask",
    "an address with or without port: 192.0.2.53, 192.0.2.53:5353, [2001:db8::53]:5353",
  ),
  optional(
    "ACTIVE_SITE",
    "auto",
    "`primary` or `dr` overrides DNS (drills, sites without DNS failover)",
    "auto, primary or dr",
  ),
  optional(
    "CHECK_INTERVAL",
    "300",
    "Seconds from the start of one check to the start of the next",
    "whole seconds, 1 to 604800",
  ),
  optional(
    "CH_EXCLUDE_PATTERNS",
    DEFAULT_EXCLUDES,
    "Comma-separated globs on `database.table` that are not synced; `system.*` and both `information_schema` stay " +
      "excluded whatever you set",
    "globs on database.table, separated by commas",
  ),
  optional(
    "CONNECT_TIMEOUT_MS",
    "2000",
    "Milliseconds for connecting: of `remote()`, and of the `/ping` before a check",
    "whole milliseconds, 50 to 60000",
  ),
  optional("MAX_INSERT_THREADS", "4", "`max_insert_threads` of a copy", "a whole number, 1 to 256"),
  optional(
    "MAX_BYTES_PER_SECOND",
    null,
    "Bytes a second at most that a comparison of rows or a copy reads from the other site (`max_network_bandwidth`)",
    "a whole number of bytes, 1000 to 1000000000000",
  ),
  optional(
    "BLACKOUT",
    null,
    "Times of day without repairs, `HH:MM-HH:MM`, separated by commas, in the time zone of the machine that runs ch-sync; " +
      "`22:00-06:00` goes over midnight. Checks go on",
    "HH:MM-HH:MM with two different times, more than one separated by commas",
  ),
  optional(
    "FAILBACK_CLEAN_CHECKS",
    "3",
    "Clean checks in a row before FAILBACK READY",
    "a whole number, 1 to 1000",
  ),
  {
    ...optional(
      "NOTIFY_WEBHOOK",
      null,
      "Webhook for messages: Slack, Teams (Workflows) or any other",
      "an http:// or https:// URL",
    ),
    secret: true,
  },
  optional(
    "NOTIFY_FORMAT",
    "auto",
    "`slack`, `teams` (Adaptive Card) or `json`; `auto` goes by the URL",
    "auto, slack, teams or json",
  ),
  {
    ...optional(
      "HEARTBEAT_URL",
      null,
      "Asked for after each check that was completed and compared something, for a monitor that misses it otherwise",
      "an http:// or https:// URL",
    ),
    secret: true,
  },
  optional(
    "SETTLE_SECONDS",
    "600",
    "Rows younger than this are still arriving: not compared, not copied",
    "whole seconds, 0 to 604800",
  ),
  optional("AUTO_CREATE_TABLES", "false", "Create here the tables that only the active site has", BOOLEAN),
  optional(
    "MAX_CONFLICT_PERCENT",
    "10",
    "Refuse to repair a partition when more than this share of its missing rows has a twin here: the same sorting " +
      "key and time, other content",
    "a number, 0 to 100",
  ),
  optional(
    "REPAIR_AGGREGATES",
    "report",
    "What is done about a partition of a Summing- or AggregatingMergeTree that differs and has been at rest on both " +
      "sites: `report` it, or `replace` it by the active site's, which drops rows that only this site has",
    "report or replace",
  ),
  optional(
    "VERIFY_INTERVAL",
    "3600",
    "Seconds between digests of a partition that keeps changing; in between its rows are counted, in slices of time. A " +
      "check that could make ready digests it all the same",
    "whole seconds, 0 to 604800",
  ),
  optional(
    "VERIFY_BUDGET",
    "100G",
    "Bytes an hour, on disk, of partitions that are digested again although nothing suggests a difference: history, " +
      "each partition at least every 30 days, and what was merged",
    "a number of bytes, with K, M, G or T behind it or without",
  ),
  optional(
    "MAX_CONCURRENT_PARTITIONS",
    null,
    "Tables whose partitions are examined at the same time; without it by the cores of the smaller server, and one at a " +
      "time while a server is busy",
    "a whole number, 1 to 64",
  ),
  optional(
    "REMOTE_COMPRESSION",
    "lz4",
    "Compression of what the other server sends: `zstd` for a slow link, `none` for a fast one",
    "lz4, zstd or none",
  ),
  optional(
    "STATE_FILE",
    "data/ch-sync-state.json",
    "State; its directory also holds the lock and the record of repairs",
    "a path",
  ),
  optional("LOG_LEVEL", "info", "Least level that is logged", "debug, info, warning or error"),
  optional("LOG_FORMAT", "text", "`text` prints `[INFO] message`, `json` one object a line", "text or json"),
  ...STATUS_VARIABLES,
];
