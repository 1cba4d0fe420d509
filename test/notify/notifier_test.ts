/** Against a real HTTP server on loopback. */
import assert from "node:assert/strict";
import type { Event } from "../../src/model/event.ts";
import type { QueuedMessage } from "../../src/model/queued_message.ts";
import { createNotifier, type NotifierOptions, SILENT } from "../../src/notify/notifier.ts";
import fc from "fast-check";
import { startWebhookSink, type WebhookSink } from "../sites/webhook_sink.ts";

const READY: Event = { kind: "failback_ready" };
const BACK: Event = { kind: "site_back", site: "remote" };
const READY_SENTENCE = "🟢 CH-Sync: FAILBACK READY. All tables synced";
const BACK_SENTENCE = "✅ CH-Sync: The remote ClickHouse answers again";

/** A notifier that tries again after 5, 10, 20, … milliseconds, what it complained of, and its queue on disk. */
function notifierOf({ url }: Pick<WebhookSink, "url">, more: Partial<NotifierOptions> = {}) {
  const problems: string[] = [];
  const kept: { messages: readonly QueuedMessage[] } = { messages: [] };
  return {
    notifier: createNotifier({
      webhook: { url, format: "json", role: "dr" },
      left: [],
      save(messages) {
        kept.messages = messages;
        return Promise.resolve();
      },
      isReady: () => true,
      onProblem: (text) => problems.push(text),
      firstPauseMs: 5,
      ...more,
    }),
    problems,
    kept,
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
    text:
      `${BACK_SENTENCE}\nNothing to do: the next check compares the tables\nSaid by ch-sync at the dr site`,
    event: "site_back",
    role: "dr",
    items: [],
    advice: "Nothing to do: the next check compares the tables",
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

for (const status of [408, 429, 500, 502, 503]) {
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

Deno.test("send() returns at once, and what drain() cannot wait for stays in the queue, in order", async () => {
  await using sink = startWebhookSink();
  sink.behaviour = { silentMs: 1500 };
  const { notifier, problems, kept } = notifierOf(sink, { firstPauseMs: 60_000 });
  const started = performance.now();
  notifier.send(READY);
  notifier.send(BACK);
  assert.ok(performance.now() - started < 50);
  await until(() => sink.requests === 1);
  await notifier.drain(100);
  assert.ok(performance.now() - started < 1000, `it took ${performance.now() - started} ms`);
  assert.deepEqual(kept.messages.map(({ event }) => event), [READY, BACK]);
  assert.deepEqual(problems, [
    "Messages that were not delivered yet: 2; they are kept for the next start",
  ]);
});

Deno.test("what an earlier process left is delivered first, and says when it happened if that was a while ago", async () => {
  await using sink = startWebhookSink();
  const now = new Date("2026-01-02T00:00:00Z");
  const left = [{ event: BACK, at: "2026-01-01T01:00:00Z" }];
  const { notifier, kept } = notifierOf(sink, { left, now: () => now });
  notifier.send(READY);
  await notifier.drain(5000);
  assert.deepEqual(sentences(sink), [BACK_SENTENCE, READY_SENTENCE]);
  assert.match(sink.texts[0]!, /it happened at 2026-01-01T01:00:00Z/);
  assert.doesNotMatch(sink.texts[1]!, /it happened/);
  assert.deepEqual(kept.messages, []);
});

Deno.test("a message is dropped after a day, and the log says so", async () => {
  await using sink = startWebhookSink();
  const left = [{ event: BACK, at: "2026-01-01T00:00:00Z" }];
  const outcomes: string[] = [];
  const { notifier, problems, kept } = notifierOf(sink, {
    left,
    now: () => new Date("2026-01-02T00:00:01Z"),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  await notifier.drain(5000);
  assert.deepEqual([sink.requests, kept.messages, outcomes], [0, [], ["dropped"]]);
  assert.deepEqual(problems, [`A message was not delivered (no answer for a day): ${BACK_SENTENCE}`]);
});

Deno.test("FAILBACK READY is not told once it does not hold any more", async () => {
  await using sink = startWebhookSink();
  const { notifier, problems } = notifierOf(sink, { isReady: () => false });
  notifier.send(READY);
  notifier.send(BACK);
  await notifier.drain(5000);
  assert.deepEqual(sentences(sink), [BACK_SENTENCE]);
  assert.deepEqual(problems, [`A message was not delivered (it does not hold any more): ${READY_SENTENCE}`]);
});

Deno.test("a receiver that asks to be left alone for a while is", async () => {
  const times: number[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    times.push(performance.now());
    return new Response(null, { status: times.length === 1 ? 429 : 200, headers: { "retry-after": "1" } });
  });
  const { notifier } = notifierOf({ url: `http://127.0.0.1:${server.addr.port}/` });
  notifier.send(BACK);
  await notifier.drain(5000);
  assert.equal(times.length, 2);
  assert.ok(times[1]! - times[0]! >= 990, `${times[1]! - times[0]!} ms`);
});

Deno.test("whatever a webhook answers, and however often ch-sync restarts: in order, none lost, none doubled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(200, 503, 429, 404), { maxLength: 12 }),
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
      async (statuses, processes) => {
        const answers = [...statuses];
        const seen: number[] = [];
        const refused: number[] = [];
        await using server = Deno.serve(
          { hostname: "127.0.0.1", port: 0, onListen() {} },
          async (request) => {
            const status = answers.shift() ?? 200;
            const { text } = await request.json();
            const number = Number(/complete\. (\d+)/.exec(text)![1]);
            if (status === 200) seen.push(number);
            if (status === 404) refused.push(number);
            return new Response(null, { status });
          },
        );
        let left: readonly QueuedMessage[] = [];
        let sent = 0;
        for (const [index, count] of processes.entries()) {
          const { notifier, kept } = notifierOf({ url: `http://127.0.0.1:${server.addr.port}/` }, {
            left,
            // A pause is cut off by the end of a process, a request is not.
            firstPauseMs: index === processes.length - 1 ? 0 : 60_000,
          });
          kept.messages = left;
          for (let n = 0; n < count; n++) {
            notifier.send({ kind: "sync_complete", partitions: ++sent, rows: 1n });
          }
          await notifier.drain(index === processes.length - 1 ? 5000 : 60);
          left = kept.messages;
        }
        assert.deepEqual(seen, [...seen].sort((a, b) => a - b), "in order");
        assert.deepEqual(
          [...seen, ...refused].sort((a, b) => a - b),
          Array.from({ length: sent }, (_, n) => n + 1),
        );
      },
    ),
    { numRuns: 40 },
  );
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
  SILENT.send(READY);
  await SILENT.drain(5000);
});

/** A port that nobody listens on, for the moment. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
