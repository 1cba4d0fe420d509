/** The kept checks of the last month, by day: all of them are read once, and later only those that are new. */
import type { RunDay } from "../model/run_day.ts";
import { addRun } from "../report/run_days.ts";
import type { MemoryFile } from "../state/memory_file.ts";

/** Runs that are read at first, and after each check: a month of checks every five minutes are 8,928. */
const [AT_FIRST, LATER] = [10_000, 20];

export class KeptDays {
  #days: ReadonlyMap<string, RunDay> = new Map();
  #last = 0;

  /** By their names, `2026-02-28`. */
  read(memory: Pick<MemoryFile, "runs">): ReadonlyMap<string, RunDay> {
    const newest = memory.runs(null, LATER);
    const [last] = newest;
    const first = newest.at(-1)?.run ?? 0;
    // Another file was begun, or more checks were made than were looked at.
    if (this.#last === 0 || (last?.run ?? 0) < this.#last || first > this.#last + 1) {
      const all = memory.runs(null, AT_FIRST);
      this.#days = all.reduce((days, run) => addRun(days, run), new Map<string, RunDay>());
      // Of the day before, not all may have been read.
      if (all.length === AT_FIRST) this.#days = new Map([...this.#days].slice(0, -1));
    } else {
      this.#days = newest.filter(({ run }) => run > this.#last).reduce(addRun, this.#days);
    }
    this.#last = last?.run ?? 0;
    return this.#days;
  }
}
