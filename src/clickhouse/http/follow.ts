/** How far a statement that writes has come, while it runs. */

/** What it has written so far. */
export interface Written {
  readonly rows: number;
  /** Uncompressed. */
  readonly bytes: number;
}

/** Milliseconds between two looks: often enough for somebody who is watching, too seldom to burden a server. */
const LOOK_MS = 1000;

/**
 * Reports it every second. If the server does not tell, nothing is reported.
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
