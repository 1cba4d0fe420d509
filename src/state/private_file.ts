/** Writing files that only their owner reads, whole or not at all. */
import { dirname } from "node:path";

/** Makes the directory of `path`, for its owner alone, where it is missing. */
export async function makeParent(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
}

/** Replaces a file by a rename: a reader, or a crash, finds the old content or the new one, never a part. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await makeParent(path);
  const temporary = `${path}.tmp-${crypto.randomUUID()}`;
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
