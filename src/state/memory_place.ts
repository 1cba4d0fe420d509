/** Where the memory lies, and what keeps it private. SQLite itself would do less: it follows links, and heeds the umask. */
import { dirname } from "node:path";
import { reason, setAside } from "../files/set_aside.ts";
import { makePrivate, openOwn, StateError } from "../files/private_file.ts";

/** The memory of ch-sync 0.1.0: useless to this version, and safe to delete. */
const BEFORE = ["ch-sync-cache.json", "ch-sync-cache.json.tmp"];

/** What SQLite puts beside its file. The first is what undoes an interrupted write. */
const BESIDE = ["-journal", "-wal", "-shm"];

export function memoryPath(directory: string): string {
  return `${directory}/ch-sync-memory.sqlite`;
}

/**
 * Whether there is one. Takes from others the right to read it, but for a reader, who changes nothing.
 *
 * @throws {StateError} if it is a link, or no file at all, or if others may write to its directory
 */
export async function findMemory(path: string, readOnly: boolean): Promise<boolean> {
  try {
    using file = await openOwn(path, { read: true });
    const { mode } = await file.stat();
    if (!readOnly && mode !== null && (mode & 0o077) !== 0) await makePrivate(path, file);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw cannotRead(path, error);
  }
}

/**
 * For its owner alone, if it is not there yet; what SQLite puts beside it gets the mode of the file. In one go: between
 * this and SQLite nobody may move it away, or SQLite makes one that others can read.
 */
export function makeMemory(path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  for (const name of BEFORE) {
    try {
      Deno.removeSync(`${dirname(path)}/${name}`);
    } catch {
      // There is none, or it cannot be removed and stays: nobody reads it.
    }
  }
}

/**
 * Moves it out of the way with all that belongs to it, the file first: without its journal it could pass for sound.
 *
 * @returns the new path
 * @throws {StateError} if it cannot be renamed
 */
export function setMemoryAside(path: string, now: Date, newer: boolean): string {
  const aside = setAside(path, now, newer ? "newer" : "corrupt");
  for (const end of BESIDE) {
    try {
      Deno.renameSync(path + end, aside + end);
    } catch {
      // There is none. A journal that stays is nothing to an empty database: SQLite deletes it.
    }
  }
  return aside;
}

export function cannotRead(path: string, error: unknown): StateError {
  return new StateError(`Cannot read ${path}: ${reason(error)}; check its owner and mode, or delete it`);
}

export function cannotWrite(path: string, error: unknown): StateError {
  return new StateError(
    `Cannot write ${path}: ${
      reason(error)
    }; check its owner and mode and the directory's free space, or delete it`,
  );
}

/** Why the memory is not used, in words. @param aside where it is now; null: where it was */
export function notUsed(path: string, problem: string, newer: boolean, aside: string | null): string {
  const found = newer ? "was written by a newer ch-sync" : "is not valid";
  return `The memory of earlier checks, ${path}, ${found}: ${problem}${
    aside === null ? "" : `, set aside as ${aside}`
  }; everything is compared again`;
}
