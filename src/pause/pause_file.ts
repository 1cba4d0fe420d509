/** The file `pause` in the state directory: while it says so, checks go on and repairs wait. */
import { openOwn, removeIfThere, StateError, writeAtomically } from "../files/private_file.ts";
import { reason } from "../files/set_aside.ts";
import type { Pause } from "../model/pause.ts";
import { formatPause, parsePause } from "./parse_pause.ts";

/** Bytes that are read: what `ch-sync pause` writes is shorter. */
const LONGEST = 4096;

/**
 * The pause that holds repairs back now; null: none does. Never throws: where it cannot be told, somebody might have made one.
 *
 * @param directory of the state file
 */
export async function readPause(directory: string, now: Date): Promise<Pause | null> {
  const path = `${directory}/pause`;
  try {
    const { isFile } = await Deno.lstat(path);
    // A link or a pipe in its place is obeyed, and not followed.
    return parsePause(isFile ? await readBeginning(path) : "", now);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? null : { since: null, until: null, reason: null };
  }
}

async function readBeginning(path: string): Promise<string> {
  using file = await openOwn(path, { read: true });
  const bytes = new Uint8Array(LONGEST);
  const read = await file.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, read ?? 0));
}

/**
 * Holds repairs back from now on, in place of an earlier pause.
 *
 * @throws {StateError} if the file cannot be written
 */
export async function writePause(directory: string, pause: Pause): Promise<void> {
  const path = `${directory}/pause`;
  try {
    // What root makes, the daemon's own user has to read.
    await writeAtomically(path, formatPause(pause), true);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw notOurs(directory);
    throw new StateError(`Cannot write ${path}: ${reason(error)}; check its owner, mode and free space`);
  }
}

/** @throws {StateError} if the file cannot be removed */
export async function removePause(directory: string): Promise<void> {
  const path = `${directory}/pause`;
  try {
    await removeIfThere(path);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw notOurs(directory);
    throw new StateError(`Cannot remove ${path}: ${reason(error)}; check its owner and mode`);
  }
}

function notOurs(directory: string): StateError {
  return new StateError(`${directory} belongs to another user: give this verb as that user, or as root`);
}
