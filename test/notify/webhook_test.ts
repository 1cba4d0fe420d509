/** Against a real HTTP server on loopback. */
import assert from "node:assert/strict";
import type { Event } from "../../src/model/event.ts";
import { createNotifier } from "../../src/notify/webhook.ts";
import { startWebhookSink, type WebhookSink } from "../sites/webhook_sink.ts";

const READY: Event = { kind: "failback_ready" };
const BACK: Event = { kind: "site_back", site: "remote" };
const READY_SENTENCE = "🟢 CH-Sync: FAILBACK READY. All tables synced";
const BACK_SENTENCE = "✅ CH-Sync: The remote ClickHouse answers again";

/** A notifier that tries again after 5, 10, 20, … milliseconds, and what it complained of. */
function notifierOf({ url }: Pick<WebhookSink, "url">, firstPauseMs = 5) {
  const problems: string[] = [];
  return {
    notifier: createNotifier(
      { url, format: "json", role: "dr" },
      (text) => problems.push(text),
      firstPauseMs,
    ),
    problems,
  };
}

function sentences({ texts }: WebhookSink): string[] {
  return texts.map((text) => text.split("\n")[0]!);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 1000, "it never happened");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("a notifier posts the event with the site that speaks", async () => {
  await using sink = startWebhookSink();
  const { notifier, problems } = notifierOf(sink);
  notifier.send(BACK);
  await notifier.drain(5000);
  assert.deepEqual(sink.bodies.map((body) => JSON.parse(body)), [{
    text: `${BACK_SENTENCE}\nSaid by ch-sync at the dr site`,
    event: "site_back",
    role: "dr",
    items: [],
    advice: null,
  }]);
  assert.deepEqual(problems, []);
});

Deno.test("a notifier keeps the order, also while it has to try again", async () => {
  await using sink = startWebhookSink();
  const { notifier, problems } = notifierOf(sink);
  sink.behaviour = { status: 503 };
  for (const partitions of [1, 2, 3]) notifier.send({ kind: "sync_complete", partitions, rows: 1n });
  await until(() => sink.requests >= 2);
  sink.behaviour = { status: 200 };
  await notifier.drain(5000);
  assert.deepEqual(
    sentences(sink),
    [1, 2, 3].map((count) => `✅ CH-Sync: Sync complete. ${count} partitions synced`),
  );
  assert.deepEqual(problems, []);
});

for (const status of [429, 500, 502, 503]) {
  Deno.test(`a notifier tries again after HTTP status ${status}`, async () => {
    await using sink = startWebhookSink();
    const { notifier, problems } = notifierOf(sink);
    sink.behaviour = { status };
    notifier.send(READY);
    await until(() => sink.requests >= 3);
    sink.behaviour = { status: 200 };
    await notifier.drain(5000);
    assert.deepEqual(sentences(sink), [READY_SENTENCE]);
    assert.deepEqual(problems, []);
  });
}

for (const status of [302, 307, 400, 401, 404, 410]) {
  Deno.test(`a notifier gives a message up after HTTP status ${status}, and goes on with the next`, async () => {
    await using sink = startWebhookSink();
    const { notifier, problems } = notifierOf(sink);
    sink.behaviour = { status };
    notifier.send(READY);
    await until(() => problems.length > 0);
    sink.behaviour = { status: 200 };
    notifier.send(BACK);
    await notifier.drain(5000);
    assert.deepEqual(problems, [`A message was not delivered (HTTP status ${status}): ${READY_SENTENCE}`]);
    assert.equal(sink.requests, 2, "neither tried again nor followed the redirect");
    assert.deepEqual(sentences(sink), [BACK_SENTENCE]);
  });
}

Deno.test("a notifier tries again where nobody listens", async () => {
  const port = freePort();
  const { notifier, problems } = notifierOf({ url: `http://127.0.0.1:${port}/hook` });
  notifier.send(READY);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await using sink = startWebhookSink(port);
  await notifier.drain(5000);
  assert.deepEqual(sentences(sink), [READY_SENTENCE]);
  assert.deepEqual(problems, []);
});

Deno.test("a notifier tries again when the connection breaks off", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const { notifier, problems } = notifierOf({ url: `http://127.0.0.1:${port}/hook` });
  notifier.send(READY);
  for (let broken = 0; broken < 2; broken++) (await listener.accept()).close();
  listener.close();
  await using sink = startWebhookSink(port);
  await notifier.drain(5000);
  assert.deepEqual(sentences(sink), [READY_SENTENCE]);
  assert.deepEqual(problems, []);
});

Deno.test("a notifier gives up after fifteen attempts and says so, without the URL", async () => {
  await using sink = startWebhookSink();
  sink.behaviour = { status: 500 };
  const { notifier, problems } = notifierOf(sink, 0);
  notifier.send({ kind: "gap_detected", tables: ["d.a"] });
  await notifier.drain(5000);
  assert.equal(sink.requests, 15);
  assert.deepEqual(problems, [
    "A message was not delivered (HTTP status 500): ⚠️ CH-Sync: 1 tables have data gaps",
  ]);
});

Deno.test("a notifier gives up after fifteen attempts where nobody listens, without the URL", async () => {
  const port = freePort();
  const { notifier, problems } = notifierOf({ url: `http://127.0.0.1:${port}/canary` }, 0);
  notifier.send(READY);
  await notifier.drain(5000);
  assert.deepEqual(problems, [`A message was not delivered (no answer): ${READY_SENTENCE}`]);
});

Deno.test("send() returns at once, and drain() gives up a webhook that is silent", async () => {
  await using sink = startWebhookSink();
  sink.behaviour = { silentMs: 1500 };
  const { notifier, problems } = notifierOf(sink, 60_000);
  const started = performance.now();
  notifier.send(READY);
  notifier.send(BACK);
  assert.ok(performance.now() - started < 50);
  await until(() => sink.requests === 1);
  await notifier.drain(100);
  assert.ok(performance.now() - started < 1000, `it took ${performance.now() - started} ms`);
  assert.deepEqual(problems, [
    `A message was not delivered (no answer): ${READY_SENTENCE}`,
    `A message was not delivered (ch-sync stopped): ${BACK_SENTENCE}`,
  ]);
});

Deno.test("drain() gives up a message that waits for its next attempt", async () => {
  await using sink = startWebhookSink();
  sink.behaviour = { status: 503 };
  const { notifier, problems } = notifierOf(sink, 60_000);
  notifier.send(READY);
  await until(() => sink.requests === 1);
  const started = performance.now();
  await notifier.drain(50);
  assert.ok(performance.now() - started < 1000);
  assert.deepEqual(problems, [`A message was not delivered (HTTP status 503): ${READY_SENTENCE}`]);
});

Deno.test("drain() returns at once when everything is delivered, and the notifier goes on", async () => {
  await using sink = startWebhookSink();
  const { notifier } = notifierOf(sink);
  notifier.send(READY);
  for (const event of [BACK, BACK]) {
    const started = performance.now();
    await notifier.drain(5000);
    assert.ok(performance.now() - started < 1000);
    notifier.send(event);
  }
  await notifier.drain(5000);
  assert.deepEqual(sentences(sink), [READY_SENTENCE, BACK_SENTENCE, BACK_SENTENCE]);
});

Deno.test("a notifier without a webhook sends nothing and complains of nothing", async () => {
  const notifier = createNotifier(null, assert.fail);
  notifier.send(READY);
  await notifier.drain(5000);
});

/** A port that nobody listens on, for the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
