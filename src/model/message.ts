/** Messages to a chat channel, and the queue in which they wait. */
import type { Event } from "./event.ts";
import type { SiteName } from "./site.ts";

/** One piece of news. */
export interface News {
  readonly event: Event["kind"];
  /** One sentence; for the events that docs/notifications.md lists, word by word as it stands there. */
  readonly sentence: string;
  /** Names, figures or reasons: ten at most, each on one line. */
  readonly items: readonly string[];
  /** How many more there were. */
  readonly more: number;
  /** What to do, in one line. */
  readonly advice: string;
}

/**
 * What a message says, before any chat's markup: the news of one check, the first of which stands here itself. Plain data, so that it
 * can wait in a file.
 */
export interface Message extends News {
  /** The other news; absent: there are none. */
  readonly also?: readonly News[];
  /** That repairs are paused, in one line; absent: they are not. */
  readonly paused?: string;
  /** All that keeps this site from being ready, ten at most, each on one line; absent: nothing, or the news says it already. */
  readonly open?: readonly string[];
  /** How many more there were. */
  readonly openMore?: number;
}

export interface QueuedMessage extends Message {
  /** The same at each delivery: a receiver that gets it twice can tell. */
  readonly id: string;
  /** When it was made, ISO 8601 UTC. */
  readonly at: string;
  /** The site that sends it. */
  readonly role: SiteName;
}

/** Messages that wait, in the order in which they are sent. */
export interface MessageQueue {
  readonly messages: readonly QueuedMessage[];
  /** How many attempts to send the first of them have failed. */
  readonly attempts: number;
  /** When to try next, ISO 8601 UTC; null: at once. */
  readonly not_before: string | null;
}

export const NO_MESSAGES: MessageQueue = { messages: [], attempts: 0, not_before: null };

/** What the webhook did with a message. */
export type WebhookAnswer =
  | { readonly kind: "taken" }
  /** It will never be accepted. */
  | { readonly kind: "refused"; readonly problem: string }
  /** It may be accepted later; `askedMs`: how long the receiver asked to wait. */
  | { readonly kind: "not_now"; readonly problem: string; readonly askedMs: number };
