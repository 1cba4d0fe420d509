/** `ch-sync-memory.sqlite`: what checks remember of the tables. Safe to delete. */
import type {
  MemoryChanges,
  ProvenStretch,
  RememberedPartition,
  RememberedPartitions,
  RememberedTable,
  Stretch,
} from "../model/memory.ts";
import { KnownTables, type TableInFile } from "./known_tables.ts";
import { FreshPages } from "./fresh_pages.ts";
import { type MemoryContent, UnusableMemory, usable } from "./memory_content.ts";
import { MemoryDatabase, type MemoryWrite } from "./memory_database.ts";
import {
  cannotRead,
  cannotWrite,
  findMemory,
  makeMemory,
  memoryPath,
  notUsed,
  setMemoryAside,
} from "./memory_place.ts";
import { formatTable, parsePage, type StoredPage } from "./parse_memory.ts";
import { pagesWithin, provenStretches } from "./stretches.ts";
import type { NumberedRun } from "../model/run.ts";
import { parseRun } from "./parse_run.ts";
import type { StateError } from "../files/private_file.ts";

const NOTHING = new KnownTables([], []);

export interface OpenOptions {
  /** Leaves the file as it is, even a damaged one (`--dry-run`, the status page). */
  readonly readOnly?: boolean;
  /** Called if the memory cannot be used, with words for the log. */
  readonly warn?: (text: string) => void;
  /** What earlier versions wrote in place of the digest: tables of it count as well. */
  readonly formerDigest?: string;
}

export class MemoryFile implements Disposable {
  readonly #path: string;
  readonly #digests: readonly string[]; // the last one is written
  readonly #readOnly: boolean;
  readonly #warn: (text: string) => void;
  #known = NOTHING;
  #fresh = new FreshPages();
  #database: MemoryDatabase | null = null;
  /** Tables whose pages went with a file that turned out to be damaged. */
  #lost: ReadonlySet<string> = new Set();
  /** Why pages could not be written, for the end of the check. */
  #failure: Error | null = null;

  private constructor(
    path: string,
    sites: string,
    { readOnly = false, warn = () => {}, formerDigest }: OpenOptions,
  ) {
    this.#path = path;
    this.#digests = formerDigest === undefined ? [sites] : [formerDigest, sites];
    this.#readOnly = readOnly;
    this.#warn = warn;
  }

  /**
   * A file that is not ch-sync's, or is damaged, is set aside, and nothing is remembered.
   *
   * @param sites as `sitesDigest()` makes it: what is remembered of others does not count
   * @throws {StateError} if there is a file that cannot be read: its owner or mode is wrong
   */
  static async open(directory: string, sites: string, options: OpenOptions = {}): Promise<MemoryFile> {
    const path = memoryPath(directory);
    const memory = new MemoryFile(path, sites, options);
    if (!await findMemory(path, memory.#readOnly)) return memory;
    try {
      memory.#load();
    } catch (error) {
      if (!(error instanceof UnusableMemory)) throw cannotRead(path, error);
      memory.#giveUp(error);
      if (memory.#failure) throw memory.#failure;
    }
    return memory;
  }

  #load(): void {
    const { rows, lastPage } = this.#connected().tables();
    this.#known = new KnownTables(rows, this.#digests);
    this.#fresh = new FreshPages(lastPage);
  }

  /** Of all tables that are remembered, of whatever sites. */
  names(): string[] {
    return this.#known.names();
  }

  table(name: string): RememberedTable | null {
    return this.#known.table(name);
  }

  /**
   * The partitions of a table with ids after `after` and up to `upTo` (null: all that follow). None if the file turns out
   * to be damaged: then it is set aside, and nothing is remembered any longer.
   *
   * @throws {StateError} if the file cannot be read
   */
  // deno-lint-ignore require-await -- a check waits for its memory, whatever it is
  async partitions(name: string, after: string, upTo: string | null): Promise<RememberedPartitions> {
    const wanted = pagesWithin(this.#known.pagesOf(name), { after, upTo });
    const found = new Map<string, RememberedPartition>();
    const pages = new Map<StoredPage, RememberedPartitions>();
    if (!this.#readOnly) this.#fresh.wereRead(name, pages);
    try {
      for (const page of wanted) {
        const content = this.#readPage(page);
        pages.set(page, content);
        for (const [id, partition] of content) {
          if (id > after && (upTo === null || id <= upTo)) found.set(id, partition);
        }
      }
    } catch (error) {
      if (!(error instanceof UnusableMemory)) throw cannotRead(this.#path, error);
      if (!this.#readOnly) this.#giveUp(error); // a reader's page may just be outdated
      return new Map();
    }
    return found;
  }

  /** Stretches of a table of which every partition is proven, in the order of ids. */
  stretches(name: string): ProvenStretch[] {
    return provenStretches(this.#known.pagesOf(name));
  }

  /** Remembers a stretch of a table for the next check as it is remembered now; after `remember` of what comes before it. */
  keep(name: string, stretch: Stretch): void {
    if (this.#readOnly || this.#failure) return;
    const pages = pagesWithin(this.#known.pagesOf(name), stretch);
    // The file may have turned out to be damaged since.
    if (pages.length === 0) this.#lost = new Set([...this.#lost, name]);
    else this.#fresh.keep(name, pages);
  }

  /**
   * The newest partitions of a table, by the order of ids: at least `count`, if there are as many.
   *
   * @throws {StateError} if it cannot be read, as a check has replaced it since the file was opened
   */
  newest(name: string, count: number): RememberedPartitions {
    const found = new Map<string, RememberedPartition>();
    try {
      for (const page of this.#known.pagesOf(name).toSorted((a, b) => a.last < b.last ? 1 : -1)) {
        if (found.size >= count) break;
        for (const [id, partition] of this.#readPage(page)) found.set(id, partition);
      }
    } catch (error) {
      throw cannotRead(this.#path, error);
    }
    return found;
  }

  /** Remembers partitions of a table for the next check, once they are committed. */
  // deno-lint-ignore require-await -- a check waits for its memory, whatever it is
  async remember(name: string, partitions: RememberedPartitions): Promise<void> {
    if (this.#readOnly || this.#failure) return;
    this.#fresh.add(name, partitions, this.#known.pagesOf(name));
    if (this.#fresh.isFull) this.#write((database) => this.#flush(database));
  }

  /** Replaces what was remembered, all of it or nothing. Throws a `StateError`; then everything stays as it was. */
  // deno-lint-ignore require-await -- who commits waits for the disk
  async commit({ tables, keep, partitions: planned }: MemoryChanges): Promise<void> {
    const stays = (known: TableInFile) =>
      this.#known.counts(known) && !tables.has(known.name) && keep(known.name);
    if (tables.size === 0 && this.#known.all.every(stays)) return;
    this.#write((database) => {
      const fresh = [...tables].filter(([name]) => !this.#lost.has(name)).map(([name, table]) => {
        this.#fresh.change(name, planned.get(name) ?? new Map(), (page) => this.#readPage(page));
        return { name, configDigest: this.#digests.at(-1)!, pages: this.#fresh.of(name), table };
      });
      const stay = this.#known.all.filter(stays);
      const outdated = this.#known.all.filter((known) => !stays(known)).map(({ row }) => row);
      const named = new Set([...fresh, ...stay].flatMap(({ pages }) => pages.map(({ id }) => id)));
      this.#flush(database, { tables: fresh.map(formatTable), outdated, named });
    });
    if (this.#failure) throw this.#failure;
  }

  /** Keeps a run. Throws a `StateError`. @param run as text; without secrets */
  keepRun(run: MemoryContent, at: Date): void {
    this.#write((database) => database.keepRun(run, Math.floor(at.getTime() / 1000)));
    if (this.#failure) throw this.#failure;
  }

  /**
   * Runs that were kept, the newest first.
   *
   * @param only this one, by its number; null: the last `count`
   * @throws {StateError} if they cannot be read
   */
  runs(only: number | null, count = 1): NumberedRun[] {
    if (this.#database === null) return []; // there is no file, or it is set aside
    try {
      return this.#database.runs(only, count).flatMap(({ id, content }) => parseRun(id, content) ?? []);
    } catch (error) {
      throw cannotRead(this.#path, error);
    }
  }

  [Symbol.dispose](): void {
    this.#database?.[Symbol.dispose]();
    this.#database = null;
  }

  #flush(database: MemoryDatabase, rest: Omit<MemoryWrite, "pages"> = {}): void {
    database.write({ pages: this.#fresh.waiting, ...rest });
    this.#fresh.written();
  }

  #readPage(page: StoredPage): RememberedPartitions {
    return usable(this.#fresh.waiting.get(page.id) ?? this.#connected().page(page), parsePage);
  }

  #connected(): MemoryDatabase {
    return this.#database ??= new MemoryDatabase(this.#path);
  }

  #write(what: (database: MemoryDatabase) => void): void {
    if (this.#failure) return;
    try {
      makeMemory(this.#path);
      what(this.#connected());
    } catch (error) {
      if (error instanceof UnusableMemory) this.#giveUp(error);
      else this.#failure = cannotWrite(this.#path, error);
    }
  }

  /** Stops believing the file; what is remembered from now on goes to a new one. */
  #giveUp({ message, newer }: UnusableMemory): void {
    this.#lost = new Set([...this.#lost, ...this.#fresh.names]);
    [this.#known, this.#fresh] = [NOTHING, new FreshPages()];
    this[Symbol.dispose]();
    let aside: string | null = null;
    try {
      if (!this.#readOnly) aside = setMemoryAside(this.#path, new Date(), newer);
    } catch (error) {
      this.#failure = error as StateError;
    }
    this.#warn(notUsed(this.#path, message, newer, aside));
  }
}
