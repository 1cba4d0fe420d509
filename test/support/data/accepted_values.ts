/** Texts that each setting accepts, and files for those that name one. */
import { fc } from "../seed.ts";
import type { Setting } from "../../../src/config/setting.ts";
import type { Name } from "../../../src/config/table/table.ts";

export interface Files {
  /** With a certificate in PEM. */
  readonly certificate: string;
  /** With its private key. */
  readonly key: string;
  /** With a password. */
  readonly password: string;
}

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}[a-z0-9]$/);
const site = fc.constantFrom("primary", "dr", "PRIMARY", "Dr");
const flag = fc.constantFrom("true", "false", "1", "0", "yes", "no", "TRUE", "No");
const server = fc.tuple(fc.constantFrom("http", "https", "HTTP"), word, fc.integer({ min: 1, max: 65_535 }))
  .map(([scheme, host, port]) => `${scheme}://${host}.example:${port}`);
const bytes = fc.tuple(
  fc.integer({ min: 1, max: 900 }),
  fc.constantFrom("K", "M", "k", "KB", "MB", "KiB", "MiB", "mb", "000"),
).map(([number, unit]) => `${number}${unit}`);
const time = fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 12, max: 23 }))
  .map(([from, to]) => `${String(from).padStart(2, "0")}:30-${to}:05`);
const anything = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) =>
  text === text.trim() && !/[\r\0]/.test(text)
);
const url = fc.webUrl({ withQueryParameters: true, withFragments: true });
const v6 = fc.ipV6().map((ip) => `[${ip}]`);

function number({ bounds }: Setting): fc.Arbitrary<string> {
  return fc.integer(bounds!).map(String);
}

/** A new setting does not compile without a line here. */
export function acceptedValues(
  files: Files,
): Readonly<Record<Name, fc.Arbitrary<string> | ((setting: Setting) => fc.Arbitrary<string>)>> {
  const [password, certificate, key] = [files.password, files.certificate, files.key].map(fc.constant);
  return {
    ROLE: site,
    LOCAL_CH_URL: server,
    REMOTE_CH_URL: server,
    LOCAL_CH_USER: anything,
    LOCAL_CH_PASSWORD: anything,
    LOCAL_CH_PASSWORD_FILE: password!,
    REMOTE_CH_USER: anything,
    REMOTE_CH_PASSWORD: anything,
    REMOTE_CH_PASSWORD_FILE: password!,
    LOCAL_CH_HOST: fc.oneof(word, fc.ipV4(), fc.ipV6(), v6),
    LOCAL_CH_PORT: number,
    LOCAL_CH_SECURE: flag,
    REMOTE_CH_HOST: fc.oneof(word, fc.ipV4(), fc.ipV6(), v6),
    REMOTE_CH_PORT: number,
    REMOTE_CH_SECURE: flag,
    REMOTE_COLLECTION: fc.stringMatching(/^[A-Za-z_]\w{0,20}$/),
    REMOTE_COMPRESSION: fc.constantFrom("lz4", "zstd", "none", "LZ4"),
    CONNECT_TIMEOUT_MS: number,
    DNS_RECORD: word,
    PRIMARY_IP: fc.oneof(fc.ipV4(), fc.ipV6()),
    DR_IP: fc.oneof(fc.ipV4(), fc.ipV6()),
    DNS_SERVER: fc.oneof(fc.ipV4(), fc.ipV6(), v6.map((ip) => `${ip}:5353`)),
    ACTIVE_SITE: fc.oneof(site, fc.constant("auto")),
    CHECK_INTERVAL: number,
    SETTLE_SECONDS: number,
    FAILBACK_CLEAN_CHECKS: number,
    TIME_COLUMNS: fc.array(
      fc.tuple(word, fc.constantFrom("", ":s", ":ms", ":us", ":µs", ":ns", ":none")).map(([name, unit]) =>
        `${name}.*.ts?${unit}`
      ),
      { minLength: 1 },
    ).map((all) => all.join(", ")),
    RESULTS_TABLE: fc.stringMatching(/^[A-Za-z]\w{0,9}\.[A-Za-z]\w{0,9}$/),
    IGNORE_COLUMNS: fc.array(word.map((name) => `${name}.*.seen?`), { minLength: 1 }).map((all) =>
      all.join(", ")
    ),
    CH_EXCLUDE_PATTERNS: fc.array(word.map((name) => `${name}.*_?`), { minLength: 1 }).map((all) =>
      all.join(", ")
    ),
    VERIFY_INTERVAL: number,
    VERIFY_BUDGET: fc.oneof(bytes, fc.constantFrom("0", "999999999T", "2TiB", "3TB")),
    MAX_CONCURRENT_TABLES: number,
    AUTO_CREATE_TABLES: flag,
    STAGING_DATABASE: fc.stringMatching(/^[A-Za-z_]\w{0,20}$/),
    MAX_CONFLICT_PERCENT: fc.oneof(number({ bounds: { min: 0, max: 100 } } as Setting), fc.constant("2.5")),
    REPAIR_AGGREGATES: fc.constantFrom("report", "replace"),
    BLACKOUT: fc.array(time, { minLength: 1 }).map((all) => all.join(",")),
    MAX_INSERT_THREADS: number,
    MAX_BYTES_PER_SECOND: fc.oneof(bytes, fc.constantFrom("1000", "1000000000000", "1TB")),
    NOTIFY_WEBHOOK: url,
    NOTIFY_FORMAT: fc.constantFrom("auto", "slack", "teams", "json", "Slack"),
    HEARTBEAT_URL: url,
    STATUS_LISTEN: fc.oneof(
      fc.constant("off"),
      fc.tuple(fc.oneof(fc.ipV4(), v6, word), fc.nat(65_535)).map((all) => all.join(":")),
    ),
    STATUS_USER: anything.filter((text) => !text.includes(":")),
    STATUS_HOSTS: fc.array(word, { minLength: 1 }).map((all) => all.join(", ")),
    STATUS_PASSWORD_FILE: password!,
    STATUS_CERT_FILE: certificate!,
    STATUS_KEY_FILE: key!,
    CA_FILE: certificate!,
    CLIENT_CERT_FILE: certificate!,
    CLIENT_KEY_FILE: key!,
    STATE_FILE: anything,
    NEIGHBOUR_STATE_FILE: anything,
    LOG_LEVEL: fc.constantFrom("debug", "info", "warn", "warning", "error", "INFO"),
    LOG_FORMAT: fc.constantFrom("text", "json"),
    LOG_TIMES: fc.constantFrom("auto", "always", "never"),
    DRILL_USER: anything,
    DRILL_PASSWORD: anything,
    DRILL_PASSWORD_FILE: password!,
  };
}
