/** From the text of a message file to the queue, or to null. */
import type { Event } from "../model/event.ts";
import type { MessageQueue, News, QueuedMessage } from "../model/message.ts";

/** Of the format; a file of another one is not read. */
const VERSION = 1;

const EVENTS: Readonly<Record<Event["kind"], true>> = {
  gap_detected: true,
  sync_complete: true,
  failback_ready: true,
  neighbour_ready: true,
  failback_not_ready: true,
  still_not_ready: true,
  new_tables: true,
  refused: true,
  site_unreachable: true,
  site_back: true,
  role_changed: true,
  role_unknown: true,
  role_known: true,
};

export function formatMessages(queue: MessageQueue): string {
  return JSON.stringify({ version: VERSION, ...queue }, null, 2) + "\n";
}

/**
 * Null: it is no message file. Never throws.
 *
 * @param now a message with a later time gets this one, or it might never be dropped
 */
export function parseMessages(content: Uint8Array, now: Date): MessageQueue | null {
  try {
    const value = record(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content)));
    const { version, messages, attempts, not_before } = value;
    const valid = version === VERSION && Array.isArray(messages) && isCount(attempts) &&
      (not_before === null || isTime(not_before));
    if (!valid) return null;
    return {
      messages: messages.map((message) => readMessage(record(message), now)),
      attempts,
      not_before,
    };
  } catch {
    return null;
  }
}

/** @throws if it is no message */
function readMessage(fields: Record<string, unknown>, now: Date): QueuedMessage {
  const { id, at, role, also = [], paused, open, openMore = 0 } = fields;
  if (!isText(id) || !isTime(at) || (role !== "primary" && role !== "dr")) throw new TypeError();
  if (!Array.isArray(also) || !(paused === undefined || isText(paused)) || !isCount(openMore)) {
    throw new TypeError();
  }
  if (open !== undefined && !isTexts(open)) throw new TypeError();
  const made = new Date(Math.min(Date.parse(at), now.getTime())).toISOString();
  return {
    id,
    at: made,
    role,
    ...readNews(fields),
    ...also.length > 0 ? { also: also.map((news) => readNews(record(news))) } : {},
    ...paused === undefined ? {} : { paused },
    ...open === undefined ? {} : { open, openMore },
  };
}

/** @throws if it is no news */
function readNews({ event, sentence, items, more, advice }: Record<string, unknown>): News {
  if (!isText(event) || !Object.hasOwn(EVENTS, event) || !isText(sentence)) throw new TypeError();
  if (!isTexts(items) || !isCount(more) || !isText(advice)) throw new TypeError();
  return { event: event as Event["kind"], sentence, items, more, advice };
}

/** @throws if it is none */
function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError();
  return { ...value };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is string {
  return isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value));
}
