/** Moving a damaged file out of the way, for an operator to look at. */
import { StateError } from "./state_error.ts";

/**
 * Renames `path` to `<path>.corrupt-<time>`, a name that does not exist yet.
 *
 * @returns the new path
 * @throws {StateError} where it cannot be renamed
 */
export async function setAside(path: string, now: Date): Promise<string> {
  const stamp = now.toISOString().replaceAll(":", "-");
  for (let attempt = 0;; attempt++) {
    const aside = `${path}.corrupt-${stamp}${attempt === 0 ? "" : `-${attempt}`}`;
    try {
      await Deno.lstat(aside);
    } catch {
      await Deno.rename(path, aside).catch((error) => {
        throw new StateError(`Cannot set ${path} aside as ${aside}: ${reason(error)}; move it away`);
      });
      return aside;
    }
  }
}

/** What an error says, without the number that the system gives it. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/ \(os error \d+\).*$/, "") : String(error);
}
