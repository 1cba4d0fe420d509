/**
 * `ch-sync-cache.json`: the memory of tables beside the state. Safe to delete. Only where each line stands is kept in
 * memory, and a check writes pages as it goes: its cost does not grow with the number of partitions.
 */
import type { RememberedPartition, RememberedPartitions, RememberedTable } from "../model/memory.ts";
import { readLines } from "./lines.ts";
import {
  formatHeader,
  formatPage,
  formatTable,
  type PageLine,
  parseHeader,
  parseLine,
  parsePage,
} from "./parse_memory.ts";
import { makeParent, openOwn, writeAll } from "./private_file.ts";
import { StateError } from "./state_error.ts";

/** Where a line stands in the file. */
interface Place {
  readonly offset: number;
  readonly length: number;
}

interface StoredPage extends PageLine, Place {}

interface StoredTable {
  readonly table: RememberedTable;
  readonly generation: number;
  readonly pages: readonly StoredPage[];
}

/** What a check leaves of the tables. */
export interface MemoryChanges {
  /** Tables of which pages were remembered. */
  readonly tables: ReadonlyMap<string, RememberedTable>;
  /** Of the others, those that stay as they were. */
  readonly keep: (name: string) => boolean;
  /** Partitions that were repaired, or looked into again, after their page was remembered; by table. */
  readonly planned: ReadonlyMap<string, RememberedPartitions>;
}

export class MemoryFile {
  readonly #path: string;
  readonly #configDigest: string;
  readonly #stored: ReadonlyMap<string, StoredTable>;
  readonly #version: string;
  /** Set where the file is no memory, in words for the log. */
  readonly warning: string | null;
  readonly #generation = Date.now();
  readonly #pages = new Map<string, StoredPage[]>();
  #fresh: Deno.FsFile | null = null;
  #size = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    path: string,
    configDigest: string,
    stored: ReadonlyMap<string, StoredTable>,
    valid: boolean,
    version: string,
  ) {
    this.#path = path;
    this.#version = version;
    this.#configDigest = configDigest;
    this.#stored = stored;
    this.warning = valid
      ? null
      : `The memory of earlier checks, ${path}, is not valid: this check knows nothing of them, and makes it anew`;
  }

  /** @throws {StateError} where there is a file that cannot be read: its owner or mode wants mending */
  static async open(directory: string, configDigest: string): Promise<MemoryFile> {
    const path = `${directory}/ch-sync-cache.json`;
    try {
      const version = await versionOf(path);
      const { stored, valid } = await index(path, configDigest);
      return new MemoryFile(path, configDigest, stored, valid, version);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) {
        return new MemoryFile(path, configDigest, new Map(), true, "");
      }
      throw new StateError(`Cannot read ${path}: ${reason(error)}; check its owner and mode, or delete it`);
    }
  }

  table(name: string): RememberedTable | null {
    return this.#stored.get(name)?.table ?? null;
  }

  /** The partitions of a table with ids after `after` and up to `upTo` (null: all that follow). */
  async partitions(name: string, after: string, upTo: string | null): Promise<RememberedPartitions> {
    const found = new Map<string, RememberedPartition>();
    for (const page of this.#stored.get(name)?.pages ?? []) {
      if (page.last <= after || (upTo !== null && page.first > upTo)) continue;
      for (const [id, partition] of parsePage(await readAt(this.#path, page))) {
        if (id > after && (upTo === null || id <= upTo)) found.set(id, partition);
      }
    }
    return found;
  }

  /**
   * The newest partitions of a table, by the order of ids: so many at least, if there are.
   *
   * @throws {StateError} where a check has replaced the file since it was opened
   */
  async newest(name: string, count: number): Promise<RememberedPartitions> {
    const found = new Map<string, RememberedPartition>();
    const pages = [...this.#stored.get(name)?.pages ?? []].sort((a, b) => a.last < b.last ? 1 : -1);
    for (const page of pages) {
      if (found.size >= count) break;
      for (const [id, partition] of parsePage(await readAt(this.#path, page))) found.set(id, partition);
    }
    if (await versionOf(this.#path) !== this.#version) throw new StateError(`${this.#path} was replaced`);
    return found;
  }

  /** Takes in a page of a table for the next check. It counts once it is committed. */
  async remember(name: string, partitions: RememberedPartitions): Promise<void> {
    if (partitions.size === 0) return;
    const ids = [...partitions.keys()].sort();
    const page = { name, generation: this.#generation, first: ids[0]!, last: ids.at(-1)! };
    const place = await this.#append(formatPage(page, partitions));
    this.#pages.set(name, [...this.#pages.get(name) ?? [], { ...page, ...place }]);
  }

  /** Replaces the file, mode 0600. Throws a `StateError`; the old file then stays as it was. */
  async commit({ tables, keep, planned }: MemoryChanges): Promise<void> {
    const kept = [...this.#stored].filter(([name]) => !tables.has(name) && keep(name));
    if (tables.size === 0 && kept.length === this.#stored.size) return await this.discard();
    try {
      for (const [name, table] of tables) await this.#finish(name, table, planned.get(name) ?? new Map());
      for (const [name, { table, generation, pages }] of kept) {
        for (const page of pages) await this.#append(await readAt(this.#path, page));
        await this.#append(formatTable({ name, generation, pages: pages.length, table }));
      }
      if (!this.#fresh) await this.#append(""); // nothing is left to remember
      await this.#fresh?.sync();
      this.#fresh?.close();
      this.#fresh = null;
      await Deno.rename(`${this.#path}.tmp`, this.#path);
    } catch (error) {
      await this.discard();
      throw new StateError(
        `Cannot write ${this.#path}: ${reason(error)}; check the directory's owner, mode and free space`,
      );
    }
  }

  /** Forgets what was remembered since it was opened. */
  async discard(): Promise<void> {
    if (!this.#fresh) return;
    this.#fresh.close();
    this.#fresh = null;
    await Deno.remove(`${this.#path}.tmp`).catch(() => {});
  }

  async #finish(name: string, table: RememberedTable, planned: RememberedPartitions): Promise<void> {
    const pages = this.#pages.get(name) ?? [];
    let written = 0;
    for (const page of pages) {
      const changed = [...planned].filter(([id]) => id >= page.first && id <= page.last);
      if (changed.length === 0) {
        written++;
        continue;
      }
      // A later page takes the place of an earlier one that begins alike.
      const before = parsePage(await readAt(`${this.#path}.tmp`, page));
      await this.#append(formatPage(page, new Map([...before, ...changed])));
      written++;
    }
    await this.#append(formatTable({ name, generation: this.#generation, pages: written, table }));
  }

  /** One line after the other, whoever asks: tables are examined side by side. */
  async #append(line: string): Promise<Place> {
    const turn = this.#last.catch(() => {}).then(() => this.#write(line));
    this.#last = turn;
    return await turn;
  }

  async #write(line: string): Promise<Place> {
    if (!this.#fresh) {
      await makeParent(this.#path);
      await Deno.remove(`${this.#path}.tmp`).catch(() => {});
      this.#fresh = await Deno.open(`${this.#path}.tmp`, { write: true, createNew: true, mode: 0o600 });
      const header = `${formatHeader(this.#configDigest)}\n`;
      await writeAll(this.#fresh, header);
      this.#size = new TextEncoder().encode(header).length;
    }
    const bytes = new TextEncoder().encode(line).length;
    const place = { offset: this.#size, length: bytes };
    await writeAll(this.#fresh, `${line}\n`);
    this.#size += bytes + 1;
    return place;
  }
}

async function index(
  path: string,
  configDigest: string,
): Promise<{ stored: Map<string, StoredTable>; valid: boolean }> {
  const pages = new Map<string, Map<string, StoredPage>>();
  const tables = new Map<string, { generation: number; pages: number; table: RememberedTable }>();
  let header: boolean | null = null;
  for await (const { text, offset, length } of readLines(path)) {
    if (offset === 0) {
      header = parseHeader(text, configDigest);
      if (!header) break;
      continue;
    }
    const line = parseLine(text);
    if (!line) continue;
    if ("table" in line) tables.set(line.name, line);
    else {
      const key = `${line.generation} ${line.name}`;
      pages.set(key, (pages.get(key) ?? new Map()).set(line.first, { ...line, offset, length }));
    }
  }
  if (!header) return { stored: new Map(), valid: header === false };
  const stored = [...tables].flatMap(([name, { generation, pages: expected, table }]) => {
    const found = [...pages.get(`${generation} ${name}`)?.values() ?? []];
    return found.length === expected ? [[name, { table, generation, pages: found }] as const] : [];
  });
  return { stored: new Map(stored), valid: true };
}

/** Another one whenever the file is another one. */
async function versionOf(path: string): Promise<string> {
  const { ino, size, mtime } = await Deno.lstat(path);
  return [ino, size, mtime?.getTime()].join();
}

async function readAt(path: string, { offset, length }: Place): Promise<string> {
  using file = await openOwn(path, { read: true });
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) break;
    at += read;
  }
  return new TextDecoder().decode(bytes);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
