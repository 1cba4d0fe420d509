import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { fc } from "../support/seed.ts";
import type { RememberedTable } from "../../src/model/memory.ts";
import { MemoryFile, type OpenOptions } from "../../src/state/memory_file.ts";
import { StateError } from "../../src/files/private_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { arbitraryPartition } from "../support/data/arbitrary_memory.ts";
import { rememberedPartition } from "../support/data/remembered.ts";

const TABLE: RememberedTable = {
  uuid: "u",
  checkedAt: 4,
  settledBefore: 3,
  settledBeforeDay: 2,
  proofKey: "k",
  fingerprintHere: "h",
  fingerprintActive: "a",
  whole: true,
  oldestDigest: 4,
  partitions: 1,
  rowsActive: 1n,
  city: 2n,
};
const changes = (...names: string[]) => ({
  tables: new Map(names.map((name) => [name, TABLE])),
  keep: () => true,
  partitions: new Map(),
});
const NAME = "ch-sync-memory.sqlite";
const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

/** Opens the memory, uses it, and closes it. */
async function opened<T>(
  path: string,
  use: (memory: MemoryFile) => T | Promise<T>,
  digest = "d",
  options: OpenOptions = {},
): Promise<T> {
  using memory = await MemoryFile.open(path, digest, options);
  return await use(memory);
}

/** What the log hears when the memory is opened. */
async function warnings(path: string, options: OpenOptions = {}): Promise<string[]> {
  const heard: string[] = [];
  await opened(path, () => {}, "d", { ...options, warn: (text) => void heard.push(text) });
  return heard;
}

/** Leaves a page of one partition for each of these tables. */
async function rememberEach(path: string, ...tables: string[]): Promise<void> {
  await opened(path, async (memory) => {
    for (const name of tables) await memory.remember(name, new Map([["p", rememberedPartition(1n)]]));
    await memory.commit(changes(...tables));
  });
}

function edit(path: string, ...statements: string[]): void {
  const db = new DatabaseSync(`${path}/${NAME}`);
  for (const statement of statements) db.exec(statement);
  db.close();
}

const everything = (memory: MemoryFile, name: string) => memory.partitions(name, "", null);

Deno.test("what is remembered is there for the next check, for its owner alone", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await opened(path, async (first) => {
    assert.equal(first.table("d.t"), null);
    await first.remember(
      "d.t",
      new Map([["20260102", rememberedPartition(2n)], ["20260101", rememberedPartition(1n)]]),
    );
    await first.remember("d.t", new Map([["20260103", rememberedPartition(3n)]]));
    await first.commit({
      ...changes("d.t"),
      partitions: new Map([["d.t", new Map([["20260102", rememberedPartition(22n)]])]]),
    });
  });
  using second = await MemoryFile.open(path, "d");
  assert.deepEqual(second.table("d.t"), TABLE);
  const all = await everything(second, "d.t");
  assert.deepEqual([...all].map(([id, { rowsHere }]) => [id, rowsHere]).sort(), [
    ["20260101", 1n],
    ["20260102", 22n],
    ["20260103", 3n],
  ]);
  assert.deepEqual([...(await second.partitions("d.t", "20260101", "20260102")).keys()], ["20260102"]);
  assert.deepEqual([...(await second.partitions("d.t", "20260102", null)).keys()], ["20260103"]);
  assert.deepEqual([...second.newest("d.t", 1).keys()], ["20260103"]);
  assert.deepEqual([...second.newest("d.t", 2).keys()].sort(), ["20260101", "20260102", "20260103"]);
  const { mode } = await Deno.stat(`${path}/${NAME}`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(names(path), [NAME]);
});

Deno.test("a file that others can read is taken from them, and the memory of 0.1.0 goes", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  for (const name of ["ch-sync-cache.json", "ch-sync-cache.json.tmp"]) {
    await Deno.writeTextFile(`${path}/${name}`, "x");
  }
  await rememberEach(path, "d.a");
  assert.deepEqual(names(path), [NAME]);
  await Deno.chmod(`${path}/${NAME}`, 0o644);
  await opened(path, () => {}, "d", { readOnly: true });
  assert.equal((await Deno.stat(`${path}/${NAME}`)).mode! & 0o777, 0o644);
  await opened(path, () => {});
  assert.equal((await Deno.stat(`${path}/${NAME}`)).mode! & 0o777, 0o600);
});

Deno.test("tables that were not looked into stay as they were, or go", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  for (const name of ["d.a", "d.b", "d.c"]) await rememberEach(path, name);
  await opened(path, async (memory) => {
    // Looked into, and given up: what was known before stands.
    await memory.remember("d.a", new Map([["q", rememberedPartition(5n)]]));
    await memory.remember("d.b", new Map([["q", rememberedPartition(6n)]]));
    await memory.commit({ ...changes("d.b"), keep: (name) => name !== "d.c" });
  });
  using after = await MemoryFile.open(path, "d");
  assert.deepEqual([...(await everything(after, "d.a")).keys()], ["p"]);
  assert.deepEqual([...(await everything(after, "d.b")).keys()], ["q"]);
  assert.equal(after.table("d.c"), null);
});

Deno.test("a check that changes nothing does not write", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await rememberEach(path, "d.a");
  const before = await Deno.readFile(`${path}/${NAME}`);
  await opened(
    path,
    (memory) => memory.commit({ tables: new Map(), keep: () => true, partitions: new Map() }),
  );
  assert.deepEqual(await Deno.readFile(`${path}/${NAME}`), before);
  await opened(path, (memory) => memory.remember("d.a", new Map([["q", rememberedPartition(1n)]])));
  await opened(path, (memory) => memory.remember("d.a", new Map([["q", rememberedPartition(1n)]])), "d", {
    readOnly: true,
  });
  assert.deepEqual(await Deno.readFile(`${path}/${NAME}`), before);
  assert.deepEqual(names(path), [NAME]);
});

Deno.test("of a large table only what changed is written again, also while it is not committed yet", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const many = (changed: bigint) =>
    new Map(
      Array.from(
        { length: 25_000 },
        (_, n) => [`${100_000 + n}`, rememberedPartition(n === 12_345 ? changed : 7n)],
      ),
    );
  const pages = () => {
    const db = new DatabaseSync(`${path}/${NAME}`);
    try {
      return db.prepare("SELECT id FROM pages").all().map(({ id }) => id);
    } finally {
      db.close();
    }
  };
  const large = {
    ...rememberedPartition(1n),
    proof: { here: "h".repeat(200), active: "", written: 1n, city: 0n, reason: null, surplus: 0n },
  };
  await opened(path, async (memory) => {
    await memory.remember("d.t", many(7n));
    await memory.commit(changes("d.t"));
  });
  const first = pages();
  assert.equal(first.length, 25);
  await opened(path, async (memory) => {
    await memory.remember("d.t", many(8n));
    await memory.commit(changes("d.t"));
  });
  assert.equal(pages().filter((id) => !first.includes(id)).length, 1);
  assert.equal(pages().length, 25);
  // A check that is killed leaves pages that no table names: they count for nothing, and the next commit takes them away.
  await opened(path, async (memory) => {
    await memory.remember("d.u", new Map(Array.from({ length: 10_000 }, (_, n) => [`${n}`, large])));
  });
  assert.ok(pages().length > 25, "some were written on the way");
  await opened(path, async (memory) => {
    assert.equal(memory.table("d.u"), null);
    assert.deepEqual(await everything(memory, "d.t"), many(8n));
    await memory.commit(changes("d.v"));
  });
  assert.equal(pages().length, 25);
});

Deno.test("any pages of any tables come back, also those that are written side by side", async () => {
  const pages = fc.array(
    fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 99_999 }).map((n) => String(n).padStart(5, "0")),
        arbitraryPartition,
      ),
      {
        maxLength: 4,
      },
    ),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string({ unit: "binary", minLength: 1 }), pages, { maxKeys: 4 }),
      async (tables) => {
        await using directory = await temporaryDirectory();
        using memory = await MemoryFile.open(directory.path, "d");
        // Pages of a table do not overlap.
        const given = Object.entries(tables).map(([name, pages]) => {
          const all = [...new Map(pages.flat())].sort(([a], [b]) => a < b ? -1 : 1);
          return {
            name,
            pages: [all.slice(0, 2), all.slice(2)].map((page) => new Map(page)),
            all: new Map(all),
          };
        });
        await Promise.all(given.map(async ({ name, pages }) => {
          for (const page of pages) await memory.remember(name, page);
        }));
        await memory.commit(changes(...given.map(({ name }) => name)));
        using after = await MemoryFile.open(directory.path, "d");
        for (const { name, all } of given) assert.deepEqual(await everything(after, name), all);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("a partition may be as long as it likes", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const text = fc.integer({ min: 1, max: 200_000 }).map((length) => "ä".repeat(length));
  await fc.assert(
    fc.asyncProperty(text, text, async (id, here) => {
      const proof = { here, active: "", written: 1n, city: 1n, reason: null, surplus: 0n };
      const page = new Map([[id, { ...rememberedPartition(1n), proof }]]);
      await opened(path, async (memory) => {
        await memory.remember("d.t", page);
        await memory.commit(changes("d.t"));
      });
      await opened(path, async (memory) => assert.deepEqual(await everything(memory, "d.t"), page));
    }),
    { numRuns: 20 },
  );
});

Deno.test("a memory of other settings is none, and goes with the next check", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await rememberEach(path, "d.a", "d.b");
  await opened(
    path,
    async (memory) => {
      assert.equal(memory.table("d.a"), null);
      assert.equal((await everything(memory, "d.a")).size, 0);
    },
    "other",
    { warn: (text) => assert.fail(text) },
  );
  await opened(path, (memory) => memory.commit(changes("d.c")), "other");
  await opened(path, (memory) => assert.equal(memory.table("d.a"), null));
});

Deno.test("what is no memory is set aside with all that belongs to it, and said once; a reader leaves it", async () => {
  const spoilings: ((path: string) => void)[] = [
    (path) => Deno.writeTextFileSync(`${path}/${NAME}`, "no memory\n".repeat(1000)),
    (path) => Deno.writeTextFileSync(`${path}/${NAME}`, "no"),
    (path) => Deno.truncateSync(`${path}/${NAME}`, 4096),
    (path) => edit(path, "PRAGMA application_id = 7"),
    (path) => edit(path, "PRAGMA journal_mode = WAL", "DROP TABLE pages"),
    (path) => edit(path, "CREATE TRIGGER t AFTER INSERT ON pages BEGIN DELETE FROM tables; END"),
    (path) => edit(path, "UPDATE tables SET content = CAST(replace(content, '\"k\"', '\"K\"') AS BLOB)"),
  ];
  for (const spoil of spoilings) {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    await rememberEach(path, "d.a");
    spoil(path);
    await Deno.writeTextFile(`${path}/${NAME}-journal`, "x");
    const [said, ...more] = await warnings(path, { readOnly: true });
    assert.match(
      said ?? "",
      /ch-sync-memory.sqlite, is not valid: .*everything is compared again$/,
      String(spoil),
    );
    assert.equal(more.length, 0);
    assert.ok(names(path).includes(NAME));
    await Deno.writeTextFile(`${path}/${NAME}-journal`, "x");
    assert.match((await warnings(path))[0] ?? "", /, set aside as .*\.corrupt-\d{4}-.*; everything/);
    assert.ok(
      names(path).every((name) => /^ch-sync-memory\.sqlite\.corrupt-[^-]+-/.test(name)),
      names(path).join(),
    );
    assert.deepEqual(await warnings(path), []);
    await rememberEach(path, "d.b");
    await opened(path, (memory) => assert.deepEqual(memory.table("d.b"), TABLE));
  }
});

Deno.test("the memory of a newer ch-sync is set aside, not called damaged, and not lost", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await rememberEach(path, "d.a");
  edit(path, "PRAGMA user_version = 4", "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT");
  const before = await Deno.readFile(`${path}/${NAME}`);
  const [said] = await warnings(path);
  assert.match(
    said ?? "",
    /newer ch-sync.*\b4\b.*\b3\b.*set aside as/,
  );
  const [aside, ...more] = names(path);
  assert.match(aside!, /^ch-sync-memory\.sqlite\.newer-/);
  assert.deepEqual(more, []);
  assert.deepEqual(await Deno.readFile(`${path}/${aside}`), before);
});

Deno.test("the memory of an older ch-sync keeps its proofs, and an older one is told that it is newer now", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await rememberEach(path, "d.a");
  const older = (id: string) => `[["${id}",{"rows":"1","digestedAt":5,"proof":["h","a","1","2"]}]]`;
  const db = new DatabaseSync(`${path}/${NAME}`);
  const { content } = db.prepare("SELECT content FROM tables").get() as { content: Uint8Array };
  const table = JSON.parse(new TextDecoder().decode(content));
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  table.pages[0].digest = sha256(older("p"));
  const text = JSON.stringify({ ...table, xxh: "3" });
  const bytes = (text: string) => new TextEncoder().encode(text);
  db.prepare("UPDATE pages SET content = ?").run(bytes(older("p")));
  db.prepare("UPDATE tables SET content = ?, digest = ?").run(bytes(text), sha256(text));
  db.exec("PRAGMA user_version = 2");
  db.close();
  assert.deepEqual(await warnings(path), []);
  const proven = { ...rememberedPartition(1n, 5), quiet: false };
  const proof = { here: "h", active: "a", written: 2n, city: 1n, reason: null, surplus: 0n };
  const first = new Map([["p", { ...proven, proof }]]);
  await opened(path, async (memory) => {
    assert.deepEqual(memory.table("d.a"), TABLE);
    assert.deepEqual(await memory.partitions("d.a", "", null), first);
    await memory.remember("d.b", new Map([["q", proven]]));
    await memory.commit(changes("d.b"));
  });
  const version = new DatabaseSync(`${path}/${NAME}`, { readOnly: true });
  assert.deepEqual({ ...version.prepare("PRAGMA user_version").get() }, { user_version: 3 });
  version.close();
  // What did not change stands there as it was.
  await opened(path, async (memory) => {
    assert.deepEqual(await memory.partitions("d.a", "", null), first);
    assert.deepEqual(await memory.partitions("d.b", "", null), new Map([["q", proven]]));
  });
});

Deno.test("a file that was made and not filled before a crash is an empty memory", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await Deno.writeTextFile(`${path}/${NAME}`, "");
  assert.deepEqual(await warnings(path), []);
  await rememberEach(path, "d.a");
  // The journal of a database that somebody deleted is nothing to a new one.
  await Deno.remove(`${path}/${NAME}`);
  await Deno.writeTextFile(`${path}/${NAME}-journal`, "x".repeat(10_000));
  await rememberEach(path, "d.b");
  await opened(path, (memory) => assert.deepEqual([memory.table("d.a"), memory.table("d.b")], [null, TABLE]));
  assert.deepEqual(names(path), [NAME]);
});

Deno.test("damage that shows in mid-check is said once; what is found afterwards goes to a new memory", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await rememberEach(path, "d.a", "d.b", "d.c");
  edit(path, "UPDATE pages SET content = zeroblob(10)");
  const heard: string[] = [];
  await opened(
    path,
    async (memory) => {
      await memory.remember("d.a", new Map([["q", rememberedPartition(1n)]])); // of a table that may have had pages before
      assert.equal((await everything(memory, "d.b")).size, 0);
      assert.equal((await everything(memory, "d.c")).size, 0);
      assert.equal(memory.table("d.c"), null);
      await memory.remember("d.b", new Map([["q", rememberedPartition(2n)]]));
      await memory.commit(changes("d.a", "d.b"));
    },
    "d",
    { warn: (text) => void heard.push(text) },
  );
  assert.equal(heard.length, 1);
  assert.match(heard[0]!, /is not valid: a part of it is not what was written, set aside as/);
  await opened(
    path,
    async (memory) => {
      assert.deepEqual([memory.table("d.a"), memory.table("d.c")], [null, null]);
      assert.deepEqual([...(await everything(memory, "d.b")).keys()], ["q"]);
    },
    "d",
    { warn: (text) => assert.fail(text) },
  );
});

Deno.test("a memory that cannot be read or written is an error that says what to do", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const told = (error: unknown) => error instanceof StateError && /delete it/.test(error.message);
  await Deno.mkdir(`${path}/${NAME}`);
  await assert.rejects(MemoryFile.open(path, "d"), told);
  await Deno.remove(`${path}/${NAME}`);
  // A link is not followed, wherever it leads.
  await Deno.writeTextFile(`${path}/elsewhere`, "");
  await Deno.symlink(`${path}/elsewhere`, `${path}/${NAME}`);
  await assert.rejects(MemoryFile.open(path, "d"), told);
  await assert.rejects(MemoryFile.open(path, "d", { readOnly: true }), told);
  await Deno.remove(`${path}/${NAME}`);
  using memory = await MemoryFile.open(path, "d");
  await Deno.mkdir(`${path}/${NAME}/in the way`, { recursive: true });
  await memory.remember("d.a", new Map([["p", rememberedPartition(1n)]]));
  await assert.rejects(memory.commit(changes("d.a")), told);
  assert.equal(await Deno.readTextFile(`${path}/elsewhere`), "");
});
