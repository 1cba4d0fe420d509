/** Files that only their owner can read, written completely or not at all. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";

/** Permission of others to write. The group's is left alone: it may be ch-sync's own. */
const OTHERS_WRITE = 0o002;

const WAS_REPLACED = "it was replaced meanwhile: find out what writes there besides ch-sync";

/** How many times a file may be replaced while it is being opened. */
const REPLACED = 5;

/**
 * Makes the directory of `path`, for its owner alone, if it is missing.
 *
 * @throws if others may write to it
 */
export async function makeParent(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await assertClosed(path);
}

/** @throws if others may write to the directory: they could forge the verdict, and put links in place of its files */
export async function assertClosed(path: string): Promise<void> {
  const { mode } = await Deno.stat(dirname(path));
  if (((mode ?? 0) & OTHERS_WRITE) === 0) return;
  const directory = await Deno.realPath(dirname(path));
  throw new Error(
    `other users may write to its directory, and could forge the verdict: chmod o-w ${directory}`,
  );
}

/**
 * Opens a file of the state directory itself, never what a link in its place leads to. Nothing is written or truncated
 * before that is known.
 *
 * @param options without `truncate`
 * @throws if it is a link or no file, or if others may write to the directory
 */
export async function openOwn(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  await assertClosed(path);
  const { create = false, mode, ...existing } = options;
  for (let times = 0; times < REPLACED; times++) {
    const seen = await Deno.lstat(path).catch((error) => {
      if (create && error instanceof Deno.errors.NotFound) return null;
      throw error;
    });
    if (seen && !seen.isFile) {
      const kind = seen.isSymlink ? "a link" : seen.isDirectory ? "a directory" : "not a regular file";
      throw new Error(`it is ${kind}, which ch-sync did not put there: look at it, then remove it`);
    }
    try {
      if (seen === null) {
        return await Deno.open(path, { ...existing, createNew: true, ...mode === undefined ? {} : { mode } });
      }
      const file = await Deno.open(path, existing);
      const { dev, ino } = await file.stat();
      if (dev === seen.dev && ino === seen.ino) return file;
      file.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
  throw new Error("it keeps being replaced: find out what writes there besides ch-sync");
}

/** All of a file, opened by `openOwn()`. */
export async function readOwn(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openOwn(path, { read: true });
  return await new Response(file.readable).bytes();
}

/** Writes all of the text at the current position; a single `write` may take only a part of it. */
export async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/**
 * Replaces a file by a rename: after a crash, and for any reader, it has the old content or the new one, never a part.
 * For one writer at a time. The temporary file always has the same name, so the next call removes what a crash left.
 *
 * @param handOver the file gets the owner of its directory, whoever runs this process
 * @throws `PermissionDenied` also where it cannot be handed over: only root may
 */
export async function writeAtomically(path: string, text: string, handOver = false): Promise<void> {
  await makeParent(path);
  const temporary = `${path}.tmp`;
  await removeIfThere(temporary);
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    await writeAll(file, text);
    await file.sync();
    if (handOver) await handOverToOwner(temporary, file);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

/**
 * Gives a file that is open the owner of its directory.
 *
 * @throws if it is not at its path any more; `PermissionDenied` if it may not be given away
 */
export async function handOverToOwner(path: string, file: Deno.FsFile): Promise<void> {
  const owner = await Deno.stat(dirname(path));
  if (owner.uid === null || owner.gid === null || owner.uid === (await file.stat()).uid) return;
  await byHandle(path, file, (handle) => handle.chown(owner.uid!, owner.gid!));
}

/** Takes the rights of everybody but the owner from a file that is open. Throws if it is not at its path any more. */
export async function makePrivate(path: string, file: Deno.FsFile): Promise<void> {
  await byHandle(path, file, (handle) => handle.chmod(0o600));
}

/** By its path, what is changed could be what a link leads to that was put in its place: the owner of the directory can do that to root. */
async function byHandle(
  path: string,
  file: Deno.FsFile,
  change: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const { dev, ino } = await file.stat();
  try {
    // A pipe in its place would be waited for.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (found.dev !== dev || found.ino !== ino) throw new Error(WAS_REPLACED);
      await change(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === "ELOOP") throw new Error(WAS_REPLACED);
    throw code === "EPERM" || code === "EACCES" ? new Deno.errors.PermissionDenied(String(error)) : error;
  }
}

export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Makes a rename survive a power failure. Not every file system can; the file is complete all the same. */
async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch {
    // There is nothing else to try.
  }
}

/** A file beside the state that cannot be read or written, with what to do. */
export class StateError extends Error {
  override readonly name = "StateError";
}
