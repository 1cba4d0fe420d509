/** Settings of the two sites and of the connections to them. */
import { SITES as SITE_NAMES } from "../../model/site.ts";
import { COMPRESSIONS } from "../../model/settings.ts";
import { address, hostName, nameServer } from "../kinds/addresses.ts";
import { certificates, password, passwordFile, privateKey } from "../kinds/files.ts";
import { endpoints, hosts } from "../kinds/replicas.ts";
import { milliseconds, port } from "../kinds/numbers.ts";
import { choice, flag, text } from "../kinds/words.ts";
import type { Section } from "../setting.ts";

const PRIMARY = { http: "http://192.168.100.143:8123", ip: "192.168.100.143" };
const DR = { http: "http://192.168.200.143:8123", ip: "192.168.200.143" };

export const SITES = {
  title: "Sites",
  note:
    "Instead of a password you may name a file that holds it (systemd credentials); not both. In an `.env` file, a " +
    "password with # in it needs quotes: `'pass#word'`.",
  settings: {
    ROLE: choice(SITE_NAMES, {
      required: true,
      example: { primary: "primary", dr: "dr" },
      meaning: "Which site this is",
    }),
    LOCAL_CH_URL: endpoints("LOCAL_CH_USER and LOCAL_CH_PASSWORD", {
      required: true,
      example: { primary: PRIMARY.http, dr: DR.http },
      meaning:
        "HTTP address of this site's ClickHouse. Separate the replicas of a shard by a vertical bar, and shards by a comma",
    }),
    REMOTE_CH_URL: endpoints("REMOTE_CH_USER and REMOTE_CH_PASSWORD", {
      required: true,
      example: { primary: DR.http, dr: PRIMARY.http },
      meaning:
        "HTTP address of the other site's ClickHouse. Separate the replicas of a shard by a vertical bar, and shards by a comma",
    }),
    LOCAL_CH_USER: text("a user name", { default: "default", meaning: "User at this site" }),
    LOCAL_CH_PASSWORD: password({ meaning: "Password at this site" }),
    LOCAL_CH_PASSWORD_FILE: passwordFile({ meaning: "File that holds the password at this site" }),
    REMOTE_CH_USER: text("a user name", { default: "default", meaning: "User at the other site" }),
    REMOTE_CH_PASSWORD: password({ meaning: "Password at the other site" }),
    REMOTE_CH_PASSWORD_FILE: passwordFile({ meaning: "File that holds the password at the other site" }),
    REMOTE_CH_HOST: hosts({
      otherwise: "host of `REMOTE_CH_URL`",
      meaning:
        "Native-protocol host of the other site, as this site's ClickHouse reaches it. Several servers: all of them, in the order and with the " +
        "separators of `REMOTE_CH_URL`, and with `:port` where it is not `REMOTE_CH_PORT`",
    }),
    LOCAL_CH_HOST: hosts({
      otherwise: "host of `LOCAL_CH_URL`",
      meaning:
        "Native-protocol hosts of this site's servers, as these reach each other, where it has several shards: in the order and with the " +
        "separators of `LOCAL_CH_URL`, and with `:port` where it is not `LOCAL_CH_PORT`",
    }),
    LOCAL_CH_PORT: port({
      otherwise: "9000",
      meaning: "Native port of the servers of this site, where it has several shards",
    }),
    REMOTE_CH_PORT: port({ otherwise: "9000 (9440 if secure)", meaning: "Native port of the other site" }),
    REMOTE_CH_SECURE: flag({
      default: false,
      meaning: "Use `remoteSecure()`, the native protocol over TLS, instead of `remote()`",
    }),
    REMOTE_COLLECTION: text("a name of letters, digits and underscores", {
      meaning:
        "Named collection on this site's server that holds host, port, user and password for `remote()`, " +
        "in place of `REMOTE_CH_HOST`, `REMOTE_CH_PORT` and, in statements, the user and password of the other site",
    }, (name) => /^[A-Za-z_]\w*$/.test(name)),
    REMOTE_COMPRESSION: choice(COMPRESSIONS, {
      default: "lz4",
      meaning: "Compression of what the other server sends: `zstd` for a slow link, `none` for a fast one",
    }),
    CONNECT_TIMEOUT_MS: milliseconds({
      default: 2000,
      min: 50,
      max: 60_000,
      meaning: "Milliseconds for connecting: of `remote()`, and of the `/ping` before a check",
    }),
  },
} as const satisfies Section;

export const ACTIVE = {
  title: "Who is active",
  settings: {
    DNS_RECORD: hostName({
      required: true,
      example: "clickhouse.example.com",
      meaning: "The failover record that names the active site",
    }),
    PRIMARY_IP: address({
      required: true,
      example: PRIMARY.ip,
      meaning: "Address that DNS gives while the primary site is active; IPv6: AAAA is asked",
    }),
    DR_IP: address({
      required: true,
      example: DR.ip,
      meaning: "Address that DNS gives while the DR site is active",
    }, ", other than PRIMARY_IP"),
    DNS_SERVER: nameServer({ otherwise: "the system's", meaning: "Name server to ask" }),
    ACTIVE_SITE: choice(["auto", ...SITE_NAMES], {
      default: "auto",
      meaning: "`primary` or `dr` overrides DNS (drills, sites without DNS failover)",
    }),
  },
} as const satisfies Section;

export const TLS = {
  title: "TLS",
  settings: {
    CA_FILE: certificates({
      meaning:
        "Extra CA certificates (PEM) to trust for https:// addresses of both servers, besides the well-known ones",
    }),
    CLIENT_CERT_FILE: certificates({
      meaning: "Certificate (PEM) that ch-sync shows to a server which asks for one",
    }),
    CLIENT_KEY_FILE: privateKey("CLIENT_CERT_FILE", { meaning: "Private key (PEM) of that certificate" }),
  },
} as const satisfies Section;

export const DRILL = {
  title: "Drill",
  settings: {
    DRILL_USER: text("a user name", {
      otherwise: "the users above",
      meaning: "User of `--drill`, which rehearses a failback at both sites (scripts/grants-drill.sql)",
    }),
    DRILL_PASSWORD: password({ meaning: "Password of that user" }),
    DRILL_PASSWORD_FILE: passwordFile({ meaning: "File that holds the password of that user" }),
  },
} as const satisfies Section;
