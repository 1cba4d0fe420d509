/** Delivery of messages: queued on disk before they count, sent one after the other, without ever delaying a check. */
import { errorText } from "../text/error_text.ts";
import { getLogger } from "@logtape/logtape";
import type { Event } from "../model/event.ts";
import { type MessageQueue, NO_MESSAGES, type QueuedMessage, type WebhookAnswer } from "../model/message.ts";
import type { SiteName } from "../model/site.ts";
import { joinNews, newsOf, type Standing } from "./join_news.ts";
import { message, oneLine } from "./messages.ts";
import type { BothVerdict } from "../verdict/neighbour_words.ts";
import { sayBoth, saysReady } from "./say_both.ts";
import { deliver, type Webhook } from "./webhook.ts";
import {
  answered,
  enqueue,
  expire,
  FIRST_PAUSE_MS,
  nextStep,
  type QueueChange,
  type Readiness,
  UNTRUE,
} from "./message_queue.ts";
import { loadMessages, saveMessages } from "./message_file.ts";
import { counted } from "../text/readable.ts";

const log = getLogger(["ch-sync"]);

/** Milliseconds after which a waiting queue is looked at again, as the clock may have been set in the meantime. */
const LOOK_MS = 60_000;

export interface OutboxOptions {
  /** Of the state file; this process holds the lock. */
  readonly directory: string;
  /** Null: messages go nowhere. */
  readonly webhook: Webhook | null;
  /** The site that sends the messages. */
  readonly role: SiteName;
  /** What the state says about FAILBACK READY now. */
  readonly readiness: () => Readiness;
  /** What holds now for vm-sync, too; null, or absent: nobody asks it. Must not throw. */
  readonly both?: () => Promise<BothVerdict | null>;
  /** Called with the result of each attempt, and for each message that is dropped. */
  readonly onOutcome?: (outcome: "delivered" | "retried" | "dropped") => void;
  readonly firstPauseMs?: number;
}

export class Outbox {
  readonly #options: OutboxOptions;
  #queue: MessageQueue = NO_MESSAGES;
  /** On disk, but not sent before `release`. */
  #prepared: readonly QueuedMessage[] = [];
  #saving: Promise<void> = Promise.resolve();
  /** Whether the file could be written last time. */
  #onDisk = true;
  #sending: Promise<void> = Promise.resolve();
  #awake = false;
  /** Whether a check of this process has told what holds now. */
  #checked = false;
  /** Of `performance.now()`: no pause lasts longer. */
  #deadline = Infinity;
  readonly #stop = new AbortController();
  #interrupt = () => {};

  private constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Loads what an earlier run left, and begins to send it. Never throws. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(options);
    if (options.webhook === null) return outbox;
    const { queue, warning } = await loadMessages(options.directory, new Date());
    if (warning) log.warn("{text}", { text: warning });
    outbox.#queue = queue;
    outbox.#wake();
    return outbox;
  }

  /**
   * Writes the news of a check to disk as one message, so that no crash loses it. It is sent after `release`.
   *
   * @param standing what holds besides; absent: that is not known, and each event is a message of its own
   */
  async prepare(
    events: readonly Event[],
    now: Date,
    standing?: Omit<Standing, "role">,
  ): Promise<void> {
    const { webhook, role } = this.#options;
    if (webhook === null || events.length === 0) return;
    const at = now.toISOString();
    const messages = standing
      ? [joinNews(events, { ...standing, role })]
      : events.map((event) => message(event, role));
    this.#prepared = messages.map((one) => ({ id: crypto.randomUUID(), at, role, ...one }));
    await this.#save();
  }

  /**
   * Sends what was prepared, and what waits for news of the verdict; returns before it is sent.
   *
   * @param happened false: it is not in the state, so the next check will find it again; the messages are withdrawn
   */
  async release(happened: boolean): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = [];
    if (happened) {
      this.#checked = true;
      this.#change(enqueue(this.#queue, prepared));
    } else if (prepared.length > 0) await this.#save();
    this.#wake();
  }

  /** Waits until everything that can be sent is sent, at most this long; then sends no more. The rest stays on disk for the next run. */
  async drain(milliseconds: number): Promise<void> {
    this.#deadline = performance.now() + milliseconds;
    this.#interrupt();
    const timer = setTimeout(() => {
      this.#stop.abort();
      this.#interrupt();
    }, milliseconds);
    await this.#sending;
    await this.#saving;
    clearTimeout(timer);
    this.#stop.abort();
    const left = this.#queue.messages.length;
    if (left > 0 && this.#onDisk) {
      log.info("{text}", {
        text: `${
          counted(left, "message has", "messages have")
        } not been sent yet; the next check at this site sends ${left === 1 ? "it" : "them"}`,
      });
    } else if (left > 0) {
      log.warn("{text}", {
        text: `${counted(left, "message was", "messages were")} not sent, and could not be kept on disk`,
      });
    }
  }

  #wake(): void {
    this.#interrupt();
    if (this.#awake || this.#stop.signal.aborted || this.#options.webhook === null) return;
    this.#awake = true;
    this.#sending = this.#send(this.#options.webhook);
  }

  async #send(webhook: Webhook): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const now = new Date();
      const readiness = this.#readiness();
      const expired = expire(this.#queue, readiness, now);
      if (expired.dropped.length > 0) {
        this.#change(expired);
        await this.#save();
      }
      const step = nextStep(this.#queue, readiness, now);
      if (step.kind === "send") await this.#attempt(webhook, step.message);
      else if (step.kind === "rest" || performance.now() + step.milliseconds > this.#deadline) break;
      else await this.#pause(Math.min(step.milliseconds, LOOK_MS));
    }
    // In the same turn as the last look at the queue: whatever comes later wakes it again.
    this.#awake = false;
  }

  /** FAILBACK READY of an earlier process waits for a check of this one, however short its verdict is past. */
  #readiness(): Readiness {
    const readiness = this.#options.readiness();
    return readiness === "ready" && !this.#checked ? "expired" : readiness;
  }

  async #attempt(webhook: Webhook, message: QueuedMessage): Promise<void> {
    const both = await this.#options.both?.() ?? null;
    // The verdict may have changed while vm-sync was asked: then the queue is looked at again.
    if (this.#queue.messages[0] !== message) return;
    if (newsOf(message).some(saysReady) && this.#readiness() !== "ready") return;
    const said = sayBoth(message, both, message.role);
    const answer: WebhookAnswer = said === null
      ? { kind: "refused", problem: UNTRUE }
      : await deliver(webhook, said, this.#stop.signal);
    // Nobody knows whether an attempt that was cut short was accepted; it does not count.
    if (answer.kind === "not_now" && this.#stop.signal.aborted) return;
    const first = this.#queue.attempts === 0;
    const pause = this.#options.firstPauseMs ?? FIRST_PAUSE_MS;
    this.#change(answered(this.#queue, message, answer, new Date(), pause));
    if (answer.kind === "taken") this.#options.onOutcome?.("delivered");
    if (answer.kind === "not_now") this.#options.onOutcome?.("retried");
    if (answer.kind === "not_now" && first) {
      const text =
        `NOTIFY_WEBHOOK did not accept a message (${answer.problem}); ch-sync keeps trying for a day`;
      log.warn("{text}", { text });
    }
    await this.#save();
  }

  #change({ queue, dropped }: QueueChange): void {
    this.#queue = queue;
    for (const { message, why } of dropped) {
      this.#options.onOutcome?.("dropped");
      log.warn("{text}", { text: `A message was not delivered (${why}): ${oneLine(message.sentence)}` });
    }
  }

  /** One write after the other. The log says once that the file cannot be written; the messages are then in memory only. */
  async #save(): Promise<void> {
    const write = async () => {
      const { queue } = enqueue(this.#queue, this.#prepared);
      try {
        await saveMessages(this.#options.directory, queue);
        this.#onDisk = true;
      } catch (error) {
        const text = `${errorText(error)}; messages are kept in memory until it works again`;
        if (this.#onDisk) log.warn("{text}", { text });
        this.#onDisk = false;
      }
    };
    this.#saving = this.#saving.then(write);
    await this.#saving;
  }

  /** Waits, but only until something changes. Does not keep the process alive. */
  async #pause(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    Deno.unrefTimer(timer);
    this.#interrupt = resolve;
    await promise;
    clearTimeout(timer);
    this.#interrupt = () => {};
  }
}
