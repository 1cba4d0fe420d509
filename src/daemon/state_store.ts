/** The state between two checks, in memory and in its file alike. */
import type { State } from "../model/state.ts";
import { saveState } from "../state/state_file.ts";

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

  /** Replaces the state, also in the file. Throws a `StateError` where the file cannot be written. */
  async record(state: State): Promise<void> {
    await saveState(this.#path, state);
    this.#state = state;
  }

  /** The name of this installation: eight hexadecimal digits, chosen once and on disk before it is used. */
  async installation(): Promise<string> {
    if (this.#state.installation === "") {
      await this.record({ ...this.#state, installation: crypto.randomUUID().slice(0, 8) });
    }
    return this.#state.installation;
  }
}
