/** The state between two checks, in this process and in its file. */
import type { State } from "../model/state.ts";
import { revokeState, saveState } from "../state/state_file.ts";

export class StateStore {
  readonly #path: string;
  #state: State;

  constructor(path: string, state: State) {
    this.#path = path;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /**
   * Replaces the state, also in the file. If the file cannot be written, bad news counts all the same: an old file with
   * more clean checks, or with FAILBACK READY, is removed, so that a full disk makes no site ready.
   *
   * @throws {StateError} if the file cannot be written
   */
  async record(state: State): Promise<void> {
    try {
      await saveState(this.#path, state);
      this.#state = state;
    } catch (error) {
      const { consecutive_clean, failback_ready } = this.#state;
      if (state.consecutive_clean < consecutive_clean || failback_ready && !state.failback_ready) {
        this.#state = state;
        await revokeState(this.#path);
      }
      throw error;
    }
  }

  /** The name of this installation: eight hexadecimal digits, chosen once and on disk before it is used. */
  async installation(): Promise<string> {
    if (this.#state.installation === "") {
      await this.record({ ...this.#state, installation: crypto.randomUUID().slice(0, 8) });
    }
    return this.#state.installation;
  }
}
