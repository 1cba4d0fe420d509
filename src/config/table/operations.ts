/** Settings of messages, the status page, the state and the log. */
import { LOG_FORMATS, LOG_LEVELS, LOG_TIMES, NOTIFY_FORMATS } from "../../model/settings.ts";
import { listener, secretUrl } from "../kinds/addresses.ts";
import { certificates, guardedPasswordFile, privateKey } from "../kinds/files.ts";
import { choice, hostNames, tableId, text } from "../kinds/words.ts";
import type { Section } from "../setting.ts";

export const MESSAGES = {
  title: "Messages",
  settings: {
    NOTIFY_WEBHOOK: secretUrl({
      meaning: "Webhook for messages: Slack, Teams (Workflows) or any other. A secret",
    }),
    NOTIFY_FORMAT: choice(NOTIFY_FORMATS, {
      default: "auto",
      meaning: "`slack`, `teams` (Adaptive Card) or `json`; `auto` goes by the URL",
    }),
    HEARTBEAT_URL: secretUrl({
      meaning:
        "Pinged after each check that was completed and compared something, so that a monitor (healthchecks.io and the like) " +
        "notices when no ping comes. A secret",
    }),
  },
} as const satisfies Section;

export const STATUS_PAGE = {
  title: "Status page",
  settings: {
    STATUS_LISTEN: listener({
      default: "off",
      meaning:
        "Address of the status page, `/metrics`, `/healthz`, `/readyz` and `/state.json`, served by the daemon",
    }),
    STATUS_HOSTS: hostNames({
      meaning:
        "Names, separated by commas, by which the page is reached besides `localhost`, the host of `STATUS_LISTEN` and any " +
        "address: those of a proxy, or of this machine. Other names get status 421",
    }),
    STATUS_USER: text("a user name without a colon", {
      default: "ch-sync",
      meaning: "User of the status page, where it has a password",
    }, (name) => !name.includes(":")),
    STATUS_PASSWORD_FILE: guardedPasswordFile({
      meaning:
        "File that holds the password of the status page, or its bcrypt hash; asked for by all but `/healthz`; none: " +
        "whoever reaches the address may look",
    }),
    STATUS_CERT_FILE: certificates({
      meaning: "Certificate of the status page, with its chain; the page is then served by HTTPS",
    }),
    STATUS_KEY_FILE: privateKey("STATUS_CERT_FILE", { meaning: "Private key of `STATUS_CERT_FILE`" }),
  },
} as const satisfies Section;

export const STATE_AND_LOG = {
  title: "State and log",
  settings: {
    RESULTS_TABLE: tableId({
      meaning:
        "Table of this site, `database.table`, into which each check is written too, with figures and findings, for Grafana and SQL. It is " +
        "created if it is not there, keeps 90 days, and is never compared. Set the same at both sites",
    }),
    STATE_FILE: text("a path", {
      default: "data/ch-sync-state.json",
      meaning:
        "State; its directory also holds the lock and the record of repairs. ch-sync.service sets a path of its " +
        "own: leave it there",
    }),
    NEIGHBOUR_STATE_FILE: text("a path", {
      meaning:
        "State file of vm-sync at this site. Where it is set, the page, `--status`, the evidence and the message FAILBACK READY say " +
        "whether it is safe for both; ch-sync's own verdict does not depend on it",
    }),
    LOG_LEVEL: choice(LOG_LEVELS, { default: "info", meaning: "Least level that is logged" }, [[
      "warn",
      "warning",
    ]]),
    LOG_FORMAT: choice(LOG_FORMATS, {
      default: "text",
      meaning: "`text` prints `[INFO] message`, `json` one object a line",
    }),
    LOG_TIMES: choice(LOG_TIMES, {
      default: "auto",
      meaning:
        "Whether the time (UTC) stands before `[INFO] message`. `auto`: at a terminal and in a file, as journald and containers " +
        "add their own, and scripts at the end of a pipe may look for `[INFO]` at the beginning of a line",
    }),
  },
} as const satisfies Section;
