/** The queue on a real disk, its webhook a real HTTP server on loopback. */
import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { fc } from "../support/seed.ts";
import { Outbox, type OutboxOptions } from "../../src/notify/outbox.ts";
import type { Event } from "../../src/model/event.ts";
import type { BothVerdict } from "../../src/verdict/neighbour_words.ts";
import { freePort } from "../support/sites/free_port.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { startWebhookSink, type WebhookSink } from "../support/receivers/webhook_sink.ts";

const READY: Event = { kind: "failback_ready" };
const LOST: Event = { kind: "failback_not_ready", because: "of this", active: false };
const BACK: Event = { kind: "site_back", site: "remote" };

/** Tries each message once in the life of a process. */
const PATIENT = { firstPauseMs: 60_000 };

const synced = (partitions: number): Event => ({
  kind: "sync_complete",
  partitions,
  rows: 1n,
  tables: ["d.t"],
});
const sentence = (text: string) => text.split("\n")[0]!;
/** Numbers of the `synced` messages that were accepted. */
const numbers = ({ texts }: WebhookSink) => texts.map((text) => Number(/(\d+) partitions/.exec(text)?.[1]));

interface Place extends AsyncDisposable {
  readonly path: string;
  readonly file: string;
  /** Lines of the log so far. */
  readonly lines: string[];
  open(options?: Partial<OutboxOptions>): Promise<Outbox>;
  /** As if the pause before the next attempt were over. */
  forgetPause(): Promise<void>;
}

/** A state directory, in which one outbox after the other is opened as processes would. */
async function startPlace(url: string): Promise<Place> {
  const directory = await temporaryDirectory();
  const file = `${directory.path}/ch-sync-messages.json`;
  const lines: string[] = [];
  await configure({
    sinks: {
      lines: ({ level, properties }: LogRecord) => void lines.push(`${level}: ${properties.text}`),
    },
    loggers: [
      { category: "ch-sync", sinks: ["lines"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
    reset: true,
  });
  return {
    path: directory.path,
    file,
    lines,
    open: (options) =>
      Outbox.open({
        directory: directory.path,
        webhook: { url, format: "json" },
        role: "dr",
        readiness: () => "ready",
        firstPauseMs: 5,
        ...options,
      }),
    async forgetPause() {
      const text = await Deno.readTextFile(file).catch(() => null);
      if (text) await Deno.writeTextFile(file, text.replace(/"not_before": "[^"]+"/, '"not_before": null'));
    },
    async [Symbol.asyncDispose]() {
      await reset();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function tell(outbox: Outbox, ...events: Event[]): Promise<void> {
  await outbox.prepare(events, new Date());
  await outbox.release(true);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 2000, "it never happened");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("an outbox keeps the order while it has to try again, and leaves nothing behind", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  sink.behaviour = { status: 503 };
  const outbox = await place.open();
  for (const number of [1, 2, 3]) await tell(outbox, synced(number));
  await until(() => sink.requests >= 3);
  sink.behaviour = { status: 200 };
  await outbox.drain(5000);
  assert.deepEqual(numbers(sink), [1, 2, 3]);
  assert.deepEqual(place.lines, [
    "warning: NOTIFY_WEBHOOK did not accept a message (HTTP status 503); ch-sync keeps trying for a day",
  ]);
  assert.deepEqual([...Deno.readDirSync(place.path)], [], "an empty queue leaves no file");
});

Deno.test("what nobody took is sent by the next process, in order, before what is new", async () => {
  const port = freePort();
  await using place = await startPlace(`http://127.0.0.1:${port}/canary`);
  const first = await place.open(PATIENT);
  await tell(first, synced(1), synced(2));
  await first.drain(50);
  assert.match(
    place.lines.join("\n"),
    /info: 2 messages have not been sent yet/,
  );
  assert.ok(!(await Deno.readTextFile(place.file)).includes("canary"), "the URL is a secret");
  await place.forgetPause();
  await using sink = startWebhookSink(port);
  const second = await place.open();
  await tell(second, synced(3));
  await second.drain(5000);
  assert.deepEqual(numbers(sink), [1, 2, 3]);
  const ids = sink.bodies.map((body) => JSON.parse(body).id);
  assert.equal(new Set(ids).size, 3);
});

Deno.test("a pause goes on over a restart: the receiver's wish is respected", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  sink.behaviour = { status: 429, retryAfter: "600" };
  const first = await place.open();
  await tell(first, synced(1));
  await until(() => sink.requests === 1);
  const started = performance.now();
  await first.drain(60_000);
  assert.ok(performance.now() - started < 30_000, "it is not waited for");
  const second = await place.open();
  await tell(second, synced(2));
  await second.drain(300);
  assert.equal(sink.requests, 1);
  assert.equal(JSON.parse(await Deno.readTextFile(place.file)).messages.length, 2);
});

Deno.test("a message that will never be taken is dropped with a line, and the next is sent", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  sink.behaviour = { status: 404 };
  const outbox = await place.open();
  await tell(outbox, synced(1));
  await until(() => place.lines.length > 0);
  sink.behaviour = { status: 200 };
  await tell(outbox, BACK);
  await outbox.drain(5000);
  assert.deepEqual(sink.texts.map(sentence), ["✅ CH-Sync: The remote ClickHouse answers again"]);
  assert.deepEqual(place.lines, [
    "warning: A message was not delivered (HTTP status 404): ✅ CH-Sync: Sync complete. 1 partitions synced",
  ]);
});

Deno.test("a message that waited for a day is dropped with a line", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const before = await place.open({ webhook: { url: `http://127.0.0.1:${freePort()}/x`, format: "json" } });
  const yesterday = new Date(Date.now() - 86_400_000 - 1000);
  await before.prepare([synced(1)], yesterday);
  await before.prepare([synced(1)], yesterday); // a crash came before the release
  const after = await place.open();
  await tell(after, synced(2));
  await after.drain(5000);
  assert.deepEqual(numbers(sink), [2]);
  assert.deepEqual(place.lines, [
    "warning: A message was not delivered (it could not be delivered for a day): ✅ CH-Sync: Sync complete. 1 partitions synced",
  ]);
});

Deno.test("a message is on disk before the state counts, and not sent before", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const crashed = await place.open();
  await crashed.prepare([synced(1)], new Date());
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(sink.requests, 0);
  const next = await place.open();
  await next.drain(5000);
  assert.deepEqual(numbers(sink), [1]);
});

Deno.test("a message is taken back where the state does not know of it: the next check finds it again", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const outbox = await place.open();
  await outbox.prepare([synced(1)], new Date());
  await outbox.release(false);
  await tell(outbox, synced(1));
  await outbox.drain(5000);
  assert.deepEqual(numbers(sink), [1]);
});

Deno.test("FAILBACK READY is not said by a process that finds it in its queue before its own check confirms it", async () => {
  // The verdict of the process before may count for a while yet.
  for (const found of ["expired", "ready"] as const) {
    for (const news of [LOST, null]) {
      await using sink = startWebhookSink();
      await using place = await startPlace(sink.url);
      const before = await place.open({
        webhook: { url: `http://127.0.0.1:${freePort()}/x`, format: "json" },
      });
      await tell(before, READY, BACK);
      await before.drain(50);
      let readiness: "expired" | "ready" = found;
      const after = await place.open({ readiness: () => readiness });
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(sink.requests, 0, "nobody knows yet what holds");
      readiness = "ready";
      await tell(after, ...news === null ? [] : [news]);
      await after.drain(5000);
      assert.deepEqual(sink.texts.map(sentence), [
        ...news === null ? ["🟢 CH-Sync: FAILBACK READY. All tables synced"] : [],
        "✅ CH-Sync: The remote ClickHouse answers again",
        ...news === null ? [] : ["🔴 CH-Sync: No longer ready for failback"],
      ]);
    }
  }
});

Deno.test("FAILBACK READY of which the state knows nothing does not hold up what is behind it", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const crashed = await place.open(); // before the state knew
  await crashed.prepare([READY, BACK], new Date());
  const next = await place.open({ readiness: () => "not_ready" });
  await next.drain(5000);
  assert.deepEqual(sink.texts.map(sentence), ["✅ CH-Sync: The remote ClickHouse answers again"]);
});

Deno.test("the metrics hear what became of each attempt", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const outcomes: string[] = [];
  const outbox = await place.open({ ...PATIENT, onOutcome: (outcome) => outcomes.push(outcome) });
  for (const status of [200, 410, 503]) {
    sink.behaviour = { status };
    const heard = outcomes.length;
    await tell(outbox, BACK);
    await until(() => outcomes.length > heard);
  }
  await outbox.drain(5000);
  assert.deepEqual(outcomes, ["delivered", "dropped", "retried"]);
});

Deno.test("a damaged queue is set aside, and messages go on", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  await Deno.writeTextFile(place.file, '{"version": 1, "messages": [{"id": "1", "at"');
  const outbox = await place.open();
  await tell(outbox, synced(1));
  await outbox.drain(5000);
  assert.deepEqual(numbers(sink), [1]);
  assert.equal(place.lines.length, 1);
  assert.match(place.lines[0]!, /^warning: The messages that waited in .* set aside as .*\.corrupt-/);
});

Deno.test("where nothing can be written, messages are sent from memory, and that is said once", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  await Deno.mkdir(`${place.file}.tmp/in-the-way`, { recursive: true });
  const outbox = await place.open();
  await tell(outbox, synced(1));
  await tell(outbox, synced(2));
  await outbox.drain(5000);
  assert.deepEqual(numbers(sink), [1, 2]);
  assert.equal(place.lines.length, 1, place.lines.join("\n"));
  assert.match(place.lines[0]!, /^warning: Cannot write .*messages are kept in memory/);
});

Deno.test("a webhook that is silent holds up neither the check nor the end, and loses nothing", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const answers = Promise.withResolvers<void>();
  sink.behaviour = { silent: answers.promise };
  const outbox = await place.open();
  await tell(outbox, synced(1), synced(2));
  await until(() => sink.requests === 1);
  await outbox.drain(100);
  const { attempts } = JSON.parse(await Deno.readTextFile(place.file));
  assert.equal(attempts, 0, "nobody knows what would have become of it");
  answers.resolve();
  sink.behaviour = { status: 200 };
  const next = await place.open();
  await next.drain(5000);
  assert.deepEqual(numbers(sink), [1, 2]);
});

Deno.test("an outbox without a webhook touches neither network nor disk", async () => {
  await using place = await startPlace("");
  const outbox = await place.open({ webhook: null });
  await tell(outbox, synced(1));
  await outbox.drain(5000);
  assert.deepEqual([...Deno.readDirSync(place.path)], []);
  assert.deepEqual(place.lines, []);
});

Deno.test("over any restarts and failures, each message comes once and in order", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const step = fc.record({
    status: fc.constantFrom(200, 200, 408, 429, 500, 503),
    messages: fc.integer({ min: 0, max: 3 }),
    restarts: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      sink.texts.length = 0;
      let sent = 0;
      let outbox = await place.open(PATIENT);
      const restart = async () => {
        await outbox.drain(20_000);
        await place.forgetPause();
        outbox = await place.open(PATIENT);
      };
      for (const { status, messages, restarts } of steps) {
        sink.behaviour = { status };
        for (let count = 0; count < messages; count++) await tell(outbox, synced(++sent));
        if (restarts) await restart();
      }
      await restart();
      sink.behaviour = { status: 200 };
      await restart();
      await restart();
      assert.deepEqual(numbers(sink), Array.from({ length: sent }, (_, index) => index + 1));
    }),
    { numRuns: 40 },
  );
});

Deno.test("what is said of vm-sync in READY is what holds when it is sent, however late", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  let both: BothVerdict = { safe: true, headline: "SAFE FOR BOTH until noon", reasons: [] };
  const open = () => place.open({ ...PATIENT, role: "primary", both: () => Promise.resolve(both) });
  sink.behaviour = { status: 500 };
  const first = await open();
  await tell(first, READY);
  await first.drain(30_000);
  assert.ok(!(await Deno.readTextFile(place.file)).includes("noon"), "nothing waits that grows old");
  both = { safe: false, headline: "NOT SAFE FOR BOTH", reasons: ["vm-sync: it is too old"] };
  sink.behaviour = { status: 200 };
  await place.forgetPause();
  const second = await open();
  await second.release(true);
  await second.drain(30_000);
  const last = sink.texts.at(-1)!;
  assert.match(
    last,
    /FAILBACK READY.*\n• NOT SAFE FOR BOTH\n• vm-sync: it is too old\nDo not switch back before/,
  );
  assert.ok(!last.includes("noon"));
});

Deno.test("that vm-sync is ready, too, is not said when it no longer is", async () => {
  await using sink = startWebhookSink();
  await using place = await startPlace(sink.url);
  const outbox = await place.open({
    both: () => Promise.resolve({ safe: false, headline: "NOT SAFE FOR BOTH", reasons: [] }),
  });
  await tell(outbox, { kind: "neighbour_ready" }, BACK);
  await outbox.drain(30_000);
  assert.deepEqual(sink.texts.map(sentence), ["✅ CH-Sync: The remote ClickHouse answers again"]);
  assert.ok(
    place.lines.some((line) => /vm-sync is ready now, too/.test(line) && /no longer true/.test(line)),
  );
});
