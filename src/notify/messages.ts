/** Events in the words of the contract. */
import type { Event } from "../model/event.ts";

/** Table names in one message at most. */
const NAMES = 10;

/** The text of a message: the sentence of the contract, then names and what to do, on lines of their own. */
export function messageText(event: Event): string {
  switch (event.kind) {
    case "gap_detected":
      return lines(`⚠️ CH-Sync: ${event.tables.length} tables have data gaps`, event.tables);
    case "sync_complete":
      return lines(`✅ CH-Sync: Sync complete. ${event.partitions} partitions synced`, [
        `${event.rows} rows`,
      ]);
    case "failback_ready":
      return "🟢 CH-Sync: FAILBACK READY. All tables synced";
    case "failback_not_ready":
      return lines("🔴 CH-Sync: No longer ready for failback", [event.because]);
    case "new_tables":
      return lines("🆕 CH-Sync: New tables detected. Manual creation required", event.tables);
    case "refused":
      return lines(
        "⛔ CH-Sync: A guard refused a repair. Look at the log, or at ch-sync --dry-run",
        event.what,
      );
    case "site_unreachable":
      return `❌ CH-Sync: The ${event.site} ClickHouse does not answer`;
    case "site_back":
      return `✅ CH-Sync: The ${event.site} ClickHouse answers again`;
  }
}

function lines(first: string, rest: readonly string[]): string {
  const more = rest.length > NAMES ? [`and ${rest.length - NAMES} more`] : [];
  return [first, ...rest.slice(0, NAMES).map(plain), ...more].join("\n");
}

/** A name as plain text of a chat: no markup, no mention of anybody, no line of its own. */
function plain(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[@`*_~]/g, (char) => `${char}\u200b`);
}
