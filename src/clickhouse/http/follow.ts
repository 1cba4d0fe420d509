/** How far a statement that writes has come, while it runs. */

/** What it has written so far. */
export interface Written {
  readonly rows: number;
  /** Uncompressed. */
  readonly bytes: number;
}

/** Milliseconds between two looks: often enough for somebody who watches, too seldom for a server to notice. */
const LOOK_MS = 1000;

/**
 * Tells it every second. What cannot be learned is not told.
 *
 * @param look null: the server does not run the statement
 * @returns ends it
 */
export function follow(
  look: () => Promise<Written | null>,
  tell: (written: Written) => void,
): () => void {
  let over = false;
  let timer = setTimeout(once, LOOK_MS);
  async function once(): Promise<void> {
    const written = await look().catch(() => null);
    if (over) return;
    if (written) tell(written);
    timer = setTimeout(once, LOOK_MS);
  }
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
