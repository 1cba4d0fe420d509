/** The tables that are in the file of the memory: all of them, and those that were compared between the same sites. */
import type { RememberedTable } from "../model/memory.ts";
import { type TableRow, usable } from "./memory_content.ts";
import { parseTable, type StoredPage, type StoredTable } from "./parse_memory.ts";

export interface TableInFile extends StoredTable {
  /** Where it stands in the file. */
  readonly row: number;
}

export class KnownTables {
  /** Of whatever sites. */
  readonly all: readonly TableInFile[];
  readonly #known: ReadonlyMap<string, TableInFile>;

  /**
   * @param digests of the sites; where a table stands under several of them, the last one counts
   * @throws {UnusableMemory} if one cannot be read
   */
  constructor(rows: readonly TableRow[], digests: readonly string[]) {
    this.all = rows.map(({ id, content }) => ({ ...usable(content, parseTable), row: id }));
    const same = digests.flatMap((digest) => this.all.filter((table) => table.configDigest === digest));
    this.#known = new Map(same.map((table) => [table.name, table]));
  }

  names(): string[] {
    return [...new Set(this.all.map(({ name }) => name))];
  }

  table(name: string): RememberedTable | null {
    return this.#known.get(name)?.table ?? null;
  }

  pagesOf(name: string): readonly StoredPage[] {
    return this.#known.get(name)?.pages ?? [];
  }

  /** Whether it is what counts under this name. */
  counts(table: TableInFile): boolean {
    return table === this.#known.get(table.name);
  }
}
