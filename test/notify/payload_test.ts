import assert from "node:assert/strict";
import type { Event } from "../../src/model/event.ts";
import type { SiteName } from "../../src/model/site.ts";
import { message } from "../../src/notify/messages.ts";
import { chooseFormat, type Format, payload as payloadOf } from "../../src/notify/payload.ts";

const AT = "2026-01-01T02:03:04.567Z";

function payload(format: Format, event: Event, role: SiteName, laterMs = 0): unknown {
  const now = new Date(Date.parse(AT) + laterMs);
  return payloadOf(format, { id: "7", at: AT, role, ...message(event) }, now);
}

const NEW: Event = { kind: "new_tables", tables: ["d.<!channel>", "d.[a](http://b)"] };

Deno.test("chooseFormat() goes by the host of the URL, unless it is told", () => {
  for (
    const [url, format] of [
      ["https://hooks.slack.com/services/T/B/x", "slack"],
      ["https://prod-01.westeurope.logic.azure.com:443/workflows/x", "teams"],
      ["https://default1.2.environment.api.powerplatform.com/powerautomate/x", "teams"],
      ["https://contoso.webhook.office.com/webhookb2/x", "teams"],
      ["https://chat.example.net/hooks.slack.com", "json"],
      ["https://hooks.slack.com.example.net/x", "json"],
    ] as const
  ) {
    assert.equal(chooseFormat("auto", url), format, url);
    assert.equal(chooseFormat("slack", url), "slack");
  }
});

Deno.test("payload() for Slack says all in blocks of plain text, within Slack's bound, and in text", () => {
  const tables = Array.from({ length: 12 }, () => `d.${"<".repeat(400)}`);
  const said = payload("slack", { kind: "gap_detected", tables }, "dr") as {
    text: string;
    blocks: { type: string; text: { type: string; text: string } }[];
  };
  assert.equal(said.blocks.map(({ text }) => text.text).join("\n"), said.text);
  assert.match(said.text, /^⚠️ CH-Sync: 12 tables have data gaps\n[^]*Said by ch-sync at the dr site$/);
  for (const { type, text } of said.blocks) {
    assert.equal(type, "section");
    assert.equal(text.type, "plain_text");
    assert.ok(text.text.length <= 3000, `${text.text.length} characters`);
  }
});

Deno.test("payload() for Teams is an Adaptive Card in which names are not Markdown", () => {
  const said = payload("teams", NEW, "primary") as {
    type: string;
    attachments: { contentType: string; content: { type: string; body: unknown[] } }[];
  };
  assert.equal(said.type, "message");
  const [{ contentType, content }] = said.attachments as [typeof said.attachments[0]];
  assert.equal(contentType, "application/vnd.microsoft.card.adaptive");
  assert.equal(content.type, "AdaptiveCard");
  const blocks = content.body as { type: string; inlines: { text: string }[] }[];
  assert.ok(blocks.every(({ type }) => type === "RichTextBlock"));
  const lines = blocks.map(({ inlines }) => inlines.map(({ text }) => text).join(""));
  assert.deepEqual(lines.slice(0, 3), [
    "🆕 CH-Sync: New tables detected. Manual creation required",
    "• d.<!channel>",
    "• d.[a](http://b)",
  ]);
  assert.equal(lines.at(-1), "Said by ch-sync at the primary site");
});

Deno.test("payload() in JSON names the event, the site that speaks and at most ten tables", () => {
  const said = payload("json", NEW, "dr") as Record<string, unknown>;
  assert.equal(said.event, "new_tables");
  assert.equal(said.role, "dr");
  assert.deepEqual([said.id, said.at], ["7", AT]);
  assert.deepEqual(said.items, NEW.tables);
  const many = {
    kind: "new_tables",
    tables: Array.from({ length: 13 }, (_, index) => `d.t${index}`),
  } as const;
  assert.deepEqual((payload("json", many, "dr") as typeof said).items, many.tables.slice(0, 10));
  assert.match(String(said.text), /^🆕 CH-Sync: New tables detected/);
});

Deno.test("payload() says when it happened, where that was more than five minutes ago", () => {
  const last = (laterMs: number) =>
    (payload("json", NEW, "dr", laterMs) as { text: string }).text.split("\n").at(-1);
  assert.equal(last(300_000), "Said by ch-sync at the dr site");
  assert.equal(last(300_001), `Said by ch-sync at the dr site; it happened at ${AT}`);
});
