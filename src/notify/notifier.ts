/**
 * Delivering messages: in order, one at a time, retried over restarts of the process, and never in the way of a check.
 * Each is delivered once; a crash between its delivery and the record of it delivers it once more.
 */
import type { Event } from "../model/event.ts";
import type { QueuedMessage } from "../model/queued_message.ts";
import type { SiteName } from "../model/site.ts";
import { message } from "./messages.ts";
import { type Format, payload } from "./payload.ts";
import { post } from "./webhook.ts";

/** Pauses between attempts double from the first to the longest, milliseconds. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
/** Milliseconds after which a message is of no use to anybody. */
const STALE_MS = 24 * 3_600_000;

export interface Notifier {
  /** Takes the event and returns at once. */
  send(event: Event): void;
  /** Waits until everything is delivered, at most so long; what is left stays in the queue for the next start. */
  drain(milliseconds: number): Promise<void>;
}

/** Where messages go, and who speaks. */
export interface Webhook {
  readonly url: string;
  readonly format: Format;
  readonly role: SiteName;
}

export interface NotifierOptions {
  readonly webhook: Webhook;
  /** What an earlier process left, oldest first. */
  readonly left: readonly QueuedMessage[];
  /** Keeps what is not delivered yet. */
  readonly save: (messages: readonly QueuedMessage[]) => Promise<void>;
  /** FAILBACK READY is not told any more once it does not hold. */
  readonly isReady: () => boolean;
  /** Hears what was not delivered, without the URL. */
  readonly onProblem: (text: string) => void;
  readonly onOutcome?: (outcome: "delivered" | "retried" | "dropped") => void;
  readonly now?: () => Date;
  readonly firstPauseMs?: number;
}

/** Where there is no webhook, events go nowhere. */
export const SILENT: Notifier = { send() {}, drain: () => Promise.resolve() };

export function createNotifier(options: NotifierOptions): Notifier {
  const { webhook, left, save, isReady, onProblem, onOutcome = () => {} } = options;
  const { now = () => new Date(), firstPauseMs = FIRST_PAUSE_MS } = options;
  const stop = new AbortController();
  const queue = [...left];
  let saving: Promise<void> = Promise.resolve();
  let delivering: Promise<void> | null = null;
  const keep = () => {
    const messages = [...queue];
    saving = saving.then(() => save(messages)).catch((error) => {
      onProblem(`The queue of messages could not be written: ${error.message}`);
    });
    return saving;
  };
  const drop = (queued: QueuedMessage, why: string) => {
    onOutcome("dropped");
    onProblem(`A message was not delivered (${why}): ${message(queued.event).sentence}`);
  };

  /** True once the message is done with. */
  async function attempt(queued: QueuedMessage): Promise<true | { problem: string; after: number | null }> {
    const { event, at } = queued;
    if (event.kind === "failback_ready" && !isReady()) {
      drop(queued, "it does not hold any more");
      return true;
    }
    const body = JSON.stringify(payload(webhook.format, event, webhook.role, lateness(at, now())));
    const result = await post(webhook.url, body, stop.signal);
    if (result.kind === "later") return result;
    if (result.kind === "delivered") onOutcome("delivered");
    else drop(queued, result.problem);
    return true;
  }

  async function deliver(): Promise<void> {
    let pauseMs = firstPauseMs;
    let problem = "no answer";
    for (let head = queue[0]; head && !stop.signal.aborted; head = queue[0]) {
      const stale = now().getTime() - Date.parse(head.at) > STALE_MS;
      if (stale) drop(head, `${problem} for a day`);
      const result = stale || await attempt(head);
      if (result === true) {
        queue.shift();
        await keep();
        pauseMs = firstPauseMs;
      } else {
        onOutcome("retried");
        problem = result.problem;
        await pause(Math.max(pauseMs, result.after ?? 0), stop.signal);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
    delivering = null;
  }
  const wake = () => {
    if (queue.length > 0 && !stop.signal.aborted) delivering ??= deliver();
  };
  wake();
  return {
    send(event) {
      queue.push({ event, at: now().toISOString() });
      void keep();
      wake();
    },
    async drain(milliseconds) {
      const timer = setTimeout(() => stop.abort(), milliseconds);
      await delivering;
      clearTimeout(timer);
      await saving;
      if (queue.length > 0) {
        onProblem(`Messages that were not delivered yet: ${queue.length}; they are kept for the next start`);
      }
    },
  };
}

/** Milliseconds after which a message says when it happened. */
const LATE_MS = 300_000;

function lateness(at: string, now: Date): string | null {
  return now.getTime() - Date.parse(at) > LATE_MS ? at : null;
}

/** Waits, at most until `stop` aborts, which may have happened before. Does not keep the process alive. */
async function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, milliseconds);
  Deno.unrefTimer(timer);
  stop.addEventListener("abort", end, { once: true });
  await promise;
  clearTimeout(timer);
  stop.removeEventListener("abort", end);
}
