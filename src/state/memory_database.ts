/**
 * The memory of tables in SQLite. A table is a row, which names its pages; a page holds partitions. SQLite undoes what a
 * crash interrupts, but does not notice a flipped bit. Therefore the row of a table has its digest beside it, and names
 * the digests of its pages. What is read is what was written, or it is not believed.
 *
 * No call leaves a lock behind, as a check waits for servers between them. Nothing else in this process may open the
 * file: closing it would take away the locks of SQLite, which belong to the process.
 */
import { createHash } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type MemoryContent, type TableRow, UnusableMemory } from "./memory_content.ts";
import {
  APPLICATION,
  CREATION,
  DROP_OLD_RUNS,
  DROP_SURPLUS_RUNS,
  RUNS_BYTES,
  RUNS_LIVE,
  SCHEMAS,
  UPGRADES,
  VERSION,
} from "./memory_schema.ts";

/** How many milliseconds another process may hold the lock; and nothing in the file is trusted. */
const PRAGMAS = ["busy_timeout = 5000", "trusted_schema = OFF", "cell_size_check = ON"];

/** A page, and the digest that its content must have. */
export interface PageReference {
  readonly id: number;
  readonly digest: string;
}

/** What a transaction changes. */
export interface MemoryWrite {
  /** New ones, by their ids. */
  readonly pages: ReadonlyMap<number, MemoryContent>;
  /** The contents of new rows. */
  readonly tables?: readonly MemoryContent[];
  /** Rows that go, by their ids. */
  readonly outdated?: readonly number[];
  /** Pages that stay, the new ones among them; default: all do. */
  readonly named?: ReadonlySet<number>;
}

/** Hexadecimal SHA-256. */
export function digestOf(content: MemoryContent): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Every method throws `UnusableMemory`, and other errors where the file cannot be opened, read or written. */
export class MemoryDatabase implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @param path of a file that is there; what SQLite puts beside it gets its mode */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    try {
      for (const pragma of PRAGMAS) this.#run(`PRAGMA ${pragma}`);
      this.#transaction("DEFERRED", () => this.#assertOurs());
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** The rows of all tables, and the highest id of a page. */
  tables(): { readonly rows: readonly TableRow[]; readonly lastPage: number } {
    return this.#transaction("DEFERRED", () => {
      if (this.#isEmpty()) return { rows: [], lastPage: 0 };
      const rows = this.#prepared("SELECT id, content, digest FROM tables").all();
      return {
        rows: rows.map(({ id, content, digest }) => ({ id: Number(id), content: proven(content, digest) })),
        lastPage: Number(this.#value("SELECT coalesce(max(id), 0) FROM pages")),
      };
    });
  }

  /** The content of a page. If it is gone, or is not what was written, the memory is unusable. */
  page({ id, digest }: PageReference): MemoryContent {
    return this.#transaction("DEFERRED", () => {
      return proven(this.#prepared("SELECT content FROM pages WHERE id = ?").get(id)?.content, digest);
    });
  }

  /** Writes all of it or, where it throws, nothing. */
  write({ pages, tables = [], outdated = [], named }: MemoryWrite): void {
    this.#transaction("IMMEDIATE", () => {
      this.#makeCurrent();
      const add = this.#prepared("INSERT INTO pages (id, content) VALUES (?, ?)");
      for (const [id, content] of pages) add.run(id, content);
      const remove = this.#prepared("DELETE FROM tables WHERE id = ?");
      for (const id of outdated) remove.run(id);
      const insert = this.#prepared("INSERT INTO tables (content, digest) VALUES (?, ?)");
      for (const content of tables) insert.run(content, digestOf(content));
      if (!named) return;
      // Also drops pages of a check that was killed before it named them.
      const ids = this.#prepared("SELECT id FROM pages").all().map(({ id }) => Number(id));
      const drop = this.#prepared("DELETE FROM pages WHERE id = ?");
      for (const id of ids) if (!named.has(id)) drop.run(id);
    });
  }

  /**
   * Keeps a run, and drops those that are too old, or too much.
   *
   * @param at unix seconds
   */
  keepRun(content: MemoryContent, at: number): void {
    this.#transaction("IMMEDIATE", () => {
      this.#makeCurrent();
      this.#prepared(DROP_OLD_RUNS).run(at - RUNS_LIVE);
      const insert = this.#prepared("INSERT INTO runs (at, content, digest) VALUES (?, ?, ?)");
      insert.run(at, content, digestOf(content));
      this.#prepared(DROP_SURPLUS_RUNS).run(RUNS_BYTES);
    });
  }

  /** Runs by their numbers, the newest first. @param only this one; null: the last `count` */
  runs(only: number | null, count: number): TableRow[] {
    return this.#transaction("DEFERRED", () => {
      if (this.#isEmpty() || !this.#keepsRuns()) return [];
      const rows = only === null
        ? this.#prepared("SELECT id, content, digest FROM runs ORDER BY id DESC LIMIT ?").all(count)
        : this.#prepared("SELECT id, content, digest FROM runs WHERE id = ?").all(only);
      return rows.map(({ id, content, digest }) => ({ id: Number(id), content: proven(content, digest) }));
    });
  }

  #keepsRuns(): boolean {
    return this.#version() > 1;
  }

  /** Before anything is written: an older ch-sync knows then that it cannot read it. */
  #makeCurrent(): void {
    const statements = this.#isEmpty() ? CREATION : UPGRADES[this.#version()] ?? [];
    for (const statement of statements) this.#run(statement);
  }

  #version(): number {
    return Number(this.#value("PRAGMA user_version"));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #transaction<T>(kind: "DEFERRED" | "IMMEDIATE", body: () => T): T {
    try {
      this.#run(`BEGIN ${kind}`);
      try {
        const result = body();
        this.#run("COMMIT");
        return result;
      } catch (error) {
        this.#rollback();
        throw error;
      }
    } catch (error) {
      throw isDamage(error) ? new UnusableMemory((error as Error).message) : error;
    }
  }

  /** After some errors SQLite has already done it. */
  #rollback(): void {
    try {
      this.#run("ROLLBACK");
    } catch {
      // Whoever opens the file next undoes what was not committed.
    }
  }

  /** A schema with anything else in it, a trigger for instance, is not ours. */
  #assertOurs(): void {
    if (this.#isEmpty()) return;
    if (this.#value("PRAGMA application_id") !== APPLICATION) throw new UnusableMemory("it is not ch-sync's");
    const version = this.#version();
    if (version > VERSION) {
      throw new UnusableMemory(`it has format ${version}, this ch-sync knows ${VERSION}`, true);
    }
    const found = this.#prepared("SELECT sql FROM sqlite_schema ORDER BY name").all().map(({ sql }) => sql);
    if (found.join() !== (SCHEMAS[version] ?? []).join()) {
      throw new UnusableMemory("its tables are not ch-sync's");
    }
  }

  /** The file was made, and a crash came before anything was written to it. */
  #isEmpty(): boolean {
    return this.#value("PRAGMA application_id") === 0 &&
      this.#value("SELECT count(*) FROM sqlite_schema") === 0;
  }

  /** `exec` would do, but its errors have no code. */
  #run(statement: string): void {
    this.#prepared(statement).run();
  }

  /** A statement that is prepared each time takes memory until it is collected. */
  #prepared(statement: string): StatementSync {
    const prepared = this.#statements.get(statement) ?? this.#db.prepare(statement);
    this.#statements.set(statement, prepared);
    return prepared;
  }

  #value(statement: string): unknown {
    return Object.values(this.#prepared(statement).get() ?? {})[0];
  }
}

function proven(content: unknown, digest: unknown): MemoryContent {
  if (!(content instanceof Uint8Array)) throw new UnusableMemory("a part of it is gone");
  const bytes = content as MemoryContent;
  if (digestOf(bytes) !== digest) throw new UnusableMemory("a part of it is not what was written");
  return bytes;
}

/** SQLITE_PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, NOLFS, AUTH: the file may well be sound. */
const NO_DAMAGE: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 10, 13, 14, 22, 23]);

/** The upper bits of a code only give more detail. Numbers out of range were never written. */
function isDamage(error: unknown): boolean {
  if (error instanceof RangeError) return true;
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" &&
    !NO_DAMAGE.has(error.errcode & 0xff);
}
