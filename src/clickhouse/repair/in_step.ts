/** Repairs that keep step with each other, so that what they ask the same server goes in one statement. */

export class InStep {
  #among: number;
  readonly #here: (() => void)[] = [];

  /** @param among how many keep step */
  constructor(among: number) {
    this.#among = among;
  }

  /** Waits until all others that have not left are here too. */
  arrive(): Promise<void> {
    return new Promise((resolve) => {
      this.#here.push(resolve);
      this.#goOn();
    });
  }

  /** Nobody waits for this one any more. */
  leave(): void {
    this.#among--;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#here.length < this.#among) return;
    for (const goOn of this.#here.splice(0)) goOn();
  }
}
