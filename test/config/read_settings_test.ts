import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { describeMistake } from "../../src/config/mistake.ts";
import { readSettings, settingsOf } from "../../src/config/read_settings.ts";
import { readValues } from "../../src/config/read_values.ts";
import { SETTINGS, type Values } from "../../src/config/table/table.ts";
import type { Settings } from "../../src/model/settings.ts";
import { EXAMPLE, mistakesWith, readPassword, settingsWith } from "../support/data/example_environment.ts";
import { eachSays } from "../support/says.ts";

const DEFAULTS: Settings = {
  role: "dr",
  local: { url: "http://192.168.200.143:8123", user: "default", password: "" },
  remote: { url: "http://192.168.100.143:8123", user: "default", password: "" },
  remoteNative: { host: "192.168.100.143", port: 9000, secure: false },
  replicas: { local: [], remote: [] },
  shards: [],
  localShards: [],
  remoteCollection: null,
  drill: null,
  tls: { authorities: [], client: null },
  dns: {
    record: "clickhouse.example.com",
    primaryIp: "192.168.100.143",
    drIp: "192.168.200.143",
    server: null,
  },
  activeSite: "unknown",
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
  ignoreColumns: [],
  resultsTable: null,
  connectTimeoutMs: 2000,
  maxInsertThreads: 4,
  maxBytesPerSecond: null,
  blackouts: [],
  failbackCleanChecks: 3,
  settleSeconds: 600,
  autoCreateTables: false,
  stagingDatabase: null,
  maxConflictPercent: 10,
  replaceAggregates: false,
  maxConcurrentTables: null,
  remoteCompression: "lz4",
  verifyIntervalSeconds: 3600,
  verifyBudget: 100 * 2 ** 30,
  webhookUrl: null,
  notifyFormat: "auto",
  heartbeatUrl: null,
  status: null,
  stateFile: "data/ch-sync-state.json",
  neighbourStateFile: null,
  logLevel: "info",
  logFormat: "text",
  logTimes: "auto",
};

Deno.test("readSettings() gives the defaults", () => {
  assert.deepEqual(settingsWith(), DEFAULTS);
});

Deno.test("readSettings() takes an empty value for one that is not set", () => {
  const names = SETTINGS.filter(({ required }) => !required).map(({ name }) => name);
  assert.deepEqual(settingsWith(Object.fromEntries(names.map((name) => [name, ""]))), DEFAULTS);
  assert.deepEqual(mistakesWith({ ROLE: "" }), ["ROLE is required: primary or dr"]);
});

Deno.test("readSettings() reads every variable", () => {
  const settings = settingsWith({
    ROLE: "primary",
    LOCAL_CH_URL: "https://ch-a.example:8443/",
    REMOTE_CH_URL: "https://ch-b.example:8443",
    REMOTE_CH_HOST: "ch-b-native.example",
    REMOTE_CH_PORT: "9441",
    REMOTE_CH_SECURE: "yes",
    REMOTE_COLLECTION: "other_site",
    LOCAL_CH_USER: "here",
    LOCAL_CH_PASSWORD: " spaces are kept ",
    REMOTE_CH_USER: "there",
    REMOTE_CH_PASSWORD_FILE: "/run/password",
    DNS_SERVER: "192.0.2.53:5353",
    ACTIVE_SITE: "dr",
    CHECK_INTERVAL: "60",
    CH_EXCLUDE_PATTERNS: " scratch.*, *.log_?,,",
    TIME_COLUMNS: "logs.*.timestamp:ns, *.unix_milli:ms ,a.b.c",
    IGNORE_COLUMNS: "logs.*.inserted_at, *.seen,,*.seen",
    RESULTS_TABLE: "ops.checks",
    CONNECT_TIMEOUT_MS: "500",
    MAX_INSERT_THREADS: "8",
    MAX_BYTES_PER_SECOND: "50000000",
    BLACKOUT: "22:00-06:00, 12:30-13:00",
    FAILBACK_CLEAN_CHECKS: "5",
    NOTIFY_WEBHOOK: "https://hooks.example/T/B/X",
    NOTIFY_FORMAT: "slack",
    HEARTBEAT_URL: "https://hc.example/ping/X",
    SETTLE_SECONDS: "0",
    AUTO_CREATE_TABLES: "1",
    STAGING_DATABASE: "aside",
    MAX_CONFLICT_PERCENT: "2.5",
    REPAIR_AGGREGATES: "replace",
    VERIFY_INTERVAL: "600",
    VERIFY_BUDGET: "5g",
    MAX_CONCURRENT_TABLES: "3",
    REMOTE_COMPRESSION: "zstd",
    STATE_FILE: "/var/lib/ch-sync/state.json",
    NEIGHBOUR_STATE_FILE: "/var/lib/vm-sync/state.json",
    DRILL_USER: "driller",
    DRILL_PASSWORD: "drill-secret",
    STATUS_LISTEN: "[::1]:8080",
    STATUS_PASSWORD_FILE: "/run/password",
    STATUS_HOSTS: "A.example., b",
    LOG_LEVEL: "warn",
    LOG_FORMAT: "json",
    LOG_TIMES: "never",
  });
  assert.deepEqual(settings, {
    role: "primary",
    local: { url: "https://ch-a.example:8443", user: "here", password: " spaces are kept " },
    remote: { url: "https://ch-b.example:8443", user: "there", password: "from-the-file" },
    remoteNative: { host: "ch-b-native.example", port: 9441, secure: true },
    replicas: { local: [], remote: [] },
    shards: [],
    localShards: [],
    remoteCollection: "other_site",
    drill: { user: "driller", password: "drill-secret" },
    tls: DEFAULTS.tls,
    dns: { ...DEFAULTS.dns, server: { host: "192.0.2.53", port: 5353 } },
    activeSite: "dr",
    checkIntervalSeconds: 60,
    excludePatterns: [
      "system.*",
      "information_schema.*",
      "INFORMATION_SCHEMA.*",
      "ch_sync_drill_*.*",
      "scratch.*",
      "*.log_?",
      "ops.checks",
    ],
    timeColumns: [
      { pattern: "logs.*.timestamp", unit: "nanoseconds" },
      { pattern: "*.unix_milli", unit: "milliseconds" },
      { pattern: "a.b.c", unit: null },
    ],
    ignoreColumns: ["logs.*.inserted_at", "*.seen"],
    resultsTable: { database: "ops", name: "checks" },
    connectTimeoutMs: 500,
    maxInsertThreads: 8,
    maxBytesPerSecond: 50_000_000,
    blackouts: [{ from: 1320, to: 360 }, { from: 750, to: 780 }],
    failbackCleanChecks: 5,
    settleSeconds: 0,
    autoCreateTables: true,
    stagingDatabase: "aside",
    maxConflictPercent: 2.5,
    replaceAggregates: true,
    verifyIntervalSeconds: 600,
    verifyBudget: 5 * 2 ** 30,
    maxConcurrentTables: 3,
    remoteCompression: "zstd",
    webhookUrl: "https://hooks.example/T/B/X",
    notifyFormat: "slack",
    heartbeatUrl: "https://hc.example/ping/X",
    status: {
      hostname: "::1",
      port: 8080,
      hosts: ["a.example", "b"],
      user: "ch-sync",
      password: { text: "from-the-file", hashed: false },
      tls: null,
    },
    stateFile: "/var/lib/ch-sync/state.json",
    neighbourStateFile: "/var/lib/vm-sync/state.json",
    logLevel: "warning",
    logFormat: "json",
    logTimes: "never",
  });
});

Deno.test("no row of the table is forgotten by settingsOf()", () => {
  const environment = { ...EXAMPLE, DRILL_USER: "driller", STATUS_LISTEN: "[::1]:8080" };
  const { values } = readValues(environment, readPassword);
  const heeded = new Set<string | symbol>();
  settingsOf(
    new Proxy(values as Values, {
      get: (target, name) => {
        heeded.add(name);
        return Reflect.get(target, name);
      },
    }),
  );
  assert.deepEqual(SETTINGS.map(({ name }) => name).filter((name) => !heeded.has(name)), []);
});

Deno.test("readSettings() judges no address by one that is none", () => {
  assert.deepEqual(mistakesWith({ PRIMARY_IP: "fe80::1%eth0" }), [
    "PRIMARY_IP=fe80::1%eth0 must be an IPv4 or IPv6 address",
  ]);
});

Deno.test("readSettings() finds the native address of a secure IPv6 server", () => {
  const { remoteNative } = settingsWith({
    REMOTE_CH_URL: "https://[2001:db8::5]:8443",
    REMOTE_CH_SECURE: "true",
  });
  assert.deepEqual(remoteNative, { host: "2001:db8::5", port: 9440, secure: true });
});

Deno.test("readSettings() lists every mistake at once", () => {
  const read = readSettings({ ROLE: "both", CHECK_INTERVAL: "5m", STATUS_USER: "a:b" }, readPassword);
  assert.ok(read.kind === "mistakes");
  eachSays(read.mistakes.map(describeMistake).sort(), [
    ["CHECK_INTERVAL=5m", "seconds", "1 to 604800"],
    ["DNS_RECORD", "required", "host name"],
    ["DR_IP", "required", "IPv4 or IPv6", "PRIMARY_IP"],
    ["LOCAL_CH_URL", "required", "http://", "https://"],
    ["PRIMARY_IP", "required", "IPv4 or IPv6"],
    ["REMOTE_CH_URL", "required", "http://", "https://"],
    ["ROLE=both", "primary or dr"],
    ["STATUS_USER=a:b", "colon"],
  ]);
});

Deno.test("readSettings() takes the bounds that it tells, and nothing beyond them", () => {
  const bounded = SETTINGS.flatMap(({ name, accepts, bounds }) => {
    if (!bounds) return [];
    assert.ok(accepts.includes(`${bounds.min} to ${bounds.max}`), name);
    return [{ name, low: bounds.min, high: bounds.max }];
  });
  assert.equal(bounded.length, 11);
  for (const { name, low, high } of bounded) {
    for (const value of [low, high]) settingsWith({ [name]: String(value) });
    for (const value of [low - 1, high + 1, "", " x", "1e2", "0x10", "Infinity", "٣"].filter(Boolean)) {
      assert.equal(mistakesWith({ [name]: String(value) }).length, 1, `${name}=${value}`);
    }
  }
});

Deno.test("readSettings() takes bytes with decimal and binary units", () => {
  const bytes = {
    "100M": 100 * 2 ** 20,
    "100MiB": 100 * 2 ** 20,
    "100mib": 100 * 2 ** 20,
    "100MB": 100_000_000,
    "100mb": 100_000_000,
    "5K": 5 * 2 ** 10,
    "5KB": 5000,
    "1G": 2 ** 30,
    "1GB": 1_000_000_000,
    "1TB": 1_000_000_000_000,
    "100000000000": 100_000_000_000,
  };
  for (const [text, value] of Object.entries(bytes)) {
    assert.equal(settingsWith({ MAX_BYTES_PER_SECOND: text }).maxBytesPerSecond, value, text);
    assert.equal(settingsWith({ VERIFY_BUDGET: text }).verifyBudget, value, text);
  }
  for (const text of ["M", "1.5G", "10P", "10Mi", "10B", "10 MB", "-1K", "1e9"]) {
    assert.match(mistakesWith({ VERIFY_BUDGET: text }).join(), /^VERIFY_BUDGET=.* must be a number of bytes/);
  }
  for (const text of ["0K", "999", "1T", "2TB", "1000G"]) {
    assert.match(
      mistakesWith({ MAX_BYTES_PER_SECOND: text }).join(),
      /^MAX_BYTES_PER_SECOND=.* must be a number of bytes, 1000 to 1000000000000:/,
    );
  }
});

Deno.test("readSettings() takes the old name of a setting, and tells its mistakes by the name that is set", () => {
  const tables = (changes: Record<string, string>) => settingsWith(changes).maxConcurrentTables;
  assert.equal(tables({ MAX_CONCURRENT_PARTITIONS: "3" }), 3);
  assert.equal(tables({ MAX_CONCURRENT_PARTITIONS: "3", MAX_CONCURRENT_TABLES: "" }), 3);
  assert.equal(tables({ MAX_CONCURRENT_PARTITIONS: "3", MAX_CONCURRENT_TABLES: "3" }), 3);
  eachSays(mistakesWith({ MAX_CONCURRENT_PARTITIONS: "65" }), [["MAX_CONCURRENT_PARTITIONS=65", "1 to 64"]]);
  eachSays(mistakesWith({ MAX_CONCURRENT_PARTITIONS: "3", MAX_CONCURRENT_TABLES: "4" }), [
    ["MAX_CONCURRENT_PARTITIONS=3", "MAX_CONCURRENT_TABLES"],
  ]);
});

Deno.test("readSettings() refuses what is not an address of a server", () => {
  const wrong = [
    "ch.example:8123",
    "ftp://ch.example",
    "http://",
    "http://h:0",
    "http://h/path",
    "http://h?q=1",
  ];
  for (const url of wrong) assert.equal(mistakesWith({ LOCAL_CH_URL: url }).length, 1, url);
});

Deno.test("readSettings() refuses one server for both sites, however it is written", () => {
  eachSays(mistakesWith({ LOCAL_CH_URL: "HTTP://192.168.100.143:8123/" }), [
    ["REMOTE_CH_URL=http://192.168.100.143:8123", "LOCAL_CH_URL"],
  ]);
});

Deno.test("readSettings() refuses site addresses that are equal, of two families, or none", () => {
  eachSays(mistakesWith({ PRIMARY_IP: "2001:db8::1", DR_IP: "2001:DB8:0::1" }), [
    ["DR_IP=2001:DB8:0::1", "not be the same", "PRIMARY_IP"],
  ]);
  eachSays(mistakesWith({ PRIMARY_IP: "2001:db8::1" }), [["DR_IP=192.168.200.143", "family", "PRIMARY_IP"]]);
  for (const ip of ["192.168.1", "192.168.1.256", "fe80::1%eth0", "host"]) {
    assert.ok(
      mistakesWith({ PRIMARY_IP: ip }).some((mistake) => mistake.startsWith(`PRIMARY_IP=${ip} `)),
      ip,
    );
  }
});

Deno.test("readSettings() takes a name server with and without port", () => {
  const server = (text: string) => settingsWith({ DNS_SERVER: text }).dns.server;
  assert.deepEqual(server("192.0.2.53"), { host: "192.0.2.53", port: 53 });
  assert.deepEqual(server("2001:db8::53"), { host: "2001:db8::53", port: 53 });
  assert.deepEqual(server("[2001:db8::53]"), { host: "2001:db8::53", port: 53 });
  assert.deepEqual(server("[2001:db8::53]:5353"), { host: "2001:db8::53", port: 5353 });
  for (const wrong of ["ns.example", "192.0.2.53:0", "192.0.2.53:65536", "[192.0.2.53]:53", "192.0.2.53:"]) {
    assert.equal(mistakesWith({ DNS_SERVER: wrong }).length, 1, wrong);
  }
});

Deno.test("readSettings() refuses host names that cannot be any", () => {
  for (const name of ["http://x.example", "a b", "192.168.1.999", "a..b", "-a.example", "a".repeat(64)]) {
    assert.equal(mistakesWith({ DNS_RECORD: name }).length, 1, name);
  }
  for (const name of ["x", "a-b.example.", "_sites.example"]) settingsWith({ DNS_RECORD: name });
});

Deno.test("readSettings() refuses a pattern that can match no table", () => {
  eachSays(mistakesWith({ CH_EXCLUDE_PATTERNS: "a.*,events" }), [
    ["CH_EXCLUDE_PATTERNS=a.*,events", "database.table", "events"],
  ]);
});

Deno.test("readSettings() refuses time columns that name no column, or a unit that is none", () => {
  for (const wrong of ["a.b", "ts:ns", "a.b.c:sec", "a.b.c:", "a.b.c:ns,d"]) {
    assert.equal(mistakesWith({ TIME_COLUMNS: wrong }).length, 1, wrong);
  }
});

Deno.test("readSettings() takes one plain table for results, and none of the server's or of ch-sync's own", () => {
  for (const wrong of ["checks", "a.b.c", "system.checks", "ops.*", "ops._chsync_checks", "ops.`x`"]) {
    assert.equal(mistakesWith({ RESULTS_TABLE: wrong }).length, 1, wrong);
  }
});

Deno.test("readSettings() refuses to ignore columns that name none, all, or a time by which rows settle", () => {
  for (const wrong of ["a.b", "seen", "*", "a.*", "a.b.*", "a.b.?*", "a.b.seen,*.*.*"]) {
    assert.equal(mistakesWith({ IGNORE_COLUMNS: wrong }).length, 1, wrong);
  }
  const times = (said: string, ignored: string) =>
    mistakesWith({ TIME_COLUMNS: said, IGNORE_COLUMNS: ignored });
  for (const ignored of ["a.b.at", "*.at", "a.*.a?"]) {
    eachSays(times("a.b.at:ns", ignored), [[`IGNORE_COLUMNS=${ignored}`, "a.b.at", "TIME_COLUMNS"]]);
  }
  assert.equal(times("*.at", "*.at").length, 1);
  settingsWith({ TIME_COLUMNS: "a.b.at:none", IGNORE_COLUMNS: "*.at,a.b.seen" });
});

Deno.test("readSettings() wants a password from one place, and a file that can be read", () => {
  eachSays(mistakesWith({ LOCAL_CH_PASSWORD: "abc", LOCAL_CH_PASSWORD_FILE: "/run/password" }), [
    ["LOCAL_CH_PASSWORD_FILE=/run/password", "LOCAL_CH_PASSWORD"],
  ]);
  eachSays(mistakesWith({ REMOTE_CH_PASSWORD_FILE: "/nowhere" }), [
    [
      "REMOTE_CH_PASSWORD_FILE=/nowhere",
      "cannot be read by the user that ch-sync runs as",
      "LoadCredential=",
    ],
  ]);
});

Deno.test("readSettings() takes an address for the status page, and nothing else", () => {
  const listen = (text: string) => settingsWith({ STATUS_LISTEN: text }).status;
  assert.equal(listen("off"), null);
  assert.deepEqual(listen("127.0.0.1:8080"), {
    hostname: "127.0.0.1",
    port: 8080,
    hosts: [],
    user: "ch-sync",
    password: null,
    tls: null,
  });
  assert.equal(listen("status.example:0")!.hostname, "status.example");
  for (
    const wrong of ["8080", ":8080", "::1:8080", "[127.0.0.1]:80", "127.0.0.1:65536", "on", "http://a:80"]
  ) {
    assert.match(mistakesWith({ STATUS_LISTEN: wrong }).join(), /STATUS_LISTEN=.* must be off, or HOST:PORT/);
  }
  assert.match(mistakesWith({ STATUS_PASSWORD_FILE: "/nowhere" }).join(), /cannot be read/);
  for (const wrong of ["http://a.example", "a.example:80", "*", "a b"]) {
    assert.match(
      mistakesWith({ STATUS_HOSTS: wrong }).join(),
      /STATUS_HOSTS=.* must be host names without port/,
    );
  }
});

Deno.test("readSettings() tells the password of the status page from its hash", () => {
  const read = (content: string) =>
    readSettings(
      { ...EXAMPLE, STATUS_LISTEN: "127.0.0.1:80", STATUS_PASSWORD_FILE: "password" },
      (path) => path === "password" ? content : "",
    );
  const hash = `$2y$10$${"a".repeat(53)}`;
  for (
    const [content, text, hashed] of [
      [`${hash}\n`, hash, true],
      [hash.replace("2y", "2b"), hash.replace("2y", "2b"), true],
      ["pa$2y$ss", "pa$2y$ss", false],
      ["a:b", "a:b", false],
    ] as const
  ) {
    const found = read(content);
    assert.ok(found.kind === "settings");
    assert.deepEqual(found.settings.status!.password, { text, hashed });
  }
  for (const wrong of [hash.slice(0, -1), `ch-sync:${hash}`, hash.replace("2y", "2x")]) {
    const found = read(wrong);
    assert.ok(found.kind === "mistakes", wrong);
    assert.match(found.mistakes[0]!.problem, /no hash that ch-sync accepts/);
  }
  assert.equal(read(hash.replace("$10$", "$15$")).kind, "mistakes", "it would take seconds of a processor");
});

Deno.test("readSettings() knows three formats of messages", () => {
  eachSays(mistakesWith({ NOTIFY_FORMAT: "xml" }), [["NOTIFY_FORMAT=xml", "auto", "slack", "teams", "json"]]);
});

Deno.test("readSettings() shows no password that stands in a URL, however the URL is misspelt", () => {
  const urls = [
    "http://user:hunter2@ch.example:8123",
    "http:user:hunter2@ch.example:8123",
    "http://user:hun/hunter2@ch.example",
    "user:hunter2@ch.example",
    "http://user:hunter2",
    "http://ch.example:8123/?user=me&password=hunter2",
    "http://ch.example:8123#hunter2",
    "//user:hunter2@ch.example",
  ];
  for (const name of ["LOCAL_CH_URL", "REMOTE_CH_URL", "REMOTE_CH_HOST", "DNS_RECORD"]) {
    for (const url of urls.filter((url) => name.endsWith("_URL") || url.includes("@"))) {
      const mistakes = mistakesWith({ [name]: url });
      assert.ok(mistakes.length > 0 && !mistakes.join("\n").includes("hunter2"), mistakes.join("\n"));
    }
  }
  assert.deepEqual(mistakesWith({ LOCAL_CH_URL: urls[0]! }), [
    "LOCAL_CH_URL=*** must not hold credentials: set LOCAL_CH_USER and LOCAL_CH_PASSWORD",
  ]);
  assert.deepEqual(mistakesWith({ HEARTBEAT_URL: "hc.example/hunter2" }), [
    "HEARTBEAT_URL=*** must be an http:// or https:// URL",
  ]);
  assert.deepEqual(mistakesWith({ NOTIFY_WEBHOOK: "hooks.example/hunter2" }), [
    "NOTIFY_WEBHOOK=*** must be an http:// or https:// URL",
  ]);
});

Deno.test("readSettings() throws for no environment, and shows no secret", () => {
  const secrets = SETTINGS.filter(({ secret }) => secret).map(({ name }) => name);
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl({ withQueryParameters: true }),
    fc.ipV4(),
    fc.ipV6(),
    fc.integer().map(String),
    fc.constantFrom("true", "auto", "[::1]:53", "fe80::1%eth0", "http://[::1%25lo]", "primary"),
  );
  const known = fc.dictionary(fc.constantFrom(...SETTINGS.map(({ name }) => name)), value);
  fc.assert(fc.property(known, fc.dictionary(fc.string(), value), fc.boolean(), (some, strange, whole) => {
    const hidden = Object.fromEntries(secrets.map((name, index) => [name, `secret-${index}-value`]));
    const read = readSettings({ ...strange, ...whole ? EXAMPLE : {}, ...some, ...hidden }, readPassword);
    if (read.kind === "settings") return assert.notEqual(read.settings.local.url, "");
    assert.ok(read.mistakes.length > 0);
    assert.ok(!/secret-\d-value/.test(read.mistakes.map(describeMistake).join("\n")));
  }));
});

Deno.test("readSettings() shows no password of a URL, whatever it is made of", () => {
  const password = fc.string({ unit: "grapheme", minLength: 6 }).map((text) => `pw${text}`);
  fc.assert(fc.property(password, fc.constantFrom("http://", "https://", "http:", ""), (secret, scheme) => {
    const mistakes = mistakesWith({ LOCAL_CH_URL: `${scheme}user:${secret}@ch.example:8123` });
    assert.ok(mistakes.length > 0 && mistakes.every((mistake) => !mistake.includes(secret)));
  }));
});

Deno.test("readSettings() takes times of day for BLACKOUT, and nothing else", () => {
  assert.deepEqual(settingsWith({ BLACKOUT: "06:00-24:00" }).blackouts, [
    { from: 360, to: 1440 },
  ]);
  assert.deepEqual(settingsWith({ BLACKOUT: "23:59-00:00," }).blackouts, [{ from: 1439, to: 0 }]);
  for (
    const text of [
      "1:00-2:00",
      "01:00",
      "01:00-01:00",
      "00:00-24:00",
      "25:00-26:00",
      "01:60-02:00",
      "24:00-01:00",
      "24:30-01:00",
      "22-6",
      "01:00-02:00;03:00-04:00",
      "01:00-24:01",
    ]
  ) {
    assert.match(mistakesWith({ BLACKOUT: text }).join(), /^BLACKOUT=.* must be HH:MM-HH:MM/, text);
  }
});
