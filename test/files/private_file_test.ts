/** Directories and files that somebody else prepared. */
import assert from "node:assert/strict";
import { FRESH_STATE } from "../../src/model/state.ts";
import { acquireLock } from "../../src/state/lock.ts";
import { MemoryFile } from "../../src/state/memory_file.ts";
import { loadMessages, saveMessages } from "../../src/notify/message_file.ts";
import {
  handOverToOwner,
  makePrivate,
  openOwn,
  readOwn,
  writeAtomically,
} from "../../src/files/private_file.ts";
import { appendRepair, lastRepairs } from "../../src/state/repair_record.ts";
import { loadState, revokeState, saveState } from "../../src/state/state_file.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const REPAIR = { time: NOW.toISOString(), table: "d.t", partition: "1", reason: "missing", rows: 1 } as const;
const QUEUE = {
  messages: [{
    event: "failback_ready",
    sentence: "x",
    items: [],
    more: 0,
    advice: "",
    id: "1",
    at: NOW.toISOString(),
    role: "dr",
  }],
  attempts: 0,
  not_before: null,
} as const;
const NAMES = [
  "ch-sync.lock",
  "state.json",
  "ch-sync-messages.json",
  "ch-sync-repairs.jsonl",
  "ch-sync-memory.sqlite",
];

/** A state directory in which each file, and each that is written before its rename, is a link to a file elsewhere. */
async function planted(): Promise<
  TemporaryDirectory & { readonly state: string; victims(): Promise<string[]> }
> {
  const directory = await temporaryDirectory();
  const state = `${directory.path}/state`;
  await Deno.mkdir(state, { mode: 0o700 });
  const names = NAMES.flatMap((name) => [name, `${name}.tmp`]);
  for (const name of names) {
    await Deno.writeTextFile(`${directory.path}/victim-${name}`, "precious");
    await Deno.symlink(`${directory.path}/victim-${name}`, `${state}/${name}`);
  }
  return {
    ...directory,
    state,
    victims: () => Promise.all(names.map((name) => Deno.readTextFile(`${directory.path}/victim-${name}`))),
  };
}

Deno.test("what a planted link leads to is neither read nor written", async () => {
  await using there = await planted();
  const { state } = there;
  const link = /is a link, which ch-sync did not put there/;
  await assert.rejects(acquireLock(state, NOW), link);
  await assert.rejects(loadState(`${state}/state.json`, NOW), link);
  await assert.rejects(loadState(`${state}/state.json`, NOW, true), link);
  await assert.rejects(MemoryFile.open(state, "x"), link);
  await assert.rejects(appendRepair(state, REPAIR as never), link);
  assert.deepEqual(await lastRepairs(state, 5), []);
  assert.match((await loadMessages(state, NOW)).warning!, link);
  // These replace the name by a rename, and leave alone what it led to.
  await saveState(`${state}/state.json`, FRESH_STATE);
  await saveMessages(state, QUEUE as never);
  await revokeState(`${state}/state.json`);
  assert.deepEqual(new Set(await there.victims()), new Set(["precious"]));
});

Deno.test("a link that is put in place while a file is opened is not followed", async () => {
  await using directory = await temporaryDirectory();
  const [path, victim] = [`${directory.path}/file`, `${directory.path}/victim`];
  await Deno.writeTextFile(victim, "precious");
  const swap = new AbortController();
  const swapping = (async () => {
    while (!swap.signal.aborted) {
      await Deno.remove(path).catch(() => {});
      await Deno.symlink(victim, path).catch(() => {});
      await Deno.remove(path).catch(() => {});
      await Deno.writeTextFile(path, "own").catch(() => {});
    }
  })();
  for (let times = 0; times < 300; times++) {
    try {
      using file = await openOwn(path, { create: true, read: true, write: true, mode: 0o600 });
      assert.notEqual((await file.stat()).ino, Deno.statSync(victim).ino);
    } catch (error) {
      assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error));
    }
  }
  swap.abort();
  await swapping;
});

Deno.test("a directory that others may write to is refused by its name, to read a verdict from as well", async () => {
  await using directory = await temporaryDirectory();
  const state = `${directory.path}/open`;
  const path = `${state}/state.json`;
  await saveState(path, FRESH_STATE);
  for (const mode of [0o777, 0o1777, 0o702]) {
    await Deno.chmod(state, mode);
    const refused = { message: new RegExp(`other users may write .* chmod o-w ${state}`) };
    await assert.rejects(acquireLock(state, NOW), refused);
    await assert.rejects(loadState(path, NOW, true), refused);
    await assert.rejects(saveState(path, FRESH_STATE), refused);
    await assert.rejects(appendRepair(state, REPAIR as never), refused);
    assert.deepEqual(await lastRepairs(state, 5), []);
  }
  await Deno.chmod(state, 0o770);
  assert.equal((await loadState(path, NOW)).warning, null);
});

Deno.test("what is no plain file is not waited for", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/pipe`;
  await new Deno.Command("mkfifo", { args: [path] }).output();
  await assert.rejects(readOwn(path), /not a regular file/);
});

Deno.test("a file that is replaced while it is read is read whole, the old one or the new one", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/file`;
  const texts = ["a".repeat(100_000), "b".repeat(100_000)];
  await writeAtomically(path, texts[0]!);
  const writing = (async () => {
    for (let times = 0; times < 200; times++) await writeAtomically(path, texts[times % 2]!);
  })();
  for (let times = 0; times < 200; times++) {
    assert.ok(texts.includes(new TextDecoder().decode(await readOwn(path))));
  }
  await writing;
});

Deno.test("owner and mode of a file are changed, never of what a link in its place leads to", async () => {
  await using directory = await temporaryDirectory();
  const [path, victim] = [`${directory.path}/own/file`, `${directory.path}/victim`];
  await Deno.mkdir(`${directory.path}/own`);
  await Deno.writeTextFile(victim, "", { mode: 0o644 });
  const of = async (path: string) => {
    const { uid, mode } = await Deno.lstat(path);
    return [uid, mode! & 0o777];
  };
  const before = await of(victim);
  // Only root may give a file away.
  const root = Deno.uid() === 0;
  if (root) await Deno.chown(`${directory.path}/own`, 4711, 4711);
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o640 });
  await handOverToOwner(path, file);
  await makePrivate(path, file);
  assert.deepEqual(await of(path), [root ? 4711 : Deno.uid(), 0o600]);
  if (root) await Deno.chown(path, 0, 0);
  for (const replace of [Deno.symlink, Deno.link]) {
    await Deno.rename(path, `${path}.moved`);
    await replace(victim, path);
    if (root) await assert.rejects(() => handOverToOwner(path, file), /it was replaced meanwhile/);
    await assert.rejects(() => makePrivate(path, file), /it was replaced meanwhile/);
    assert.deepEqual(await of(victim), before);
    await Deno.rename(`${path}.moved`, path);
  }
});
