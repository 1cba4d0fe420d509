import assert from "node:assert/strict";
import fc from "fast-check";
import type { RememberedPartition, RememberedTable } from "../../src/model/memory.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { StateError } from "../../src/state/state_error.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";
import { arbitraryPartition } from "./arbitrary_memory.ts";

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
  xxh: 3n,
};
const partition = (rows: bigint): RememberedPartition => ({
  rowsHere: rows,
  rowsActive: rows,
  quiet: true,
  arrivedAt: null,
  repair: null,
  digestedAt: null,
  proof: null,
});
const changes = (...names: string[]) => ({
  tables: new Map(names.map((name) => [name, TABLE])),
  keep: () => true,
  planned: new Map(),
});
const everything = (memory: MemoryFile, name: string) => memory.partitions(name, "", null);

Deno.test("what is remembered is there for the next check, for its owner alone", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const first = await MemoryFile.open(path, "d");
  assert.equal(first.table("d.t"), null);
  await first.remember("d.t", new Map([["20260102", partition(2n)], ["20260101", partition(1n)]]));
  await first.remember("d.t", new Map([["20260103", partition(3n)]]));
  await first.commit({
    ...changes("d.t"),
    planned: new Map([["d.t", new Map([["20260102", partition(22n)]])]]),
  });
  const second = await MemoryFile.open(path, "d");
  assert.deepEqual(second.table("d.t"), TABLE);
  const all = await everything(second, "d.t");
  assert.deepEqual([...all].map(([id, { rowsHere }]) => [id, rowsHere]).sort(), [
    ["20260101", 1n],
    ["20260102", 22n],
    ["20260103", 3n],
  ]);
  assert.deepEqual([...(await second.partitions("d.t", "20260101", "20260102")).keys()], ["20260102"]);
  assert.deepEqual([...(await second.partitions("d.t", "20260102", null)).keys()], ["20260103"]);
  const { mode } = await Deno.stat(`${path}/ch-sync-cache.json`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  assert.deepEqual([...Deno.readDirSync(path)].map(({ name }) => name), ["ch-sync-cache.json"]);
});

Deno.test("tables that were not looked into stay as they were, or go", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  for (const name of ["d.a", "d.b", "d.c"]) {
    const memory = await MemoryFile.open(path, "d");
    await memory.remember(name, new Map([["p", partition(1n)]]));
    await memory.commit(changes(name));
  }
  const memory = await MemoryFile.open(path, "d");
  // Looked into, and given up: what was known before stands.
  await memory.remember("d.a", new Map([["q", partition(5n)]]));
  await memory.remember("d.b", new Map([["q", partition(6n)]]));
  await memory.commit({ ...changes("d.b"), keep: (name) => name !== "d.c" });
  const after = await MemoryFile.open(path, "d");
  assert.deepEqual([...(await everything(after, "d.a")).keys()], ["p"]);
  assert.deepEqual([...(await everything(after, "d.b")).keys()], ["q"]);
  assert.equal(after.table("d.c"), null);
});

Deno.test("a check that changes nothing does not write", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const memory = await MemoryFile.open(path, "d");
  await memory.remember("d.a", new Map([["p", partition(1n)]]));
  await memory.commit(changes("d.a"));
  const { ino } = await Deno.stat(`${path}/ch-sync-cache.json`);
  await (await MemoryFile.open(path, "d")).commit({
    tables: new Map(),
    keep: () => true,
    planned: new Map(),
  });
  assert.equal((await Deno.stat(`${path}/ch-sync-cache.json`)).ino, ino);
  const discarded = await MemoryFile.open(path, "d");
  await discarded.remember("d.a", new Map([["q", partition(1n)]]));
  await discarded.discard();
  assert.equal((await Deno.stat(`${path}/ch-sync-cache.json`)).ino, ino);
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
        const memory = await MemoryFile.open(directory.path, "d");
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
        const after = await MemoryFile.open(directory.path, "d");
        for (const { name, all } of given) assert.deepEqual(await everything(after, name), all);
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("a memory that was cut off is none, or lacks tables; one of other settings is none", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const memory = await MemoryFile.open(path, "d");
  for (const name of ["d.a", "d.b"]) await memory.remember(name, new Map([["p", partition(1n)]]));
  await memory.commit(changes("d.a", "d.b"));
  assert.equal((await MemoryFile.open(path, "other")).table("d.a"), null);
  assert.equal((await MemoryFile.open(path, "other")).warning, null);
  const file = `${path}/ch-sync-cache.json`;
  const whole = await Deno.readTextFile(file);
  for (let length = 0; length < whole.length; length += 7) {
    await Deno.writeTextFile(file, whole.slice(0, length));
    const cut = await MemoryFile.open(path, "d");
    for (const name of ["d.a", "d.b"]) {
      if (cut.table(name)) assert.equal((await everything(cut, name)).size, 1, `${length}: ${name}`);
    }
  }
  await Deno.writeTextFile(file, "no memory\n");
  const { warning } = await MemoryFile.open(path, "d");
  assert.match(warning ?? "", /ch-sync-cache.json, is not valid/);
});

Deno.test("a memory that cannot be read or written is an error that says what to do", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await Deno.mkdir(`${path}/ch-sync-cache.json`);
  await assert.rejects(
    MemoryFile.open(path, "d"),
    (error) => error instanceof StateError && /delete it/.test(error.message),
  );
  await Deno.remove(`${path}/ch-sync-cache.json`);
  const memory = await MemoryFile.open(path, "d");
  await Deno.mkdir(`${path}/ch-sync-cache.json/in the way`, { recursive: true });
  await memory.remember("d.a", new Map([["p", partition(1n)]]));
  await assert.rejects(memory.commit(changes("d.a")), StateError);
});
