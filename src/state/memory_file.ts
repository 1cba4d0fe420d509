/** `ch-sync-cache.json`: the memory of tables beside the state. Safe to delete. */
import type { Memory } from "../model/memory.ts";
import { formatMemory, parseMemory } from "./parse_memory.ts";
import { writeAtomically } from "./private_file.ts";
import { StateError } from "./state_error.ts";

export interface LoadedMemory {
  readonly memory: Memory;
  /** Set where the file is no memory, in words for the log. */
  readonly warning: string | null;
}

/**
 * The memory of earlier checks under the same settings; empty where there is none.
 *
 * @throws {StateError} where there is a file that cannot be read: its owner or mode wants mending
 */
export async function loadMemory(directory: string, configDigest: string): Promise<LoadedMemory> {
  const path = memoryPath(directory);
  try {
    const memory = parseMemory(await Deno.readTextFile(path), configDigest);
    if (memory) return { memory, warning: null };
    const warning =
      `The memory of earlier checks, ${path}, is not valid: this check knows nothing of them, and makes it anew`;
    return { memory: new Map(), warning };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { memory: new Map(), warning: null };
    throw new StateError(`Cannot read ${path}: ${reason(error)}; check its owner and mode, or delete it`);
  }
}

/** Replaces the memory, mode 0600. Throws a `StateError`; the old file then stays as it was. */
export async function saveMemory(directory: string, memory: Memory, configDigest: string): Promise<void> {
  const path = memoryPath(directory);
  try {
    await writeAtomically(path, formatMemory(memory, configDigest));
  } catch (error) {
    throw new StateError(
      `Cannot write ${path}: ${reason(error)}; check the directory's owner, mode and free space`,
    );
  }
}

function memoryPath(directory: string): string {
  return `${directory}/ch-sync-cache.json`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
