/** The tables that are in the file of the memory: all of them, and those that were compared under the same settings. */
import type { RememberedTable } from "../model/memory.ts";
import { type TableRow, usable } from "./memory_content.ts";
import { parseTable, type StoredPage, type StoredTable } from "./parse_memory.ts";

export interface TableInFile extends StoredTable {
  /** Where it stands in the file. */
  readonly row: number;
}

export class KnownTables {
  /** Under whatever settings. */
  readonly all: readonly TableInFile[];
  readonly #known: ReadonlyMap<string, TableInFile>;

  /** @throws {UnusableMemory} if one cannot be read */
  constructor(rows: readonly TableRow[], configDigest: string) {
    this.all = rows.map(({ id, content }) => ({ ...usable(content, parseTable), row: id }));
    const same = this.all.filter((table) => table.configDigest === configDigest);
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
