import assert from "node:assert/strict";
import type { Event } from "../../src/model/event.ts";
import { NO_MESSAGES, type QueuedMessage } from "../../src/model/message.ts";
import { joinNews, newsOf, type Standing } from "../../src/notify/join_news.ts";
import { answered, enqueue, expire, nextStep } from "../../src/notify/message_queue.ts";
import { messageText } from "../../src/notify/messages.ts";
import { formatMessages, parseMessages } from "../../src/notify/parse_messages.ts";
import { type Format, payload } from "../../src/notify/payload.ts";
import { fc } from "../support/seed.ts";
import { eachSays } from "../support/says.ts";

const AT = "2026-01-01T00:00:00.000Z";
const NOW = new Date(AT);
const QUIET: Standing = { role: "dr", paused: null, open: [] };
const GAP: Event = { kind: "gap_detected", tables: ["d.t"] };
const SYNCED: Event = { kind: "sync_complete", partitions: 1, rows: 7n, tables: ["d.t"] };
const READY: Event = { kind: "failback_ready" };
const LOST: Event = { kind: "failback_not_ready", because: "of this", active: false };
const DRIFTED = "drifted (the table is defined differently at the two sites): d.u";

const queued = (events: readonly Event[], standing: Partial<Standing> = {}, id = "1"): QueuedMessage => ({
  id,
  at: AT,
  role: "dr",
  ...joinNews(events, { ...QUIET, ...standing }),
});
const lines = (events: readonly Event[], standing: Partial<Standing> = {}) =>
  messageText(queued(events, standing)).split("\n");
const kinds = (message: QueuedMessage) => newsOf(message).map(({ event }) => event);

Deno.test("joinNews() makes one message of a check: each sentence alone on its line, then all that is open", () => {
  eachSays(lines([GAP, SYNCED], { open: [DRIFTED, "last error: x"] }), [
    "⚠️ CH-Sync: 1 tables have data gaps",
    "• d.t",
    "✅ CH-Sync: Sync complete. 1 partitions synced",
    "• 7 rows",
    "• d.t",
    ["Not everything is here"],
    "Still open:",
    `• ${DRIFTED}`,
    "• last error: x",
  ]);
  assert.match(lines([SYNCED]).at(-1)!, /^Nothing to do/);
});

Deno.test("joinNews() says that repairs are paused, and promises none then", () => {
  const said = lines([GAP], { paused: "PAUSED until noon: checks go on", open: [DRIFTED] });
  assert.deepEqual(said.slice(2), [
    "Nothing is repaired while repairs are paused",
    "PAUSED until noon: checks go on",
    "Still open:",
    `• ${DRIFTED}`,
  ]);
});

Deno.test("joinNews() says nothing twice", () => {
  assert.ok(!lines([LOST], { open: ["of this"] }).includes("Still open:"));
  assert.deepEqual(lines([LOST], { open: ["of this", DRIFTED] }).slice(-2), ["Still open:", `• ${DRIFTED}`]);
  const reminder: Event = { kind: "still_not_ready", because: [DRIFTED], reasons: ["drifted"] };
  assert.equal(lines([reminder], { open: [DRIFTED] }).filter((line) => line.includes(DRIFTED)).length, 1);
});

Deno.test("a DR site in normal life is told nothing of switching back, the primary site is", () => {
  const reminder: Event = { kind: "still_not_ready", because: [], reasons: [] };
  for (const event of [READY, LOST, reminder]) {
    assert.doesNotMatch(lines([event]).join("\n"), /switch back/);
    assert.match(lines([event], { role: "primary" }).join("\n"), /switch back/);
  }
});

Deno.test("FAILBACK READY that is no longer true goes out of its message, and the rest of it stays", () => {
  const { queue } = enqueue(NO_MESSAGES, [queued([GAP, SYNCED, READY])]);
  assert.equal(nextStep(queue, "ready", NOW).kind, "send");
  assert.equal(nextStep(queue, "expired", NOW).kind, "rest");
  const lost = expire(queue, "not_ready", NOW);
  assert.deepEqual(lost.queue.messages.map(kinds), [["gap_detected", "sync_complete"]]);
  assert.deepEqual(lost.dropped.map(({ message, why }) => [message.sentence, why]), [
    ["🟢 CH-Sync: FAILBACK READY. All tables synced", "it is no longer true"],
  ]);
  const overtaken = enqueue(queue, [queued([LOST], {}, "2")]);
  assert.deepEqual(overtaken.queue.messages.map(kinds), [["gap_detected", "sync_complete"], [
    "failback_not_ready",
  ]]);
  assert.equal(nextStep(overtaken.queue, "not_ready", NOW).kind, "send");
  const first = expire(enqueue(NO_MESSAGES, [queued([READY, SYNCED])]).queue, "not_ready", NOW);
  assert.deepEqual(first.queue.messages.map(({ sentence }) => sentence), [
    "✅ CH-Sync: Sync complete. 1 partitions synced",
  ]);
});

Deno.test("a message that is tried again without some of its news keeps its pause, and is over when it is taken", () => {
  const { queue } = enqueue(NO_MESSAGES, [queued([SYNCED, READY])]);
  const message = queue.messages[0]!;
  const tried = answered(queue, message, { kind: "not_now", problem: "", askedMs: 0 }, NOW).queue;
  const { queue: rest } = expire(tried, "not_ready", NOW);
  assert.deepEqual([rest.attempts, rest.not_before], [tried.attempts, tried.not_before]);
  assert.deepEqual(answered(rest, message, { kind: "taken" }, NOW).queue, NO_MESSAGES);
});

const name = fc.string({ unit: "binary", maxLength: 400 });
const names = fc.array(name, { maxLength: 15 });
const event: fc.Arbitrary<Event> = fc.oneof(
  names.map((tables): Event => ({ kind: "gap_detected", tables })),
  names.map((tables): Event => ({ kind: "sync_complete", partitions: 1, rows: 1n, tables })),
  names.map((what): Event => ({ kind: "refused", what, reasons: ["independent", "shrunk", "drifted"] })),
  name.map((because): Event => ({ kind: "failback_not_ready", because, active: false })),
  fc.constant<Event>(READY),
  fc.constant<Event>({ kind: "role_changed", from: "dr", to: "primary" }),
);

Deno.test("joined messages outlive a restart, and are never longer than what Slack and Teams take", () => {
  const arbitrary = fc.record({ events: fc.array(event, { minLength: 1, maxLength: 6 }), open: names });
  fc.assert(fc.property(arbitrary, fc.option(name), ({ events, open }, paused) => {
    const { queue } = enqueue(NO_MESSAGES, [queued(events, { open, paused })]);
    const back = parseMessages(new TextEncoder().encode(formatMessages(queue)), NOW);
    assert.deepEqual(JSON.parse(JSON.stringify(back)), JSON.parse(JSON.stringify(queue)));
    const bytes = (format: Format) =>
      new TextEncoder().encode(JSON.stringify(payload(format, queue.messages[0]!, NOW))).length;
    assert.ok(bytes("teams") < 28_000, `Teams: ${bytes("teams")}`);
    assert.ok(bytes("slack") < 40_000, `Slack: ${bytes("slack")}`);
  }));
});

Deno.test("payload() as JSON holds all news for programs, and Teams a heading for each", () => {
  const message = queued([GAP, SYNCED], { open: [DRIFTED], paused: "PAUSED" });
  const said = payload("json", message, NOW) as Record<string, unknown>;
  assert.equal(said.event, "gap_detected");
  assert.deepEqual((said.news as { event: string }[]).map(({ event }) => event), [
    "gap_detected",
    "sync_complete",
  ]);
  assert.deepEqual([said.open, said.paused], [[DRIFTED], "PAUSED"]);
  const card = JSON.stringify(payload("teams", message, NOW));
  assert.equal(card.split('"weight":"Bolder"').length - 1, 4);
});
