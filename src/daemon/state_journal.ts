/** The state between two checks, and the feeds of views that it must not forget. */
import type { FeedJournal } from "../check/ports.ts";
import type { State } from "../model/state.ts";
import { saveState } from "../state/state_file.ts";

/** Keeps the state in memory and in its file alike. */
export class StateJournal implements FeedJournal {
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

  /** Before rows are fed: without this entry on disk no feed begins. */
  async begin(feed: { table: string; partition: string; staging: string; query_id: string }): Promise<void> {
    const since = new Date().toISOString();
    await this.record({ ...this.#state, open_feeds: [...this.#state.open_feeds, { ...feed, since }] });
  }

  async end(staging: string): Promise<void> {
    const open_feeds = this.#state.open_feeds.filter((feed) => feed.staging !== staging);
    await this.record({ ...this.#state, open_feeds });
  }
}
