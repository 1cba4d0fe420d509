/** Repairs do not count on the same free bytes, whether they run beside each other or shortly after each other. */
import type { Table } from "../../model/table.ts";

export interface HeldSpace extends Disposable {
  /** Free bytes, without this repair; null: it cannot be told. */
  readonly free: number | null;
}

/** Milliseconds for which an answer counts: so many small repairs ask once. */
const HOLDS = 2000;

interface Answer {
  readonly free: number | null;
  readonly until: number;
  /** Bytes of the repairs that had begun when it was asked for, of all disks: those that began since may have taken theirs. */
  readonly begun: number;
}

export class SpaceHeld {
  /** Bytes of the repairs under way, of all disks. */
  #bytes = 0;
  /** Bytes of all repairs that ever began. */
  #begun = 0;
  #waiting: (() => void)[] = [];
  readonly #answers = new Map<string, Answer>();

  /**
   * Waits while the space that is left after the repairs under way does not take these bytes. With none under way it waits for
   * nothing, whether they fit or not.
   *
   * @param table on whose disks; those of one storage policy are asked for together
   * @param ask for its free bytes; null: it cannot be told
   * @returns what gives the bytes back once the repair has ended
   */
  async hold(bytes: number, table: Table, ask: () => Promise<number | null>): Promise<HeldSpace> {
    let answer = await this.#answer(bytes, table, ask);
    while (!this.#fits(bytes, answer)) {
      if (this.#bytes > 0 && bytes + this.#bytes > answer.free!) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      } else if (answer.begun === this.#begun) break;
      answer = await this.#answer(bytes, table, ask);
    }
    this.#bytes += bytes;
    this.#begun += bytes;
    let held = true;
    return {
      free: answer.free,
      [Symbol.dispose]: () => {
        if (held) this.#bytes -= bytes;
        held = false;
        for (const go of this.#waiting.splice(0)) go();
      },
    };
  }

  /** One of a moment ago will do if it leaves room for all that began since. */
  async #answer(bytes: number, { settings }: Table, ask: () => Promise<number | null>): Promise<Answer> {
    // Tables that name none are on the disks of the server's own.
    const disks = settings !== null && /storage_policy|disk/.test(settings) ? settings : "";
    const known = this.#answers.get(disks);
    if (known && this.#fits(bytes, known) && performance.now() < known.until) return known;
    const begun = this.#begun;
    const answer = { free: await ask(), until: performance.now() + HOLDS, begun };
    this.#answers.set(disks, answer);
    return answer;
  }

  #fits(bytes: number, { free, begun }: Answer): boolean {
    return free === null || bytes + this.#bytes + this.#begun - begun <= free;
  }
}
