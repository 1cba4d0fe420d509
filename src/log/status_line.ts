/** One line at the foot of a terminal that is rewritten in place; lines of the log go above it. */

import { fstatSync } from "node:fs";

/** Clears the line that the cursor is on. */
const CLEAR = "\r\x1b[2K";

export class StatusLine {
  readonly #write: (text: string) => void;
  #shown = false;

  /** @param write takes text as it is */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(line: string): void {
    this.#write(`${CLEAR}${line}`);
    this.#shown = true;
  }

  /** To be called before anything else is written to the terminal. */
  clear(): void {
    if (this.#shown) this.#write(CLEAR);
    this.#shown = false;
  }
}

/** Whether stderr is a terminal that can rewrite a line. */
export function canRewriteLines(environment: { readonly TERM?: string | undefined }): boolean {
  return Deno.stderr.isTerminal() && environment.TERM !== undefined && environment.TERM !== "dumb";
}

/**
 * Whether nobody but ch-sync says when a line was logged: stderr is a terminal or a file. journald and containers add the time
 * themselves, and a program that reads through a pipe may look for `[INFO]` at the beginning of a line.
 */
export function isKeptOrWatched(): boolean {
  if (Deno.stderr.isTerminal()) return true;
  try {
    return fstatSync(2).isFile();
  } catch {
    return false; // it is closed
  }
}
