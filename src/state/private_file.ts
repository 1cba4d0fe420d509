/** Writing files that only their owner reads, whole or not at all. */
import { dirname } from "node:path";

/** Makes the directory of `path`, for its owner alone, where it is missing. */
export async function makeParent(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
}

/** Writes all of the text where the file stands; a single `write` may take only a part of it. */
export async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/**
 * Replaces a file by a rename: a reader, or a crash, finds the old content or the new one, never a part. For one
 * writer at a time. The temporary file has the same name each time, so what a crash leaves goes at the next call.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await makeParent(path);
  const temporary = `${path}.tmp`;
  await removeIfThere(temporary);
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    await writeAll(file, text);
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Makes a rename outlive a loss of power. Not every file system can; the file is whole all the same. */
async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch {
    // Nothing that could be done better.
  }
}
