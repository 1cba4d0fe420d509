/** Messages to a chat channel, and the queue in which they wait. */
import type { Event } from "./event.ts";
import type { SiteName } from "./site.ts";

/** What a message says, before any chat's markup. Plain data, so that it can wait in a file. */
export interface Message {
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
