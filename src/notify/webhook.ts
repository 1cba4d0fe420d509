/** Delivering messages to a webhook: in order, retried, and never in the way of a check. */
import type { Event } from "../model/event.ts";
import type { SiteName } from "../model/site.ts";
import { message } from "./messages.ts";
import { type Format, payload } from "./payload.ts";

/** Milliseconds that one attempt may take. */
const ATTEMPT_MS = 5000;
/** Pauses between attempts double from the first to the longest, milliseconds. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Some ten minutes of trying. */
const ATTEMPTS = 15;

export interface Notifier {
  /** Takes the event and returns at once. */
  send(event: Event): void;
  /** Waits until everything is delivered or given up, at most so long; then gives up what is left. */
  drain(milliseconds: number): Promise<void>;
}

/** Where messages go, and who speaks. */
export interface Webhook {
  readonly url: string;
  readonly format: Format;
  readonly role: SiteName;
}

/**
 * @param webhook null: events go nowhere
 * @param onProblem hears what was not delivered, without the URL, which counts as a secret
 */
export function createNotifier(
  webhook: Webhook | null,
  onProblem: (text: string) => void,
  firstPauseMs = FIRST_PAUSE_MS,
): Notifier {
  const stop = new AbortController();
  let queue: Promise<void> = Promise.resolve();
  return {
    send(event) {
      if (webhook === null) return;
      const body = JSON.stringify(payload(webhook.format, event, webhook.role));
      queue = queue.then(async () => {
        const problem = await deliver(webhook.url, body, stop.signal, firstPauseMs);
        if (problem) onProblem(`A message was not delivered (${problem}): ${message(event).sentence}`);
      });
    },
    async drain(milliseconds) {
      const timer = setTimeout(() => stop.abort(), milliseconds);
      await queue;
      clearTimeout(timer);
    },
  };
}

/** Returns null once it is delivered, else why it was given up. */
async function deliver(
  url: string,
  body: string,
  stop: AbortSignal,
  firstPauseMs: number,
): Promise<string | null> {
  let problem = "ch-sync stopped";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await pause(Math.min(firstPauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS), stop);
    if (stop.aborted) return problem;
    const status = await post(url, body, stop);
    if (status !== null && status >= 200 && status < 300) return null;
    problem = status === null ? "no answer" : `HTTP status ${status}`;
    const worthTrying = status === null || status === 429 || status >= 500;
    if (!worthTrying) return problem;
  }
  return problem;
}

/** The status of the answer, or null without one. */
async function post(url: string, body: string, stop: AbortSignal): Promise<number | null> {
  const abort = new AbortController();
  const end = () => abort.abort();
  const timer = setTimeout(end, ATTEMPT_MS);
  stop.addEventListener("abort", end, { once: true });
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      // A redirect would send the message, and the secret path, somewhere else.
      redirect: "manual",
      signal: abort.signal,
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
  }
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
