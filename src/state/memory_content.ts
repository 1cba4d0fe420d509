/** What the memory consists of, before it is read. */

/** The file is none that can be used: damaged, of somebody else, or (`newer`) of a later ch-sync. */
export class UnusableMemory extends Error {
  constructor(problem: string, readonly newer = false) {
    super(problem);
  }
}

/** UTF-8. */
export type MemoryContent = Uint8Array<ArrayBuffer>;

/** @throws {UnusableMemory} if it cannot be parsed */
export function usable<T>(content: MemoryContent, parse: (content: MemoryContent) => T | null): T {
  const value = parse(content);
  if (value === null) throw new UnusableMemory("a part of it cannot be read");
  return value;
}

/** The row of a table. */
export interface TableRow {
  readonly id: number;
  readonly content: MemoryContent;
}
