import assert from "node:assert/strict";
import { fc } from "../support/seed.ts";
import { FRESH_STATE, type State } from "../../src/model/state.ts";
import { StateError } from "../../src/files/private_file.ts";
import { loadState, saveState } from "../../src/state/state_file.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { arbitraryState } from "../support/data/arbitrary_state.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const ASIDE = "state.json.corrupt-2026-01-02T03-04-05.678Z";

const READY: State = {
  ...FRESH_STATE,
  consecutive_clean: 3,
  failback_ready: true,
  ready_until: "2026-01-01T00:10:00.000Z",
};

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).toSorted();
}

function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o777;
}

Deno.test("loadState() starts afresh, and says nothing, where there is no file", async () => {
  await using directory = await temporaryDirectory();
  const loaded = await loadState(`${directory.path}/none/state.json`, NOW);
  assert.deepEqual(loaded, { state: FRESH_STATE, warning: null });
  assert.deepEqual(namesIn(directory.path), []);
});

Deno.test("loadState() returns what saveState() was given", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  const saved = fc.asyncProperty(arbitraryState, async (state) => {
    await saveState(path, state);
    assert.deepEqual(await loadState(path, NOW), { state, warning: null });
  });
  await fc.assert(saved, { numRuns: 50 });
  assert.deepEqual(namesIn(directory.path), ["state.json"]);
});

Deno.test("saveState() keeps file and directory from everybody else", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/data/deep/state.json`;
  await saveState(path, FRESH_STATE);
  assert.equal(modeOf(path), 0o600);
  assert.equal(modeOf(`${directory.path}/data/deep`), 0o700);
  await Deno.chmod(path, 0o644);
  await saveState(path, FRESH_STATE);
  assert.equal(modeOf(path), 0o600);
});

Deno.test("saveState() writes for people: one field a line, in order", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  await saveState(path, FRESH_STATE);
  const lines = Deno.readTextFileSync(path).split("\n");
  assert.equal(lines[1], '  "version": 1,');
  assert.deepEqual(
    lines.flatMap((line) => line.match(/^ {2}"(\w+)"/)?.[1] ?? []),
    Object.keys(FRESH_STATE),
  );
  assert.equal(lines.at(-1), "");
});

Deno.test("loadState() sets a file aside that is cut off at any byte, and keeps it as it was", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  const whole = new TextEncoder().encode(JSON.stringify({ ...READY, last_error: "größer" }, null, 2));
  for (let length = 0; length < whole.length; length++) {
    await Deno.writeFile(path, whole.subarray(0, length));
    const { state, warning } = await loadState(path, NOW);
    assert.deepEqual(state, FRESH_STATE);
    assert.match(warning ?? "", /is not valid.*set aside as .*\.corrupt-/);
    assert.deepEqual(namesIn(directory.path), [ASIDE]);
    assert.deepEqual(await Deno.readFile(`${directory.path}/${ASIDE}`), whole.slice(0, length));
    await Deno.remove(`${directory.path}/${ASIDE}`);
  }
});

Deno.test("loadState() never overwrites a file that was set aside before", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  for (const content of ["first", "second", "third"]) {
    await Deno.writeTextFile(path, content);
    await loadState(path, NOW);
  }
  const kept = [ASIDE, `${ASIDE}-1`, `${ASIDE}-2`];
  assert.deepEqual(namesIn(directory.path), kept);
  assert.deepEqual(kept.map((name) => Deno.readTextFileSync(`${directory.path}/${name}`)), [
    "first",
    "second",
    "third",
  ]);
});

Deno.test("loadState() says once that a file was set aside", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  await Deno.writeTextFile(path, "{}");
  assert.ok(
    (await loadState(path, NOW)).warning?.endsWith(
      `set aside as ${directory.path}/${ASIDE}, starting afresh`,
    ),
  );
  assert.deepEqual(await loadState(path, NOW), { state: FRESH_STATE, warning: null });
});

Deno.test("loadState() and saveState() say so where nothing may be created or renamed", async () => {
  await assert.rejects(loadState("/proc/version", NOW), (error) => {
    assert.ok(error instanceof StateError);
    assert.match(
      error.message,
      /\/proc\/version aside as \/proc\/version\.corrupt-2026-/,
    );
    return true;
  });
  await assert.rejects(saveState("/proc/state.json", FRESH_STATE), (error) => {
    assert.ok(error instanceof StateError);
    assert.ok(error.message.startsWith("Cannot write the state file /proc/state.json: "));
    return true;
  });
});

Deno.test("saveState() that ends in the middle of the file leaves the old one, and nothing beside it", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  await saveState(path, READY);
  assert.match(
    await saveOnFullDisk(path),
    /^StateError: Cannot write the state file .*free space/,
  );
  assert.deepEqual((await loadState(path, NOW)).state, READY);
  assert.deepEqual(namesIn(directory.path), ["state.json"]);
});

Deno.test("loadState() leaves a corrupt file where it is when it may only read", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  await Deno.writeTextFile(path, "[]");
  const { state, warning } = await loadState(path, NOW, true);
  assert.deepEqual(state, FRESH_STATE);
  assert.ok(warning?.includes(path) && warning.includes("not valid"), `${warning}`);
  assert.deepEqual(namesIn(directory.path), ["state.json"]);
});

Deno.test("loadState() refuses the file of a newer ch-sync, leaves it alone and says what to do", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  const newer = '{"version": 2, "failback_ready": true}';
  await Deno.writeTextFile(path, newer);
  await assert.rejects(loadState(path, NOW), (error) => {
    assert.ok(error instanceof StateError);
    assert.match(
      error.message,
      /format 2\b.*\b1\b.*newer ch-sync/,
    );
    return true;
  });
  assert.deepEqual(namesIn(directory.path), ["state.json"]);
  assert.equal(await Deno.readTextFile(path), newer);
});

Deno.test("loadState() survives any bytes as a state file, and is never ready because of them", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  const survives = fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
    await Deno.writeFile(path, bytes);
    const { state } = await loadState(path, NOW);
    assert.deepEqual(state, FRESH_STATE);
  });
  await fc.assert(survives, { numRuns: 50 });
});

Deno.test("loadState() says so when the file cannot be read", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state`;
  await Deno.mkdir(path);
  await assert.rejects(loadState(path, NOW), { name: "StateError", message: /\/state: .*directory/ });
});

Deno.test("saveState() leaves the old file alone when it cannot write the new one", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  await saveState(path, READY);
  await Deno.mkdir(`${path}.tmp/occupied`, { recursive: true });
  await assert.rejects(saveState(path, FRESH_STATE), (error) => {
    assert.ok(error instanceof StateError);
    assert.ok(error.message.startsWith(`Cannot write the state file ${path}: `));
    assert.match(error.message, /free space/);
    return true;
  });
  assert.deepEqual((await loadState(path, NOW)).state, READY);
});

Deno.test("saveState() says so when the directory cannot be made", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "");
  await assert.rejects(saveState(`${directory.path}/file/state.json`, FRESH_STATE), StateError);
});

Deno.test("saveState() clears away what a crash left of an earlier one, and follows no link there", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  await Deno.writeTextFile(`${path}.tmp`, '{"half');
  await saveState(path, READY);
  assert.deepEqual(namesIn(directory.path), ["state.json"]);
  await Deno.writeTextFile(`${directory.path}/other`, "precious");
  await Deno.symlink(`${directory.path}/other`, `${path}.tmp`);
  await saveState(path, READY);
  assert.equal(await Deno.readTextFile(`${directory.path}/other`), "precious");
  assert.deepEqual(namesIn(directory.path), ["other", "state.json"]);
});

Deno.test("saveState() shows a reader the old state or the new one, also when it is killed", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/state.json`;
  for (let round = 0; round < 3; round++) {
    const writer = startWriter(path);
    try {
      // Long enough to be anywhere when the end comes.
      for (let seen = 0; seen < 100;) {
        const { state, warning } = await loadState(path, NOW, true);
        assert.equal(warning, null);
        assert.equal(state.gap_tables.length, state.rows_synced);
        if (namesIn(directory.path).includes("state.json")) seen++;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      writer.kill("SIGKILL");
      await writer.status;
    }
    const { state, warning } = await loadState(path, NOW);
    assert.equal(warning, null);
    assert.equal(state.gap_tables.length, state.rows_synced);
    await Deno.remove(path);
  }
});

/** Saves a state of 80 kB where no file may grow beyond 4 kB, in a process of its own. Returns what was thrown. */
async function saveOnFullDisk(path: string): Promise<string> {
  const module = (name: string) => JSON.stringify(import.meta.resolve(`../../src/${name}.ts`));
  const program = `
    import { saveState } from ${module("state/state_file")};
    import { FRESH_STATE } from ${module("model/state")};
    const gap_tables = Array.from({ length: 5000 }, (_, i) => "d.table_" + i);
    await saveState(${JSON.stringify(path)}, { ...FRESH_STATE, gap_tables }).catch((error) =>
      console.log(error.name + ": " + error.message));`;
  const url = `data:application/typescript,${encodeURIComponent(program)}`;
  const { stdout } = await new Deno.Command("bash", {
    args: [
      "-c",
      `trap "" XFSZ; ulimit -f 4; exec "$@"`,
      "bash",
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-lock",
      "--no-config",
      "--allow-read",
      "--allow-write",
      url,
    ],
    stdin: "null",
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** A process that saves states of changing length without end. */
function startWriter(path: string): Deno.ChildProcess {
  const module = (name: string) => JSON.stringify(import.meta.resolve(`../../src/${name}.ts`));
  const program = `
    import { saveState } from ${module("state/state_file")};
    import { FRESH_STATE } from ${module("model/state")};
    for (let n = 0;; n = (n + 7) % 1000) {
      await saveState(${JSON.stringify(path)}, {
        ...FRESH_STATE, rows_synced: n, gap_tables: Array.from({ length: n }, (_, i) => "database.table_" + i),
      });
      // A check saves once. Without a breath, each try of a reader to open the file may find another one.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }`;
  const url = `data:application/typescript,${encodeURIComponent(program)}`;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--no-config", "--allow-read", "--allow-write", url],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}
