/** Errors in the words that people read. */

/** What an operator reads of an error: never a stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
