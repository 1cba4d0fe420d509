import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { Event } from "../../src/model/event.ts";
import { type Reason, REASONS } from "../../src/model/reason.ts";
import { advise } from "../../src/notify/advice.ts";
import { forReading, message, messageText as textOf } from "../../src/notify/messages.ts";

const messageText = (event: Event) => textOf(message(event));

const FIRST_LINES: readonly (readonly [Event, string])[] = [
  [{ kind: "gap_detected", tables: ["d.a", "d.b"] }, "⚠️ CH-Sync: 2 tables have data gaps"],
  [
    { kind: "sync_complete", partitions: 4, rows: 9n, tables: ["d.a"] },
    "✅ CH-Sync: Sync complete. 4 partitions synced",
  ],
  [{ kind: "failback_ready" }, "🟢 CH-Sync: FAILBACK READY. All tables synced"],
  [
    { kind: "failback_not_ready", because: "of this", active: false },
    "🔴 CH-Sync: No longer ready for failback",
  ],
  [
    { kind: "still_not_ready", because: ["of this"], reasons: [] },
    "🟠 CH-Sync: Still not ready for failback",
  ],
  [{ kind: "new_tables", tables: ["d.a"] }, "🆕 CH-Sync: New tables detected. Manual creation required"],
  [
    { kind: "refused", what: ["d.a 202601 independent"], reasons: ["independent"] },
    "⛔ CH-Sync: A guard refused a repair. Look at the log, or at ch-sync --dry-run",
  ],
  [{ kind: "site_unreachable", site: "remote" }, "❌ CH-Sync: The remote ClickHouse does not answer"],
  [{ kind: "site_back", site: "local" }, "✅ CH-Sync: The local ClickHouse answers again"],
];

/** What a message says of a table called so. */
function shown(name: string): string {
  return messageText({ kind: "new_tables", tables: [name] }).split("\n")[1]!;
}

Deno.test("messageText() begins every message with its sentence, alone on its line", () => {
  for (const [event, first] of FIRST_LINES) assert.equal(messageText(event).split("\n")[0], first);
});

Deno.test("messageText() names tables, rows and reasons below, one a line", () => {
  assert.deepEqual(messageText({ kind: "gap_detected", tables: ["d.a", "d.b"] }).split("\n").slice(1, 3), [
    "• d.a",
    "• d.b",
  ]);
  assert.match(
    messageText({ kind: "sync_complete", partitions: 1, rows: 2n ** 60n, tables: ["d.a"] }),
    /\n• 1,152,921,504,606,846,976 rows\n• d\.a\n/,
  );
  assert.match(
    messageText({ kind: "failback_not_ready", because: "DNS is silent", active: false }),
    /\n• DNS is silent\nDo not switch back/,
  );
});

Deno.test("messageText() says what to do about tables that have to be created", () => {
  const last = messageText({ kind: "new_tables", tables: ["d.a"] }).split("\n").at(-1);
  assert.match(last ?? "", /--dry-run --sql prints the statements.*CH_EXCLUDE_PATTERNS/);
});

Deno.test("messageText() ends every message with what to do", () => {
  for (const [event] of FIRST_LINES) {
    const last = messageText(event).split("\n").at(-1)!;
    assert.match(last, /^[^•]{20,}$/, event.kind);
  }
});

Deno.test("messageText() names ten tables and counts the rest", () => {
  const tables = Array.from({ length: 13 }, (_, index) => `d.t${index}`);
  const text = messageText({ kind: "new_tables", tables }).split("\n");
  assert.deepEqual(text.slice(1, -1), [...tables.slice(0, 10).map((name) => `• ${name}`), "• and 3 more"]);
  const ten = messageText({ kind: "new_tables", tables: tables.slice(0, 10) });
  assert.ok(!ten.includes("more"));
});

Deno.test("messageText() leaves ordinary names as they are, to be copied", () => {
  for (const name of ["default.http_telemetry", "d.a_b_c", "größe.таблица", "d.t-1", ".inner.v"]) {
    assert.equal(shown(name), `• ${name}`);
  }
});

Deno.test("messageText() makes names harmless in a chat", () => {
  assert.equal(shown("d.<!channel>"), "• d.&lt;!channel&gt;");
  assert.equal(shown("<https://evil.example|d.t>"), "• &lt;https://evil.example|d.t&gt;");
  assert.equal(shown("&lt;!here&gt;"), "• &amp;lt;!here&amp;gt;");
  assert.equal(shown("@here"), "• @\u200bhere");
  assert.equal(shown("```d```"), "• '''d'''");
  assert.equal(shown("*d* _e_ ~f~"), "• *\u200bd*\u200b _\u200be_\u200b ~\u200bf~\u200b");
  assert.equal(shown("d\r\n🟢 CH-Sync: FAILBACK READY"), "• d 🟢 CH-Sync: FAILBACK READY");
  assert.equal(shown("d\u202etxt\u2028e\x1b[2J"), "• d txt e [2J");
});

Deno.test("messageText() shortens names that are too long for a message", () => {
  assert.equal(shown("🐘".repeat(301)), `• ${"🐘".repeat(300)}…`);
  assert.equal(shown("x".repeat(300)), `• ${"x".repeat(300)}`);
});

Deno.test("messageText() lets no name add a line, a mention, markup or a broken character", () => {
  const name = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom("<", "!", ">", "&", "@", "here", "`", "*", "\n", "\u2029", "\ud800", "•", " "))
      .map((parts) => parts.join("")),
  );
  fc.assert(fc.property(fc.array(name, { maxLength: 10 }), (tables) => {
    const lines = messageText({ kind: "new_tables", tables }).split(/[\n\p{Zl}\p{Zp}]/u);
    assert.equal(lines.length, tables.length + 2);
    for (const line of lines.slice(1, -1)) {
      assert.ok(line.startsWith("• "));
      assert.ok(line.isWellFormed());
      assert.doesNotMatch(line, /[<>`]|@(?!\u200b)|&(?!amp;|lt;|gt;)|\p{Cc}/u);
    }
  }));
});

Deno.test("message() says of a refusal and in a reminder what to do about each reason, the weightiest first", () => {
  const reasons: Reason[] = ["aggregated", "shrunk"];
  assert.match(
    message({ kind: "refused", what: ["d.a 1 aggregated", "d.b 2 shrunk"], reasons }).advice,
    /^shrunk: find out .*\. aggregated: decide which .*\. Or, .*--accept DB\.TABLE/,
  );
  const drifted = message({ kind: "refused", what: ["d.a drifted"], reasons: ["drifted"] });
  assert.match(drifted.advice, /--dry-run --sql/);
  assert.doesNotMatch(drifted.advice, /accept/); // it cannot be
  assert.match(
    message({ kind: "still_not_ready", because: [], reasons }).advice,
    /^Do not switch back\. shrunk: .*\. aggregated: .*\. ch-sync --dry-run/,
  );
});

Deno.test("advise() has a word on every reason that keeps a site from being ready, and on no other", () => {
  for (const [reason, { clean, remedy }] of Object.entries(REASONS)) {
    assert.equal(advise([reason as Reason]) !== "", !clean || remedy === "repaired", reason);
  }
});

Deno.test("message() does not tell the site that became active to fix anything", () => {
  const because = "this site is the active one";
  assert.match(message({ kind: "failback_not_ready", because, active: true }).advice, /^Nothing to do here/);
});

Deno.test("forReading() makes the plural of a sentence fit its number", () => {
  const of = (...tables: string[]) => forReading(message({ kind: "gap_detected", tables }).sentence);
  assert.deepEqual([of("d.a"), of("d.a", "d.b")], ["1 table has data gaps", "2 tables have data gaps"]);
  const synced = (partitions: number) =>
    forReading(message({ kind: "sync_complete", partitions, rows: 1n, tables: [] }).sentence);
  assert.deepEqual([synced(1), synced(21)], [
    "Sync complete. 1 partition synced",
    "Sync complete. 21 partitions synced",
  ]);
});
