/** One check after the other, at a steady pace, until the daemon is shut down. */

/** Ends the wait for the next check. Rung during a check, it has another one follow at once. */
export class Bell {
  #rung = false;
  #heard = () => {};

  ring(): void {
    this.#rung = true;
    this.#heard();
  }

  /** Waits until it rings, at most so long, and at most until the signal aborts. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const end = () => ended.abort();
    this.#heard = end;
    signal.addEventListener("abort", end, { once: true });
    if (this.#rung || signal.aborted) end();
    await pause(milliseconds, ended.signal);
    signal.removeEventListener("abort", end); // the signal outlives thousands of waits
    this.#heard = () => {};
    this.#rung = false;
  }
}

/**
 * Runs `check` every `intervalSeconds`, counted from the start of one to the start of the next, never two at a time;
 * one that takes longer is followed by the next at once. Returns when the signal aborts.
 *
 * @param check must not throw
 * @param intervalSeconds asked for after each check
 * @param bell when it rings, the next check begins at once
 */
export async function repeat(
  check: () => Promise<void>,
  intervalSeconds: number | (() => number),
  signal: AbortSignal,
  bell = new Bell(),
): Promise<void> {
  const interval = typeof intervalSeconds === "number" ? () => intervalSeconds : intervalSeconds;
  while (!signal.aborted) {
    // Not the wall clock: it may be set while a check runs.
    const started = performance.now();
    await check();
    await bell.wait(interval() * 1000 - (performance.now() - started), signal);
  }
}

/** Waits, at most until the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = () => resolve();
  signal.addEventListener("abort", stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop); // the signal outlives thousands of pauses
}
