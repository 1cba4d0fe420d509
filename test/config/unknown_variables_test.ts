import assert from "node:assert/strict";
import { describeMistake } from "../../src/config/mistake.ts";
import { unknownVariables } from "../../src/config/unknown_variables.ts";
import { SETTINGS } from "../../src/config/table/table.ts";

function said(...names: string[]): string[] {
  return unknownVariables(names).map(describeMistake);
}

Deno.test("unknownVariables() names the variable that was meant", () => {
  const meant = {
    CHECK_INTERVALL: "CHECK_INTERVAL",
    CHECKINTERVAL: "CHECK_INTERVAL",
    check_interval: "CHECK_INTERVAL",
    REMOTE_CH_HOSTNAME: "REMOTE_CH_HOST",
    LOCAL_CH_PASS: "LOCAL_CH_PASSWORD or LOCAL_CH_PASSWORD_FILE",
    NOTIFY_URL: "NOTIFY_WEBHOOK or NOTIFY_FORMAT",
    NOTIFY_WEBHOOK_URL: "NOTIFY_WEBHOOK",
    STATE_DIR: "STATE_FILE",
    CONNECT_TIMEOUT: "CONNECT_TIMEOUT_MS",
    SETTLE_WINDOW: "SETTLE_SECONDS",
    CH_EXCLUDE_PATTERN: "CH_EXCLUDE_PATTERNS",
    LOG_LEVL: "LOG_LEVEL",
    MAX_CONCURRENT: "MAX_CONCURRENT_TABLES",
    MAX_CONCURRENT_PARTITION: "MAX_CONCURRENT_TABLES",
    MAX_CONCURRENT_TABLE: "MAX_CONCURRENT_TABLES",
  };
  assert.deepEqual(
    said(...Object.keys(meant)),
    Object.entries(meant).map(([name, own]) => `${name} is not known to ch-sync; did you mean ${own}?`),
  );
});

Deno.test("unknownVariables() passes what ch-sync knows", () => {
  assert.deepEqual(said(...SETTINGS.flatMap(({ name, aliases = [] }) => [name, ...aliases])), []);
});

Deno.test("unknownVariables() passes what systemd, shells, runtimes and orchestrators set", () => {
  const strangers = [
    ...["NOTIFY_SOCKET", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "RUNTIME_DIRECTORY"],
    ...[
      "CONFIGURATION_DIRECTORY",
      "CREDENTIALS_DIRECTORY",
      "INVOCATION_ID",
      "LOG_NAMESPACE",
      "JOURNAL_STREAM",
    ],
    ...[
      "SYSTEMD_EXEC_PID",
      "MAINPID",
      "MANAGERPID",
      "LISTEN_FDS",
      "LISTEN_PID",
      "WATCHDOG_USEC",
      "MEMORY_PRESSURE_WATCH",
    ],
    ...["REMOTE_ADDR", "EXIT_CODE", "EXIT_STATUS", "SERVICE_RESULT", "PIDFILE", "TRIGGER_UNIT"],
    ...[
      "HOME",
      "PATH",
      "LANG",
      "LC_ALL",
      "LOGNAME",
      "USER",
      "SHELL",
      "TERM",
      "TZ",
      "PWD",
      "OLDPWD",
      "SHLVL",
      "_",
      "",
    ],
    ...[
      "DENO_DIR",
      "DENO_NO_UPDATE_CHECK",
      "NO_COLOR",
      "HTTP_PROXY",
      "https_proxy",
      "SSL_CERT_FILE",
      "SSH_CLIENT",
    ],
    ...[
      "NOTIFY_SERVICE_HOST",
      "REMOTE_CH_PORT_9000_TCP_ADDR",
      "LOCAL_CH_SERVICE_PORT_HTTP",
      "CH_SYNC_SERVICE_HOST",
    ],
    ...[
      "MAILTO",
      "CI",
      "ROLES",
      "DNS",
      "DR",
      "STATE",
      "STATUS",
      "LOG",
      "LOG_DIR",
      "MAX_MEMORY",
      "CA_BUNDLE",
      "HOSTNAME",
    ],
  ];
  assert.deepEqual(said(...strangers), []);
});

Deno.test("unknownVariables() shows no value", () => {
  assert.ok(unknownVariables(["LOCAL_CH_PASSWD"]).every(({ value }) => value === null));
});
