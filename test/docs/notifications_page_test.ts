/** docs/notifications.md shows what is really sent, and says what the code holds to. */
import assert from "node:assert/strict";
import type { Event } from "../../src/model/event.ts";
import { joinNews } from "../../src/notify/join_news.ts";
import { message, messageText } from "../../src/notify/messages.ts";
import { payload } from "../../src/notify/payload.ts";
import { KEPT_MS, MOST } from "../../src/notify/message_queue.ts";

const PAGE = Deno.readTextFileSync(new URL("../../docs/notifications.md", import.meta.url));

/** One of each kind, as the page shows them. */
const EXAMPLES: readonly Event[] = [
  {
    kind: "gap_detected",
    tables: ["otel.otel_logs", "otel.otel_metrics"],
    spans: new Map([["otel.otel_logs", [{ from: 1_782_828_000, to: 1_782_835_500, rows: 3334n }]]]),
  },
  { kind: "sync_complete", partitions: 3, rows: 1_204_311n, tables: ["otel.otel_logs", "otel.otel_traces"] },
  { kind: "failback_ready" },
  { kind: "neighbour_ready" },
  { kind: "failback_not_ready", because: "no answer from the remote ClickHouse", active: false },
  {
    kind: "still_not_ready",
    because: [
      "independent (rows differ at both sites): shop.orders",
      "drifted (the table is defined differently at the two sites): otel.otel_metrics",
      "clean checks in a row: 0 of 3",
    ],
    reasons: ["independent", "drifted"],
  },
  { kind: "new_tables", tables: ["otel.otel_profiles"] },
  { kind: "refused", what: ["shop.orders 20260701 independent"], reasons: ["independent"] },
  {
    kind: "site_unreachable",
    site: "remote",
    holds: {
      compared_through: "2026-07-01T03:02:07.000Z",
      through: "2026-06-30T14:00:00.000Z",
      missing: 3334,
      from: "2026-06-30T14:00:00.000Z",
      to: "2026-06-30T16:05:00.000Z",
      tables: [{
        table: "otel.otel_logs",
        through: "2026-06-30T14:00:00.000Z",
        missing: 3334,
        from: "2026-06-30T14:00:00.000Z",
        to: "2026-06-30T16:05:00.000Z",
      }],
      unknown: [{ table: "otel.otel_metrics", why: "drifted" }],
    },
  },
  { kind: "site_back", site: "remote" },
  { kind: "role_changed", from: "primary", to: "dr" },
  { kind: "role_unknown" },
  { kind: "role_known", active: "primary" },
];

const queued = (event: Event) => ({
  id: "6e1f0e52-6f0b-4f0e-9d0c-4d7f5a3f4b1a",
  at: "2026-07-01T03:12:07.000Z",
  role: "dr" as const,
  ...message(event, "dr"),
});

for (const event of EXAMPLES) {
  Deno.test(`docs/notifications.md shows ${event.kind} as it is sent`, () => {
    const block = `\`\`\`text\n${messageText(message(event, "dr"))}\nSaid by ch-sync at the dr site\n\`\`\``;
    assert.ok(PAGE.includes(block), block);
    assert.ok(PAGE.includes(`\`${event.kind}\``));
  });
}

Deno.test("docs/notifications.md shows a message of several news as it is sent", () => {
  const events: Event[] = [{ kind: "gap_detected", tables: ["otel.otel_logs"] }, EXAMPLES[1]!];
  const open = ["drifted (the table is defined differently at the two sites): otel.otel_metrics"];
  const text = messageText(joinNews(events, { role: "dr", paused: null, open }));
  assert.ok(PAGE.includes(`\`\`\`text\n${text}\nSaid by ch-sync at the dr site\n\`\`\``), text);
});

Deno.test("docs/notifications.md shows the JSON as it is sent", () => {
  const shown = /```json\n([^]*?)```/.exec(PAGE)?.[1] ?? "";
  const sent = payload("json", queued(EXAMPLES[0]!), new Date("2026-07-01T03:12:08.000Z"));
  assert.deepEqual(JSON.parse(shown), sent, JSON.stringify(sent, null, 2));
});

Deno.test("docs/notifications.md names the limits that the code has", () => {
  assert.equal(KEPT_MS, 24 * 3_600_000);
  assert.ok(PAGE.includes(`${MOST} messages`));
});
