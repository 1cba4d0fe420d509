/** The memory under SIGKILL, beside a reader, on a full disk, and damaged: old or new, and never believed by mistake. */
import assert from "node:assert/strict";
import { casesOf } from "../support/cases.ts";
import { fc } from "../support/seed.ts";
import type { RememberedPartitions, RememberedTable } from "../../src/model/memory.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { StateError } from "../../src/files/private_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { arbitraryPartition } from "../support/data/arbitrary_memory.ts";
import { roundOf, storeRound, table, TABLES } from "./memory_writer.ts";

const WRITER = new URL("memory_writer.ts", import.meta.url).pathname;
const NAME = "ch-sync-memory.sqlite";
const KILLS = casesOf("memoryKills");

function startWriter(directory: string, from: number): Deno.ChildProcess {
  const args = ["run", "--quiet", "--no-check", "--allow-all", WRITER, directory, String(from)];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
}

const failOnWarning = (text: string) => assert.fail(text);

Deno.test(`${KILLS} kills in the middle of storing: each leaves the old memory or the new one, and no table of both`, async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  let last = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startWriter(path, last + 1);
    const reader = child.stdout.getReader();
    // The first words say that it is at work; the rest is chance, over the time that a round or two take.
    let said = new TextDecoder().decode((await reader.read()).value);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
    child.kill("SIGKILL");
    for (let more = await reader.read(); !more.done; more = await reader.read()) {
      said += new TextDecoder().decode(more.value);
    }
    await child.status;
    const stored = [...said.matchAll(/^stored (\d+)$/gm)].map(([, round]) => Number(round));
    assert.equal(said.trim().split("\n").length, stored.length, said);
    for (const { name } of Deno.readDirSync(path)) {
      assert.ok([NAME, `${NAME}-journal`].includes(name), name);
      assert.equal(Deno.statSync(`${path}/${name}`).mode! & 0o777, 0o600, name);
    }
    using memory = await MemoryFile.open(path, "d", { warn: failOnWarning, readOnly: kill % 2 === 0 });
    const rounds = await Promise.all(TABLES.map((name) => roundOf(memory, name)));
    assert.equal(rounds[0], rounds[1]);
    assert.ok(rounds[0] === stored.at(-1) || rounds[0] === stored.at(-1)! + 1, `${rounds[0]}: ${said}`);
    last = rounds[0]!;
  }
  await storeRound(path, last + 1);
  assert.deepEqual([...Deno.readDirSync(path)].map(({ name }) => name), [NAME]);
});

Deno.test("a process that reads while another one stores sees one memory or the next, and no lock in its way", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await storeRound(path, 1);
  const child = startWriter(path, 2);
  void child.stdout.pipeTo(new WritableStream());
  let ended = false;
  void child.status.then(() => ended = true);
  const seen = new Set<number>();
  try {
    for (let read = 0; read < 60 || seen.size < 4; read++) {
      assert.ok(!ended, "the writer goes on");
      using memory = await MemoryFile.open(path, "d", { warn: failOnWarning, readOnly: true });
      const rounds = [];
      for (const name of TABLES) rounds.push(await roundOf(memory, name));
      const known = rounds.filter((round) => round !== null);
      assert.ok(new Set(known).size <= 1, rounds.join());
      for (const round of known) seen.add(round);
      try {
        assert.ok(memory.newest("d.a", 1).size >= 500);
      } catch (error) {
        assert.ok(error instanceof StateError, String(error)); // replaced since it was opened
        assert.match(error.message, /a part of it is/);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("a file that must not grow leaves the old memory and an error that says so", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await storeRound(path, 1);
  const { size } = await Deno.stat(`${path}/${NAME}`);
  // A limit of the size of files instead of a disk that is full: every write beyond it fails.
  const limited = `trap "" XFSZ; ulimit -f ${Math.floor(size / 1024) + 100}; exec "$@"`;
  const run = [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all", WRITER, path, "2", "1"];
  const { stdout } = await new Deno.Command("bash", { args: ["-c", limited, "bash", ...run] }).output();
  const said = new TextDecoder().decode(stdout).trim();
  assert.match(said, /^Cannot write .*ch-sync-memory\.sqlite: .*free space/);
  {
    using memory = await MemoryFile.open(path, "d", { warn: failOnWarning });
    for (const name of TABLES) assert.equal(await roundOf(memory, name), 1);
  }
  await storeRound(path, 3);
  using memory = await MemoryFile.open(path, "d", { warn: failOnWarning });
  for (const name of TABLES) assert.equal(await roundOf(memory, name), 3);
});

interface Damage {
  readonly at: number;
  /** A digit for another one makes the worst damage: it still reads well. */
  readonly kind: "digit" | "flip" | "zero" | "move" | "cut";
  readonly by: number;
}

/** @param damage `at` is a share of the file's length */
function damaged(sound: Uint8Array, { at, kind, by }: Damage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sound);
  const position = Math.floor(at * bytes.length);
  const sector = position - position % 512;
  const digit = bytes.findIndex((byte, at) => at >= position && byte >= 0x30 && byte <= 0x39);
  if (kind === "digit" && digit >= 0) bytes[digit] = 0x30 + (bytes[digit]! - 0x30 + 1 + by % 9) % 10;
  else if (kind === "flip") bytes[position]! ^= by;
  else if (kind === "zero") bytes.fill(0, sector, sector + 512);
  else if (kind === "move") {
    bytes.copyWithin(sector, (by * 512) % bytes.length, (by * 512) % bytes.length + 512);
  }
  return kind === "cut" ? bytes.slice(0, position) : bytes;
}

Deno.test("whatever bytes of the file change: what is believed is what was written, and the next check has a memory", async () => {
  // Of all doubles most are next to nothing, and would hit the header alone.
  const share = fc.oneof(
    fc.nat(999_999).map((n) => n / 1_000_000),
    fc.nat(999_999).map((n) => n / 50_000_000),
  );
  const damage: fc.Arbitrary<Damage> = fc.record({
    at: share,
    kind: fc.constantFrom("digit", "digit", "flip", "flip", "zero", "move", "cut"),
    by: fc.integer({ min: 1, max: 255 }),
  });
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const [sample] = fc.sample(fc.array(arbitraryPartition, { minLength: 200, maxLength: 200 }), {
    numRuns: 1,
    seed: 1,
  });
  const written: ReadonlyMap<string, RememberedPartitions> = new Map(
    ["d.a", "d.b", "d.c"].map((name, which) => [
      name,
      new Map(sample!.slice(which * 60, which * 60 + 70).map((one, n) => [`${1000 + n}`, one])),
    ]),
  );
  const tables: ReadonlyMap<string, RememberedTable> = new Map(
    [...written.keys()].map((name, n) => [name, table(n)]),
  );
  {
    using memory = await MemoryFile.open(path, "d");
    for (const [name, partitions] of written) await memory.remember(name, partitions);
    await memory.commit({ tables, keep: () => true, partitions: new Map() });
  }
  const sound = await Deno.readFile(`${path}/${NAME}`);
  let [believed, doubted] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
      for (const { name } of Deno.readDirSync(path)) Deno.removeSync(`${path}/${name}`);
      await Deno.writeFile(
        `${path}/${NAME}`,
        damages.reduce<Uint8Array>(damaged, sound) as Uint8Array<ArrayBuffer>,
      );
      let heard = 0;
      const stored = new Map([["d.new", table(9)]]);
      try {
        using memory = await MemoryFile.open(path, "d", { warn: () => heard++ });
        for (const [name, partitions] of written) {
          const known = memory.table(name);
          if (known) assert.deepEqual(known, tables.get(name));
          const found = await memory.partitions(name, "", null);
          for (const [id, partition] of found) assert.deepEqual(partition, partitions.get(id));
          if (found.size > 0) believed++;
          else doubted++;
        }
        await memory.remember("d.new", written.get("d.a")!);
        await memory.commit({ tables: stored, keep: () => true, partitions: new Map() });
      } catch (error) {
        assert.ok(error instanceof StateError, String(error));
        assert.match(error.message, /, or delete it$/);
        return;
      }
      assert.ok(heard <= 1, "it is said once");
      using after = await MemoryFile.open(path, "d", { warn: () => heard++ });
      for (const [name, partitions] of [...written, ["d.new", written.get("d.a")!] as const]) {
        const known = after.table(name);
        if (known) assert.deepEqual(known, tables.get(name) ?? stored.get(name));
        for (const [id, one] of await after.partitions(name, "", null)) {
          assert.deepEqual(one, partitions.get(id));
        }
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(believed > 0 && doubted > 0, `${believed} believed, ${doubted} doubted`);
});
