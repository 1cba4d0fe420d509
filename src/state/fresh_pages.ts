/** The pages that a check fills, until they are in the file of the memory. */
import type { RememberedPartition, RememberedPartitions } from "../model/memory.ts";
import { provenSum } from "../model/proven_sum.ts";
import type { MemoryContent } from "./memory_content.ts";
import { digestOf } from "./memory_database.ts";
import { formatPage, type StoredPage } from "./parse_memory.ts";

/** Partitions of a page: what is written again when one of them changes, and what is in memory at a time. */
const PAGE = 1000;

/** Bytes that wait, at most: many tables are small, and each write waits for the disk. */
const WAITING = 2_000_000;

/** Pages as they were read. */
export type ReadPages = ReadonlyMap<StoredPage, RememberedPartitions>;

export class FreshPages {
  readonly #pages = new Map<string, StoredPage[]>();
  readonly #read = new Map<string, ReadPages>();
  readonly #waiting = new Map<number, MemoryContent>();
  #bytes = 0;
  #lastId: number;

  /** @param lastId the highest id of a page that is in the file */
  constructor(lastId = 0) {
    this.#lastId = lastId;
  }

  /** Names of tables that have pages, even if there is nothing in them. */
  get names(): readonly string[] {
    return [...this.#pages.keys()];
  }

  of(name: string): readonly StoredPage[] {
    return this.#pages.get(name) ?? [];
  }

  /** What is to be written, by the ids of pages. */
  get waiting(): ReadonlyMap<number, MemoryContent> {
    return this.#waiting;
  }

  /** Whether enough pages wait to be worth a write. */
  get isFull(): boolean {
    return this.#bytes >= WAITING;
  }

  written(): void {
    this.#waiting.clear();
    this.#bytes = 0;
  }

  /** Pages of the file that were just read: what is still the very same need not be made a text to see that. */
  wereRead(name: string, pages: ReadPages): void {
    this.#read.set(name, pages);
  }

  /** @param known pages of the table that are in the file: those that are the same are not written again */
  add(name: string, partitions: RememberedPartitions, known: readonly StoredPage[]): void {
    const ids = [...partitions.keys()].sort();
    const pages = this.#pages.get(name) ?? [];
    this.#pages.set(name, pages);
    const read = this.#read.get(name) ?? [];
    this.#read.delete(name);
    const byFirst = new Map([...read].map(([page, content]) => [page.first, { page, content }]));
    for (let from = 0; from < ids.length; from += PAGE) {
      const some = ids.slice(from, from + PAGE);
      const before = byFirst.get(some[0]!);
      const same = before !== undefined && before.content.size === some.length &&
        some.every((id) => before.content.get(id) === partitions.get(id));
      pages.push(same ? proven(before.page, before.content) : this.#page(some, partitions, known));
    }
  }

  /** Pages of the file that nobody read, behind those that there are. */
  keep(name: string, pages: readonly StoredPage[]): void {
    this.#pages.set(name, [...this.of(name), ...pages]);
  }

  /** Puts other partitions into some pages of a table, which are read for it. */
  change(
    name: string,
    partitions: RememberedPartitions,
    read: (page: StoredPage) => RememberedPartitions,
  ): void {
    const pages = this.of(name).map((page) => {
      const changed = [...partitions].filter(([id]) => id >= page.first && id <= page.last);
      if (changed.length === 0) return page;
      const all = new Map([...read(page), ...changed]);
      this.#waiting.delete(page.id);
      return this.#page([...all.keys()].sort(), all, []);
    });
    this.#pages.set(name, pages);
  }

  #page(ids: readonly string[], partitions: RememberedPartitions, known: readonly StoredPage[]): StoredPage {
    const content = formatPage(ids, partitions);
    const digest = digestOf(content);
    const same = known.find((page) => page.digest === digest);
    const all = ids.map((id) => [id, partitions.get(id)!] as const);
    if (same) return proven(same, all);
    const id = ++this.#lastId;
    this.#waiting.set(id, content);
    this.#bytes += content.length;
    return { id, first: ids[0]!, last: ids.at(-1)!, digest, proven: provenSum(all) };
  }
}

/** An older ch-sync does not add it up. */
function proven(
  page: StoredPage,
  content: Iterable<readonly [string, RememberedPartition]>,
): StoredPage {
  const sum = page.proven ?? provenSum(content);
  return sum === page.proven ? page : { ...page, proven: sum };
}
