import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import type { Event } from "../../src/model/event.ts";
import {
  type MessageQueue,
  NO_MESSAGES,
  type QueuedMessage,
  type WebhookAnswer,
} from "../../src/model/message.ts";
import {
  answered,
  enqueue,
  expire,
  MOST,
  nextStep,
  type QueueChange,
  type Readiness,
} from "../../src/notify/message_queue.ts";

const START = Date.parse("2026-01-01T00:00:00.000Z");
const DAY = 86_400_000;
const TAKEN: WebhookAnswer = { kind: "taken" };

const time = (ms: number) => new Date(START + ms);
const notNow = (askedMs = 0): WebhookAnswer => ({ kind: "not_now", problem: "HTTP status 503", askedMs });

function said(id: string, event: Event["kind"] = "gap_detected", ms = 0): QueuedMessage {
  const at = time(ms).toISOString();
  return { id, at, role: "dr", event, sentence: id, items: [], more: 0, advice: "" };
}

function queueOf(...events: Event["kind"][]): MessageQueue {
  return enqueue(NO_MESSAGES, events.map((event, index) => said(String(index), event))).queue;
}

const kinds = ({ messages }: MessageQueue) => messages.map(({ event }) => event);

/** How long the queue waits at that moment: 0 if it sends. */
function wait(queue: MessageQueue, ms: number): number | null {
  const step = nextStep(queue, "expired", time(ms));
  return step.kind === "send" ? 0 : step.kind === "wait" ? step.milliseconds : null;
}

Deno.test("a message that is not taken waits twice as long each time, five minutes at most", () => {
  let queue = queueOf("gap_detected");
  const waits: (number | null)[] = [];
  for (let attempt = 0, ms = 0; attempt < 11; attempt++) {
    queue = answered(queue, queue.messages[0]!, notNow(), time(ms)).queue;
    waits.push(wait(queue, ms));
    ms += waits.at(-1)!;
    assert.equal(wait(queue, ms), 0);
  }
  const doubled = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
  assert.deepEqual(waits, doubled.map((seconds) => seconds * 1000));
});

Deno.test("the receiver's wish to wait is respected, for an hour at most, also over a restart", () => {
  const queue = queueOf("gap_detected");
  const asked = (ms: number) => answered(queue, queue.messages[0]!, notNow(ms), time(0)).queue;
  assert.equal(wait(asked(30_000), 0), 30_000);
  assert.equal(wait(asked(10), 0), 1000, "not sooner than ch-sync would");
  assert.equal(wait(asked(Infinity), 0), 3_600_000);
  assert.equal(wait(JSON.parse(JSON.stringify(asked(30_000))), 10_000), 20_000);
});

Deno.test("a pause that a wrong clock made is no pause", () => {
  const queue = { ...queueOf("gap_detected"), not_before: time(DAY).toISOString() };
  assert.equal(wait(queue, 0), 0);
});

Deno.test("a message that will never be taken is dropped with the reason, and the next begins anew", () => {
  const queue = answered(queueOf("gap_detected", "site_back"), said("0"), notNow(), time(0)).queue;
  const { queue: rest, dropped } = answered(
    queue,
    said("0"),
    { kind: "refused", problem: "HTTP status 404" },
    time(1000),
  );
  assert.deepEqual(dropped.map(({ message, why }) => [message.id, why]), [["0", "HTTP status 404"]]);
  assert.deepEqual([kinds(rest), rest.attempts], [["site_back"], 0]);
});

Deno.test("the answer to a message that was dropped meanwhile changes nothing", () => {
  const queue = queueOf("gap_detected");
  assert.deepEqual(answered(queue, said("other"), TAKEN, time(0)), { queue, dropped: [] });
});

Deno.test("a message is dropped when it has waited for a day, and not before", () => {
  const { queue } = enqueue(NO_MESSAGES, [said("a"), said("b", "gap_detected", 5)]);
  assert.equal(expire(queue, "ready", time(DAY - 1)).dropped.length, 0);
  assert.deepEqual(expire(queue, "ready", time(DAY)).queue.messages.map(({ id }) => id), ["b"]);
  assert.deepEqual(expire(queue, "ready", time(DAY)).dropped.map(({ why }) => why), [
    "it could not be delivered for a day",
  ]);
});

Deno.test("FAILBACK READY is said only while it holds, and what is behind it waits too", () => {
  const queue = queueOf("failback_ready", "site_back");
  assert.equal(nextStep(queue, "expired", time(0)).kind, "rest");
  assert.equal(nextStep(queue, "ready", time(0)).kind, "send");
  for (const readiness of ["ready", "expired"] as const) {
    assert.deepEqual(expire(queue, readiness, time(0)), { queue, dropped: [] });
  }
  const { queue: rest, dropped } = expire(queue, "not_ready", time(0));
  assert.deepEqual([kinds(rest), dropped.map(({ why }) => why)], [["site_back"], [
    "it is no longer true",
  ]]);
});

Deno.test("what newer messages make untrue is dropped, and nothing else", () => {
  const { queue, dropped } = enqueue(queueOf("failback_ready", "gap_detected"), [
    said("x", "failback_not_ready"),
  ]);
  assert.deepEqual(kinds(queue), ["gap_detected", "failback_not_ready"]);
  assert.deepEqual(dropped.map(({ message, why }) => [message.event, why]), [
    ["failback_ready", "it is no longer true"],
  ]);
  assert.deepEqual(kinds(queueOf("still_not_ready", "still_not_ready")), ["still_not_ready"]);
  assert.deepEqual(kinds(queueOf("still_not_ready", "failback_ready")), ["failback_ready"]);
  const order = ["failback_not_ready", "failback_ready"] as const;
  assert.deepEqual(kinds(queueOf(...order)), order);
});

Deno.test("the oldest go where too many wait", () => {
  const many = Array.from({ length: MOST + 2 }, (_, index) => said(String(index)));
  const { queue, dropped } = enqueue(NO_MESSAGES, many);
  assert.deepEqual([queue.messages.length, queue.messages[0]!.id, dropped.length], [MOST, "2", 2]);
});

/** Events none of which makes another untrue. */
const LASTING: readonly Event["kind"][] = [
  "gap_detected",
  "sync_complete",
  "new_tables",
  "refused",
  "site_back",
];
const EVERY: readonly Event["kind"][] = [
  ...LASTING,
  "failback_ready",
  "failback_not_ready",
  "still_not_ready",
];

/** One thing that happens to a queue. */
const happening = (events: readonly Event["kind"][]) =>
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), event: fc.constantFrom(...events) }),
    fc.record({
      kind: fc.constant("try" as const),
      answer: fc.oneof(
        fc.constant(TAKEN),
        fc.constant<WebhookAnswer>({ kind: "refused", problem: "no" }),
        fc.integer({ min: 0, max: 10_000_000 }).map(notNow),
      ),
    }),
    fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: DAY / 4 }) }),
    // A restart: the queue goes through its file.
    fc.record({ kind: fc.constant("restart" as const) }),
  );

type Happening = ReturnType<typeof happening> extends fc.Arbitrary<infer T> ? T : never;

/** What became of all messages: taken in this order, dropped for what reason, still waiting. */
function live(happenings: readonly Happening[], readiness: Readiness) {
  let [queue, ms, made] = [NO_MESSAGES, 0, 0];
  const all: QueuedMessage[] = [];
  const taken: { message: QueuedMessage; ms: number }[] = [];
  const dropped: { message: QueuedMessage; why: string }[] = [];
  const change = (changed: QueueChange) => {
    queue = changed.queue;
    dropped.push(...changed.dropped);
  };
  for (const what of happenings) {
    switch (what.kind) {
      case "add":
        all.push(said(String(made++), what.event, ms));
        change(enqueue(queue, all.slice(-1)));
        break;
      case "pass":
        ms += what.ms;
        break;
      case "restart":
        queue = JSON.parse(JSON.stringify(queue));
        break;
      case "try": {
        change(expire(queue, readiness, time(ms)));
        const step = nextStep(queue, readiness, time(ms));
        if (step.kind !== "send") break;
        if (what.answer.kind === "taken") taken.push({ message: step.message, ms });
        change(answered(queue, step.message, what.answer, time(ms)));
      }
    }
  }
  return { all, taken, dropped, queue };
}

Deno.test("whatever happens: each message is taken once, dropped with a reason once, or waits; in order", () => {
  const histories = fc.array(happening(EVERY), { maxLength: 60, size: "max" });
  fc.assert(
    fc.property(
      histories,
      fc.constantFrom<Readiness[]>("ready", "expired", "not_ready"),
      (happenings, readiness) => {
        const { all, taken, dropped, queue } = live(happenings, readiness);
        const ends = [
          ...taken.map(({ message }) => message),
          ...dropped.map(({ message }) => message),
          ...queue.messages,
        ];
        const ids = (messages: readonly QueuedMessage[]) => messages.map(({ id }) => Number(id));
        assert.deepEqual(ids(ends).sort((a, b) => a - b), ids(all));
        const order = [...ids(taken.map(({ message }) => message)), ...ids(queue.messages)];
        assert.deepEqual(order, order.toSorted((a, b) => a - b));
        for (const { message, ms } of taken) {
          assert.ok(ms - (Date.parse(message.at) - START) < DAY, "nothing is sent after a day");
          assert.ok(
            readiness === "ready" || message.event !== "failback_ready",
            "ready is not said while it does not hold",
          );
        }
        for (const { message, why } of dropped) {
          const later = all.slice(Number(message.id) + 1).map(({ event }) => event);
          if (why === "it is no longer true") {
            assert.ok(["failback_ready", "still_not_ready"].includes(message.event));
            assert.ok(readiness === "not_ready" || later.some((event) => EVERY.slice(-3).includes(event)));
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("a receiver that comes back within a day gets every message that lasts, in order", () => {
  const histories = fc.array(
    happening(LASTING).filter((what) => what.kind !== "pass" || what.ms < DAY / 100),
    { maxLength: 60, size: "max" },
  );
  fc.assert(
    fc.property(histories, (happenings) => {
      const patient = happenings.filter((what) => what.kind !== "try" || what.answer.kind !== "refused");
      const recovered = Array.from({ length: 60 }, () => [
        { kind: "pass", ms: 3_600_000 / 60 } as const,
        { kind: "try", answer: TAKEN } as const,
      ]).flat();
      const hour = { kind: "pass", ms: 3_600_000 } as const;
      const { all, taken, dropped } = live([...patient, hour, ...recovered], "expired");
      assert.deepEqual(taken.map(({ message }) => message.id), all.map(({ id }) => id));
      assert.deepEqual(dropped, []);
    }),
    { numRuns: 1000 },
  );
});
