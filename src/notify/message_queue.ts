/** In which order messages are sent, when one is tried again, and which are never sent. */
import type { Event } from "../model/event.ts";
import type { MessageQueue, News, QueuedMessage, WebhookAnswer } from "../model/message.ts";
import { newsOf, withNews } from "./join_news.ts";
import { saysReady } from "./say_both.ts";

/** Milliseconds after which a message that was not delivered is dropped: a day. */
export const KEPT_MS = 86_400_000;
/** Pauses between attempts double from the first to the longest, milliseconds. */
export const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
/** Milliseconds that a receiver may ask for at most (`Retry-After`). */
const LONGEST_ASKED_MS = 3_600_000;
/** Why outdated news is dropped. */
export const UNTRUE = "it is no longer true";
/** Messages that wait, at most: more than three for each check of a day, and a check makes one. */
export const MOST = 1000;

/** News that makes older news untrue, which is then no longer sent. */
const OVERTAKES: Readonly<Partial<Record<Event["kind"], readonly Event["kind"][]>>> = {
  failback_ready: ["failback_ready", "neighbour_ready", "still_not_ready"],
  failback_not_ready: ["failback_ready", "neighbour_ready"],
  still_not_ready: ["failback_ready", "neighbour_ready", "still_not_ready"],
};

/** What the state says about FAILBACK READY; `expired`: the next check tells whether it still holds. */
export type Readiness = "ready" | "expired" | "not_ready";

export type NextStep =
  | { readonly kind: "send"; readonly message: QueuedMessage }
  | { readonly kind: "wait"; readonly milliseconds: number }
  /** Nothing is left, or what is left waits for the next check. */
  | { readonly kind: "rest" };

export interface QueueChange {
  readonly queue: MessageQueue;
  /** Messages that will never be sent, each with the reason in words. */
  readonly dropped: readonly { readonly message: QueuedMessage; readonly why: string }[];
}

/** Adds messages at the end of the queue. What they make untrue is dropped, and so are the oldest if there are too many. */
export function enqueue(queue: MessageQueue, added: readonly QueuedMessage[]): QueueChange {
  const all = [...queue.messages, ...added];
  const overtaken = ({ event }: News, index: number) =>
    all.some((later, at) =>
      at > index && newsOf(later).some((news) => OVERTAKES[news.event]?.includes(event))
    );
  const change = dropNews({ ...queue, messages: all }, overtaken);
  const excess = change.queue.messages.slice(0, Math.max(0, change.queue.messages.length - MOST));
  const rest = without(change.queue, new Map(excess.map((message) => [message, `more than ${MOST} waited`])));
  return { queue: rest.queue, dropped: [...change.dropped, ...rest.dropped] };
}

/** Drops what has waited for a day, and FAILBACK READY if the state does not say so. */
export function expire(queue: MessageQueue, readiness: Readiness, now: Date): QueueChange {
  const change = dropNews(queue, (news) => saysReady(news) && readiness === "not_ready");
  const old = change.queue.messages.filter(({ at }) => now.getTime() - Date.parse(at) >= KEPT_MS);
  const rest = without(
    change.queue,
    new Map(old.map((message) => [message, "it could not be delivered for a day"])),
  );
  return { queue: rest.queue, dropped: [...change.dropped, ...rest.dropped] };
}

/** Takes news out of the messages that wait; a message without any left is dropped. */
function dropNews(
  queue: MessageQueue,
  isUntrue: (news: News, index: number) => boolean,
): QueueChange {
  const dropped: { message: QueuedMessage; why: string }[] = [];
  const messages = queue.messages.flatMap((message, index) => {
    const news = newsOf(message);
    const untrue = news.filter((one) => isUntrue(one, index));
    if (untrue.length === 0) return [message];
    dropped.push(...untrue.map((one) => ({ message: withNews(message, [one])!, why: UNTRUE })));
    return withNews(message, news.filter((one) => !untrue.includes(one))) ?? [];
  });
  return { queue: replaced(queue, messages), dropped };
}

/**
 * What to do now.
 *
 * @param readiness FAILBACK READY is said only while it counts; messages behind it wait too, as their order is part of
 *   what they say
 */
export function nextStep(queue: MessageQueue, readiness: Readiness, now: Date): NextStep {
  const [message] = queue.messages;
  if (!message) return { kind: "rest" };
  if (newsOf(message).some(saysReady) && readiness !== "ready") return { kind: "rest" };
  const milliseconds = queue.not_before === null ? 0 : Date.parse(queue.not_before) - now.getTime();
  // A pause longer than any allowed means that the clock has been set back since.
  if (milliseconds <= 0 || milliseconds > LONGEST_ASKED_MS) return { kind: "send", message };
  return { kind: "wait", milliseconds };
}

/** The queue after the webhook answered this message, which may have been dropped in the meantime. */
export function answered(
  queue: MessageQueue,
  { id }: QueuedMessage,
  answer: WebhookAnswer,
  now: Date,
  firstPauseMs = FIRST_PAUSE_MS,
): QueueChange {
  const [first] = queue.messages;
  if (first?.id !== id) return { queue, dropped: [] };
  switch (answer.kind) {
    case "taken":
      return { queue: without(queue, new Map([[first, ""]])).queue, dropped: [] };
    case "refused":
      return without(queue, new Map([[first, answer.problem]]));
    case "not_now": {
      const pause = Math.min(firstPauseMs * 2 ** Math.min(queue.attempts, 30), LONGEST_PAUSE_MS);
      const wait = Math.max(pause, Math.min(answer.askedMs, LONGEST_ASKED_MS));
      const not_before = new Date(now.getTime() + wait).toISOString();
      return { queue: { ...queue, attempts: queue.attempts + 1, not_before }, dropped: [] };
    }
  }
}

function without(queue: MessageQueue, gone: ReadonlyMap<QueuedMessage, string>): QueueChange {
  const messages = queue.messages.filter((message) => !gone.has(message));
  return {
    queue: replaced(queue, messages),
    dropped: [...gone].map(([message, why]) => ({ message, why })),
  };
}

function replaced(queue: MessageQueue, messages: readonly QueuedMessage[]): MessageQueue {
  // Attempts are counted for the first message. Another one starts at zero, but not sooner than the receiver asked.
  const same = messages[0]?.id === queue.messages[0]?.id;
  const not_before = messages.length === 0 ? null : queue.not_before;
  return { messages, attempts: same ? queue.attempts : 0, not_before };
}
