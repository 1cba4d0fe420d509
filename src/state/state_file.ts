/** The state file: read with suspicion, replaced atomically. */
import { FRESH_STATE, type State } from "../model/state.ts";
import { parseState } from "./parse_state.ts";
import { openOwn, readOwn, StateError, writeAtomically } from "../files/private_file.ts";
import { reason, setAside } from "../files/set_aside.ts";

export interface LoadedState {
  readonly state: State;
  /** Set if the file was not a valid state, in words for the log. */
  readonly warning: string | null;
}

/**
 * Reads the state. A file that is not a valid state is set aside as `<name>.corrupt-<time>`, and ch-sync starts afresh.
 *
 * @param readOnly leaves even a corrupt file where it is (`--dry-run`, `--status`)
 * @returns `FRESH_STATE` itself where there is no file (no warning), or none that is valid
 * @throws {StateError} if the file cannot be read, or was written by a newer ch-sync
 */
export async function loadState(path: string, now: Date, readOnly = false): Promise<LoadedState> {
  let bytes: Uint8Array;
  try {
    bytes = await readOwn(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { state: FRESH_STATE, warning: null };
    throw new StateError(`Cannot read the state file ${path}: ${reason(error)}; check its owner and mode`);
  }
  const parsed = parseState(bytes);
  switch (parsed.kind) {
    case "state":
      return { state: parsed.state, warning: null };
    case "newer":
      throw new StateError(
        `The state file ${path} has format ${parsed.version}, this ch-sync knows ${FRESH_STATE.version}; install the ` +
          "newer ch-sync again, or move the file away to start afresh",
      );
    case "corrupt": {
      const found = `The state file ${path} is not valid: ${parsed.problem}`;
      if (readOnly) return { state: FRESH_STATE, warning: found };
      const aside = setAside(path, now);
      return { state: FRESH_STATE, warning: `${found}; set aside as ${aside}, starting afresh` };
    }
  }
}

/** Replaces the state file, mode 0600. Throws a `StateError`; the old file then stays as it was. */
export async function saveState(path: string, state: State): Promise<void> {
  try {
    await writeAtomically(path, JSON.stringify(state, null, 2) + "\n");
  } catch (error) {
    throw new StateError(
      `Cannot write the state file ${path}: ${
        reason(error)
      }; check the directory's owner, mode and free space`,
    );
  }
}

/**
 * Removes a state that is no longer true and cannot be replaced: removing works even on a full disk.
 *
 * @throws {StateError} if the file can neither be removed nor emptied
 */
export async function revokeState(path: string): Promise<void> {
  await Deno.remove(path).catch(async (error) => {
    if (error instanceof Deno.errors.NotFound) return;
    await empty(path).catch(() => {
      throw new StateError(
        `The state file ${path} can neither be replaced nor removed (${
          reason(error)
        }), and what it says of clean checks ` +
          "is no longer true; delete it",
      );
    });
  });
}

async function empty(path: string): Promise<void> {
  using file = await openOwn(path, { write: true });
  await file.truncate();
}
