import assert from "node:assert/strict";
import { StateStore } from "../../src/run/state_store.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { StateError } from "../../src/files/private_file.ts";
import { loadState } from "../../src/state/state_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

async function stored(path: string): Promise<State> {
  return (await loadState(path, new Date(), true)).state;
}

Deno.test("a state store keeps a state in memory and in its file alike", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/data/state.json`;
  const store = new StateStore(path, FRESH_STATE);
  assert.equal(store.state, FRESH_STATE);
  for (const consecutive_clean of [1, 2]) {
    const state = { ...FRESH_STATE, consecutive_clean };
    await store.record(state);
    assert.equal(store.state, state);
    assert.deepEqual(await stored(path), state);
  }
});

Deno.test("a state store remembers nothing that is not on disk", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "");
  const store = new StateStore(`${directory.path}/file/state.json`, FRESH_STATE);
  await assert.rejects(store.record({ ...FRESH_STATE, consecutive_clean: 1 }), StateError);
  assert.equal(store.state, FRESH_STATE);
  await assert.rejects(store.installation(), StateError);
  assert.equal(store.state.installation, "");
});

Deno.test("a state store whose file cannot be replaced forgets clean checks, in memory and on disk", async () => {
  const ready = {
    ...FRESH_STATE,
    consecutive_clean: 5,
    failback_ready: true,
    ready_until: "2099-01-01T00:00:00.000Z",
  };
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  const store = new StateStore(path, FRESH_STATE);
  await store.record(ready);
  await Deno.mkdir(`${path}.tmp/occupied`, { recursive: true });
  await assert.rejects(store.record({ ...ready, consecutive_clean: 6 }), StateError);
  assert.deepEqual([store.state, await stored(path)], [ready, ready]);
  const undone = { ...ready, failback_ready: false, ready_until: null };
  await assert.rejects(store.record(undone), StateError);
  assert.deepEqual([store.state, await stored(path)], [undone, FRESH_STATE]);
  await assert.rejects(store.record(FRESH_STATE), StateError);
  assert.deepEqual([store.state, await stored(path)], [FRESH_STATE, FRESH_STATE]);
});

Deno.test("installation() chooses a name once, and it is on disk before it is used", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  const store = new StateStore(path, { ...FRESH_STATE, consecutive_clean: 2 });
  const name = await store.installation();
  assert.match(name, /^[0-9a-f]{8}$/);
  assert.deepEqual(await stored(path), { ...FRESH_STATE, consecutive_clean: 2, installation: name });
  assert.equal(await store.installation(), name);
  assert.equal(await new StateStore(path, await stored(path)).installation(), name);
});

Deno.test("installation() calls no two installations alike", async () => {
  await using directory = await temporaryDirectory();
  const names = new Set<string>();
  for (let number = 0; number < 20; number++) {
    names.add(await new StateStore(`${directory.path}/${number}.json`, FRESH_STATE).installation());
  }
  assert.equal(names.size, 20);
});

Deno.test("installation() writes nothing when there is a name already", async () => {
  await using directory = await temporaryDirectory();
  const store = new StateStore(`${directory.path}/state.json`, { ...FRESH_STATE, installation: "0123abcd" });
  assert.equal(await store.installation(), "0123abcd");
  assert.deepEqual([...Deno.readDirSync(directory.path)], []);
});
