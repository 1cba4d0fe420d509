/** Moving a damaged file out of the way, for an operator to look at. */
import { StateError } from "./private_file.ts";

/**
 * Renames `path` to `<path>.<what>-<time>`, a name that does not exist yet.
 *
 * @param what is wrong with it, in a word
 * @returns the new path
 * @throws {StateError} if it cannot be renamed
 */
export function setAside(path: string, now: Date, what = "corrupt"): string {
  const stamp = now.toISOString().replaceAll(":", "-");
  for (let attempt = 0;; attempt++) {
    const aside = `${path}.${what}-${stamp}${attempt === 0 ? "" : `-${attempt}`}`;
    if (exists(aside)) continue;
    try {
      Deno.renameSync(path, aside);
    } catch (error) {
      throw new StateError(`Cannot set ${path} aside as ${aside}: ${reason(error)}; move it away`);
    }
    return aside;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What an error says, without the operating system's error number. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ \(os error \d+\).*$/, "") : String(error);
}
