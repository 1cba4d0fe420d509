/** Events in the words of the contract. */
import type { Event } from "../model/event.ts";

/** Names in one message at most. */
export const NAMES = 10;
/** Characters of one name or error at most: webhooks refuse messages that are too long. */
const LENGTH = 300;

/** What a message says, before any chat's markup. */
export interface Message {
  /** The sentence of the contract. */
  readonly sentence: string;
  /** Names, figures or reasons, in full. */
  readonly items: readonly string[];
  /** What to do; null: nothing. */
  readonly advice: string | null;
}

/** The text of a message: the sentence of the contract, then names and what to do, on lines of their own. */
export function messageText(event: Event): string {
  const { sentence, items, advice } = message(event);
  return [sentence, ...bullets(items, plain), ...(advice ? [advice] : [])].join("\n");
}

/** The event in the words of the contract. */
export function message(event: Event): Message {
  switch (event.kind) {
    case "gap_detected":
      return say(
        `⚠️ CH-Sync: ${event.tables.length} tables have data gaps`,
        event.tables,
        "Nothing yet: ch-sync repairs what it safely can; ch-sync --dry-run shows what is left",
      );
    case "sync_complete":
      return say(`✅ CH-Sync: Sync complete. ${event.partitions} partitions synced`, [
        `${event.rows} rows`,
      ], "Nothing to do: the next checks prove it");
    case "failback_ready":
      return say(
        "🟢 CH-Sync: FAILBACK READY. All tables synced",
        [],
        "It is safe to switch back as long as ch-sync --status says so",
      );
    case "failback_not_ready":
      return say(
        "🔴 CH-Sync: No longer ready for failback",
        [event.because],
        "Do not switch back; ch-sync --status says what is missing, and FAILBACK READY is told again once nothing is",
      );
    case "still_not_ready":
      return say(
        "🟠 CH-Sync: Still not ready for failback",
        event.because,
        "Do not switch back; ch-sync --dry-run shows what is left, and what to do about it",
      );
    case "new_tables":
      return say(
        "🆕 CH-Sync: New tables detected. Manual creation required",
        event.tables,
        "Create them here (ch-sync --dry-run prints the statements) or exclude them by CH_EXCLUDE_PATTERNS",
      );
    case "refused":
      return say(
        "⛔ CH-Sync: A guard refused a repair. Look at the log, or at ch-sync --dry-run",
        event.what,
        "Each says why; mend the cause, or let ch-sync --once --accept DB.TABLE repair it all the same",
      );
    case "site_unreachable":
      return say(
        `❌ CH-Sync: The ${event.site} ClickHouse does not answer`,
        [],
        "Nothing is compared or repaired until it does; look at the server and at the network in between",
      );
    case "site_back":
      return say(
        `✅ CH-Sync: The ${event.site} ClickHouse answers again`,
        [],
        "Nothing to do: the next check compares the tables",
      );
  }
}

function say(sentence: string, items: readonly string[], advice: string | null = null): Message {
  return { sentence, items, advice };
}

/** Ten names at most, each on a line; the bullets keep a table whose name looks like a message from passing for one. */
export function bullets(items: readonly string[], show: (item: string) => string): string[] {
  const more = items.length > NAMES ? [`and ${items.length - NAMES} more`] : [];
  return [...items.slice(0, NAMES).map(show), ...more].map((item) => `• ${item}`);
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
    // Markup counts only at the edges of words; a space without width makes it count nowhere.
    .replace(/@|(?<!\w)[*_~]|[*_~](?!\w)/g, (char) => `${char}\u200b`);
}
