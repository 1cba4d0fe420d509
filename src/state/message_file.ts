/** `ch-sync-messages.json`: messages that were not delivered yet, beside the state. It holds no address they go to. */
import type { Event } from "../model/event.ts";
import type { QueuedMessage } from "../model/queued_message.ts";
import { writeAtomically } from "./private_file.ts";

const VERSION = 1;
/** Messages that are kept: more come from a fault, and nobody reads them. */
const KEPT = 1000;

export interface LoadedMessages {
  readonly messages: readonly QueuedMessage[];
  /** For the log; null: the file was as it should be, or there was none. */
  readonly problem: string | null;
}

export class MessageFile {
  readonly #path: string;

  constructor(directory: string) {
    this.#path = `${directory}/ch-sync-messages.json`;
  }

  /** Never throws: a file that is damaged is set aside, and counts as empty. */
  async load(now: Date): Promise<LoadedMessages> {
    let text: string;
    try {
      text = await Deno.readTextFile(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return { messages: [], problem: null };
      return { messages: [], problem: `Cannot read ${this.#path}: check its owner and mode` };
    }
    const messages = parse(text);
    if (messages) return { messages, problem: null };
    const aside = `${this.#path}.corrupt-${now.toISOString().replaceAll(":", "")}`;
    const kept = await Deno.rename(this.#path, aside).then(() => `set aside as ${aside}`, () => "left there");
    return {
      messages: [],
      problem: `The queue of messages ${this.#path} is damaged, and ${kept}; it starts afresh`,
    };
  }

  /** Mode 0600. @throws where it cannot be written */
  async save(messages: readonly QueuedMessage[]): Promise<void> {
    const kept = messages.slice(-KEPT).map(({ event, at }) => ({ at, event: encode(event) }));
    if (kept.length === 0) {
      await Deno.remove(this.#path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    } else await writeAtomically(this.#path, `${JSON.stringify({ version: VERSION, messages: kept })}\n`);
  }
}

/** JSON knows no big integers: they are decimal texts. */
function encode(event: Event): unknown {
  return event.kind === "sync_complete" ? { ...event, rows: String(event.rows) } : event;
}

const texts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** What each kind of event holds besides its kind. */
const EVENTS: Readonly<Record<Event["kind"], (event: Record<string, unknown>) => boolean>> = {
  gap_detected: ({ tables }) => texts(tables),
  sync_complete: ({ partitions, rows }) =>
    Number.isSafeInteger(partitions) && /^\d{1,30}$/.test(String(rows)),
  failback_ready: () => true,
  failback_not_ready: ({ because }) => typeof because === "string",
  still_not_ready: ({ because }) => texts(because),
  new_tables: ({ tables }) => texts(tables),
  refused: ({ what }) => texts(what),
  site_unreachable: ({ site }) => site === "local" || site === "remote",
  site_back: ({ site }) => site === "local" || site === "remote",
};

/** Null: the text is no queue of this version. */
function parse(text: string): QueuedMessage[] | null {
  try {
    const { version, messages } = JSON.parse(text);
    if (version !== VERSION || !Array.isArray(messages)) return null;
    return messages.map(({ at, event }) => {
      const valid = Object.hasOwn(EVENTS, event.kind) && EVENTS[event.kind as Event["kind"]](event);
      if (!valid || typeof at !== "string" || Number.isNaN(Date.parse(at))) throw new TypeError();
      return { at, event: event.kind === "sync_complete" ? { ...event, rows: BigInt(event.rows) } : event };
    });
  } catch {
    return null;
  }
}
