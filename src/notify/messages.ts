/** Events as messages, in the words that docs/notifications.md lists. */
import type { Event } from "../model/event.ts";
import type { Message, News } from "../model/message.ts";
import { type Reason, REASONS } from "../model/reason.ts";
import type { SiteName } from "../model/site.ts";
import { spansInWords } from "../text/spans_in_words.ts";
import type { Holdings } from "../model/holdings.ts";
import { holdingsDetails, sentence } from "../report/render_holdings.ts";
import { advise } from "./advice.ts";
import { counted } from "../text/readable.ts";

/** Names in one message, at most. */
const NAMES = 10;
/** Characters of one name or error, at most: webhooks refuse messages that are too long. */
const LENGTH = 300;

const ACCEPT =
  "Or, once you looked, let ch-sync accept DB.TABLE (without a daemon: ch-sync --once --accept DB.TABLE) repair what can be accepted";

/** The text of a message: of each piece of news its sentence, then names and what to do, on lines of their own. */
export function messageText(message: Message): string {
  return messageLines(message, plain).map(({ text }) => text).join("\n");
}

export interface MessageLine {
  readonly text: string;
  /** Whether it begins something new. */
  readonly heading: boolean;
}

/** @param show makes a text of somebody else's fit for its place */
export function messageLines(message: Message, show: (text: string) => string): MessageLine[] {
  const { paused, open = [], openMore = 0, also = [] } = message;
  const line = (text: string, heading = false) => ({ text, heading });
  return [
    ...[message, ...also].flatMap((news) => [
      line(news.sentence, true),
      ...bullets(news, show).map((text) => line(text)),
      ...news.advice === "" ? [] : [line(news.advice)],
    ]),
    ...paused === undefined ? [] : [line(show(paused), true)],
    ...open.length + openMore === 0 ? [] : [
      line("Still open:", true),
      ...bullets({ items: open, more: openMore }, show).map((text) => line(text)),
    ],
  ];
}

/** A sentence where nobody matches on it, as receivers of messages do on a plural that does not always fit. */
export function forReading(sentence: string): string {
  return sentence.replace(/^.*CH-Sync: /u, "").replace(/\b1 tables have\b/, "1 table has")
    .replace(/\b1 partitions\b/, "1 partition");
}

/** Ten at most, each on one line; and how many more there were. */
export function listed(items: readonly string[]): Pick<News, "items" | "more"> {
  return { items: items.slice(0, NAMES).map(oneLine), more: Math.max(0, items.length - NAMES) };
}

/**
 * The news of an event, with what to do. Receivers match on its sentence, so that stays as it is.
 *
 * @param role of the site that speaks: to switch back is a matter of the primary one
 */
export function message(event: Event, role: SiteName = "primary"): News {
  const say = (sentence: string, items: readonly string[], advice: string): News => ({
    event: event.kind,
    sentence,
    ...listed(items),
    advice,
  });
  const home = role === "primary";
  switch (event.kind) {
    case "gap_detected":
      return say(
        `⚠️ CH-Sync: ${event.tables.length} tables have data gaps`,
        event.tables.map((table) => {
          const spans = event.spans?.get(table) ?? [];
          return spans.length === 0 ? table : `${table}: ${spansInWords(spans, 0n)}`;
        }),
        "Nothing yet: ch-sync repairs what it safely can; ch-sync --dry-run shows what is left",
      );
    case "sync_complete":
      return say(
        `✅ CH-Sync: Sync complete. ${event.partitions} partitions synced`,
        [counted(event.rows, "row"), ...event.tables],
        "Nothing to do: the next checks prove it",
      );
    case "failback_ready":
      return say(
        "🟢 CH-Sync: FAILBACK READY. All tables synced",
        (event.replicas ?? []).map((url) => `read at ${url}`),
        readyAdvice(role),
      );
    case "neighbour_ready":
      return say("🟢 CH-Sync: vm-sync is ready now, too", [], readyAdvice(role));
    case "failback_not_ready":
      return say(
        "🔴 CH-Sync: No longer ready for failback",
        [event.because],
        event.active
          ? "Nothing to do here if this failover was meant; the other site says when it is ready"
          : `${
            home ? "Do not switch back" : "Should the primary site be lost now, rows may be missing here"
          }; ch-sync --status says what is missing, and FAILBACK READY is told again once nothing is`,
      );
    case "still_not_ready":
      return say(
        "🟠 CH-Sync: Still not ready for failback",
        event.because,
        `${home ? "Do not switch back" : "Should the primary site be lost now, rows may be missing here"}. ${
          advise(event.reasons)
        }ch-sync --dry-run shows what is left; this is said once a day`,
      );
    case "new_tables":
      return say(
        "🆕 CH-Sync: New tables detected. Manual creation required",
        event.tables,
        "Create them here (ch-sync --dry-run --sql prints the statements) or exclude them by CH_EXCLUDE_PATTERNS",
      );
    case "refused":
      return say(
        "⛔ CH-Sync: A guard refused a repair. Look at the log, or at ch-sync --dry-run",
        event.what,
        `${advise(event.reasons)}${event.reasons.some(mayBeAccepted) ? ACCEPT : ""}`.trimEnd(),
      );
    case "site_unreachable":
      return say(
        `❌ CH-Sync: The ${event.site} ClickHouse does not answer`,
        event.holds ? lost(event.holds) : [],
        "Nothing is compared or repaired until it does; look at the server and at the network in between",
      );
    case "role_changed":
      return say(
        `🔀 CH-Sync: The active site is now ${event.to}`,
        [`before, it was ${event.from}`],
        event.to === role
          ? "This site has nothing to copy any more; ch-sync at the other site compares from now on"
          : "If this failover was not meant, look at the failover record; from now on this site copies what it is missing",
      );
    case "role_unknown":
      return say(
        "❓ CH-Sync: The active site is unknown",
        [],
        "Nothing is compared or repaired until it is known: look at the failover record, and at the log for what DNS said",
      );
    case "role_known":
      return say(
        `✅ CH-Sync: The active site is known again: ${event.active}`,
        [],
        "Nothing to do, if that is the site that you expect",
      );
    case "site_back":
      return say(
        `✅ CH-Sync: The ${event.site} ClickHouse answers again`,
        [],
        "Nothing to do: the next check compares the tables",
      );
  }
}

/** @param safe for vm-sync, too */
export function readyAdvice(role: SiteName, safe = true): string {
  if (role === "dr") {
    return "Nothing to do: should the primary site be lost, this one holds everything that was settled there";
  }
  return safe
    ? "It is safe to switch back as long as ch-sync --status at this site says so: ask it again right before"
    : "Do not switch back before ch-sync --status at this site says SAFE FOR BOTH";
}

/** What this site holds, for whoever has to decide what to do without the other one. */
function lost(holds: Holdings): string[] {
  return [`If it is lost, this site holds ${sentence(holds)}`, ...holdingsDetails(holds)];
}

/** Each item on a line of its own. The bullets keep a table name from being taken for a message. */
export function bullets(
  { items, more }: Pick<News, "items" | "more">,
  show: (item: string) => string,
): string[] {
  return [...items.map(show), ...(more > 0 ? [`and ${more} more`] : [])].map((item) => `• ${item}`);
}

/** A name on one line, shortened, without characters that cannot be seen; markup is left as it is. */
export function oneLine(text: string): string {
  const characters = [...text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, " ")];
  return characters.length > LENGTH ? `${characters.slice(0, LENGTH).join("")}…` : characters.join("");
}

/**
 * A name as plain text of a chat: no markup, no mention of anybody, no line of its own. Ordinary names, underscores
 * included, stay as they are, so that they can be copied.
 */
function plain(text: string): string {
  return oneLine(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("`", "'")
    // Markup works only at the edges of words; a zero-width space makes it work nowhere.
    .replace(/@|(?<!\w)[*_~]|[*_~](?!\w)/g, (char) => `${char}\u200b`);
}

function mayBeAccepted(reason: Reason): boolean {
  return REASONS[reason].instead === null;
}
