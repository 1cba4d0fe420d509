/** `ch-sync-messages.json`, beside the state: messages that wait to be delivered. Only the holder of the lock writes it. */
import { type MessageQueue, NO_MESSAGES } from "../model/message.ts";
import { formatMessages, parseMessages } from "./parse_messages.ts";
import { readOwn, removeIfThere, StateError, writeAtomically } from "../files/private_file.ts";
import { reason, setAside } from "../files/set_aside.ts";

/** A longer file, in bytes, is not read: the longest queue is shorter. */
const LONGEST = 32 * 1024 * 1024;

export interface LoadedMessages {
  readonly queue: MessageQueue;
  /** Set if there is a file that holds no messages, in words for the log. */
  readonly warning: string | null;
}

/** Reads the queue. A damaged file is set aside, as no message is worth failing a check for. Never throws. */
export async function loadMessages(directory: string, now: Date): Promise<LoadedMessages> {
  const path = pathIn(directory);
  let problem = "it is not valid";
  try {
    const { size } = await Deno.lstat(path);
    if (size > LONGEST) problem = "it is too large";
    else {
      const queue = parseMessages(await readOwn(path), now);
      if (queue) return { queue, warning: null };
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { queue: NO_MESSAGES, warning: null };
    problem = reason(error);
  }
  let after: string;
  try {
    after = `set aside as ${setAside(path, now)}`;
  } catch (error) {
    after = reason(error);
  }
  const warning =
    `The messages that waited in ${path} cannot be read (${problem}) and are not sent; ${after}`;
  return { queue: NO_MESSAGES, warning };
}

/**
 * Replaces the file, mode 0600; the old one stays as it was where that fails. An empty queue leaves no file.
 *
 * @throws {StateError}
 */
export async function saveMessages(directory: string, queue: MessageQueue): Promise<void> {
  const path = pathIn(directory);
  try {
    if (queue.messages.length > 0) await writeAtomically(path, formatMessages(queue));
    else await removeIfThere(path);
  } catch (error) {
    throw new StateError(`Cannot write ${path}: ${reason(error)}; check its owner, mode and free space`);
  }
}

function pathIn(directory: string): string {
  return `${directory}/ch-sync-messages.json`;
}
