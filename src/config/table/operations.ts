/** Settings of what ch-sync tells, shows and keeps. */
import { LOG_FORMATS, LOG_LEVELS, NOTIFY_FORMATS } from "../../model/settings.ts";
import { listener, secretUrl } from "../kinds/addresses.ts";
import { passwordFile } from "../kinds/files.ts";
import { choice, text } from "../kinds/words.ts";
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
        "Asked for after each check that was completed and compared something, for a monitor that misses it " +
        "otherwise (healthchecks.io and the like). A secret",
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
    STATUS_USER: text("a user name without a colon", {
      default: "ch-sync",
      meaning: "User of the status page, where it has a password",
    }, (name) => !name.includes(":")),
    STATUS_PASSWORD_FILE: passwordFile({
      meaning:
        "File that holds the password of the status page, asked for by all but `/healthz`; none: whoever reaches " +
        "the address may look",
    }, "is empty: put the password into it, or remove it"),
  },
} as const satisfies Section;

export const STATE_AND_LOG = {
  title: "State and log",
  settings: {
    STATE_FILE: text("a path", {
      default: "data/ch-sync-state.json",
      meaning:
        "State; its directory also holds the lock and the record of repairs. ch-sync.service sets a path of its " +
        "own: leave it there",
    }),
    LOG_LEVEL: choice(LOG_LEVELS, { default: "info", meaning: "Least level that is logged" }, [[
      "warn",
      "warning",
    ]]),
    LOG_FORMAT: choice(LOG_FORMATS, {
      default: "text",
      meaning: "`text` prints `[INFO] message`, `json` one object a line",
    }),
  },
} as const satisfies Section;
