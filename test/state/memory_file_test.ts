import assert from "node:assert/strict";
import type { Memory } from "../../src/model/memory.ts";
import { loadMemory, saveMemory } from "../../src/state/memory_file.ts";
import { StateError } from "../../src/state/state_error.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

const MEMORY: Memory = new Map([["d.t", {
  uuid: "u",
  checkedAt: 4,
  settledBefore: 3,
  settledBeforeDay: 2,
  partitions: new Map([["p", { rowsHere: 1n, rowsActive: 2n, quiet: true, arrivedAt: null, repair: null }]]),
}]]);

Deno.test("a memory is there for the next check, for its owner alone", async () => {
  await using directory = await temporaryDirectory();
  assert.deepEqual(await loadMemory(directory.path, "d"), { memory: new Map(), warning: null });
  await saveMemory(directory.path, MEMORY, "d");
  assert.deepEqual(await loadMemory(directory.path, "d"), { memory: MEMORY, warning: null });
  const { mode } = await Deno.stat(`${directory.path}/ch-sync-cache.json`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
});

Deno.test("a memory that was cut off, or is of other settings, is none", async () => {
  await using directory = await temporaryDirectory();
  await saveMemory(directory.path, MEMORY, "d");
  assert.deepEqual(await loadMemory(directory.path, "other"), { memory: new Map(), warning: null });
  const path = `${directory.path}/ch-sync-cache.json`;
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).slice(0, 40));
  const { memory, warning } = await loadMemory(directory.path, "d");
  assert.deepEqual(memory, new Map());
  assert.match(warning ?? "", /ch-sync-cache.json, is not valid/);
});

Deno.test("a memory that cannot be read or written is an error that says what to do", async () => {
  await using directory = await temporaryDirectory();
  await Deno.mkdir(`${directory.path}/ch-sync-cache.json`);
  await assert.rejects(
    loadMemory(directory.path, "d"),
    (error) => error instanceof StateError && /delete it/.test(error.message),
  );
  await assert.rejects(saveMemory(directory.path, MEMORY, "d"), StateError);
});
