/** Against a real HTTP server on loopback. */
import assert from "node:assert/strict";
import type { QueuedMessage, WebhookAnswer } from "../../src/model/message.ts";
import { message } from "../../src/notify/messages.ts";
import { deliver, meaning } from "../../src/notify/webhook.ts";
import { freePort } from "../support/sites/free_port.ts";
import { startWebhookSink } from "../support/receivers/webhook_sink.ts";

const NOW = new Date("2026-01-01T00:00:00.000Z");
const BACK: QueuedMessage = {
  id: "7",
  at: "2999-01-01T00:00:00.000Z",
  role: "dr",
  ...message({ kind: "site_back", site: "remote" }),
};
const NO_ANSWER: WebhookAnswer = { kind: "not_now", problem: "no answer", askedMs: 0 };

async function post(url: string, stop = new AbortController().signal): Promise<WebhookAnswer> {
  return await deliver({ url, format: "json" }, BACK, stop);
}

Deno.test("deliver() posts the message with the site that speaks, its time and its name", async () => {
  await using sink = startWebhookSink();
  assert.deepEqual(await post(sink.url), { kind: "taken" });
  assert.deepEqual(sink.bodies.map((body) => JSON.parse(body)), [{
    text: `✅ CH-Sync: The remote ClickHouse answers again\n${BACK.advice}\nSaid by ch-sync at the dr site`,
    event: "site_back",
    role: "dr",
    items: [],
    advice: BACK.advice,
    at: "2999-01-01T00:00:00.000Z",
    id: "7",
  }]);
});

Deno.test("deliver() does not follow a redirect", async () => {
  await using sink = startWebhookSink();
  sink.behaviour = { status: 307 };
  assert.deepEqual(await post(sink.url), { kind: "refused", problem: "HTTP status 307" });
  assert.equal(sink.requests, 1);
});

Deno.test("deliver() hears how long the receiver asks to wait", async () => {
  await using sink = startWebhookSink();
  sink.behaviour = { status: 429, retryAfter: "30" };
  assert.deepEqual(await post(sink.url), { kind: "not_now", problem: "HTTP status 429", askedMs: 30_000 });
});

Deno.test("deliver() goes by the status, whatever follows it without end", async () => {
  const closed = Promise.withResolvers<void>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const line = new TextEncoder().encode("x".repeat(65_536));
    return new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(line),
        cancel: () => closed.resolve(),
      }),
    );
  });
  assert.deepEqual(await post(`http://127.0.0.1:${server.addr.port}/`), { kind: "taken" });
  await closed.promise;
});

Deno.test("deliver() comes back where nobody listens, where the connection breaks off, and when it is told to", async () => {
  assert.deepEqual(await post(`http://127.0.0.1:${freePort()}/canary`), NO_ANSWER);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const posted = post(`http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/canary`);
  (await listener.accept()).close();
  listener.close();
  assert.deepEqual(await posted, NO_ANSWER);
  await using sink = startWebhookSink();
  const answers = Promise.withResolvers<void>();
  sink.behaviour = { silent: answers.promise };
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  assert.deepEqual(await post(sink.url, stop.signal), NO_ANSWER);
  assert.deepEqual(await post(sink.url, AbortSignal.abort()), NO_ANSWER);
  answers.resolve();
});

Deno.test("meaning() tells what passes from what never will", () => {
  const kinds = (statuses: readonly number[]) => [
    ...new Set(statuses.map((status) => meaning(status, null, NOW).kind)),
  ];
  assert.deepEqual(kinds([200, 201, 202, 204]), ["taken"]);
  assert.deepEqual(kinds([408, 429, 500, 502, 503, 504]), ["not_now"]);
  assert.deepEqual(kinds([301, 302, 307, 400, 401, 403, 404, 410, 413]), ["refused"]);
});

Deno.test("meaning() reads Retry-After as seconds or as a date, and takes nothing else for a time", () => {
  for (
    const [header, askedMs] of [
      ["0", 0],
      ["120", 120_000],
      [" 5 ", 5000],
      ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
      ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
      ["soon", 0],
      ["-5", 0],
      ["", 0],
      [null, 0],
    ] as const
  ) {
    assert.deepEqual(
      meaning(429, header, NOW),
      { kind: "not_now", problem: "HTTP status 429", askedMs },
      `${header}`,
    );
  }
});
