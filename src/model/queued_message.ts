/** A message that was not delivered yet. */
import type { Event } from "./event.ts";

export interface QueuedMessage {
  readonly event: Event;
  /** When it happened, ISO 8601 UTC. */
  readonly at: string;
}
