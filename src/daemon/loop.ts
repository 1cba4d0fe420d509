/** One check after the other, at a steady pace, until the daemon is shut down. */

/**
 * Runs `check` every `intervalSeconds`, counted from the start of one to the start of the next, never two at a time;
 * one that takes longer is followed by the next at once. Returns when the signal aborts.
 *
 * @param check must not throw
 */
export async function repeat(
  check: () => Promise<void>,
  intervalSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Not the wall clock: it may be set while a check runs.
    const started = performance.now();
    await check();
    await pause(intervalSeconds * 1000 - (performance.now() - started), signal);
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
