import assert from "node:assert/strict";
import { acquireLock } from "../../src/state/lock.ts";
import { StateError } from "../../src/files/private_file.ts";
import { onFullDisk } from "../support/program/full_disk.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");

/** A process that takes the lock and keeps it until it is killed. */
async function startHolder(directory: string): Promise<Deno.ChildProcess> {
  const program = `
    import { acquireLock } from ${JSON.stringify(import.meta.resolve("../../src/state/lock.ts"))};
    const lock = await acquireLock(${JSON.stringify(directory)}, new Date(${NOW.getTime()}));
    console.log(lock.kind);
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--no-config",
      "--allow-read",
      "--allow-write",
      `data:application/typescript,${encodeURIComponent(program)}`,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  assert.equal(new TextDecoder().decode(value).trim(), "acquired");
  return child;
}

Deno.test("acquireLock() takes a lock once, and again after its release; the file stays", async () => {
  await using directory = await temporaryDirectory();
  const first = await acquireLock(directory.path, NOW);
  assert.ok(first.kind === "acquired");
  assert.deepEqual(await acquireLock(directory.path, NOW), {
    kind: "held",
    by: `process ${Deno.pid} since 2026-01-02T03:04:05.678Z`,
  });
  first.release();
  const second = await acquireLock(directory.path, NOW);
  assert.ok(second.kind === "acquired");
  second.release();
  assert.equal(Deno.statSync(`${directory.path}/ch-sync.lock`).mode! & 0o777, 0o600);
});

Deno.test("acquireLock() says which process holds the lock, and does not mind when it is dead", async () => {
  await using directory = await temporaryDirectory();
  const holder = await startHolder(directory.path);
  try {
    assert.deepEqual(await acquireLock(directory.path, NOW), {
      kind: "held",
      by: `process ${holder.pid} since 2026-01-02T03:04:05.678Z`,
    });
  } finally {
    holder.kill("SIGKILL");
    await holder.status;
  }
  const lock = await acquireLock(directory.path, NOW);
  assert.ok(lock.kind === "acquired");
  lock.release();
});

Deno.test("acquireLock() takes over a longer text of an earlier holder", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync.lock`;
  await Deno.writeTextFile(path, "process 1 ".repeat(100));
  const lock = await acquireLock(directory.path, NOW);
  assert.ok(lock.kind === "acquired");
  assert.equal(await Deno.readTextFile(path), `process ${Deno.pid} since 2026-01-02T03:04:05.678Z\n`);
  lock.release();
});

Deno.test("acquireLock() repeats nothing from a lock file that it did not write", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/ch-sync.lock`;
  using foreign = await Deno.open(path, { create: true, read: true, write: true });
  await foreign.tryLock(true);
  await Deno.writeTextFile(path, "process 1 since \x1b[2J");
  assert.deepEqual(await acquireLock(directory.path, NOW), { kind: "held", by: "another process" });
});

Deno.test("acquireLock() makes the directory, for its owner alone", async () => {
  await using directory = await temporaryDirectory();
  const lock = await acquireLock(`${directory.path}/data`, NOW);
  assert.ok(lock.kind === "acquired");
  lock.release();
  assert.equal(Deno.statSync(`${directory.path}/data`).mode! & 0o777, 0o700);
});

Deno.test("acquireLock() says so when the file cannot be made", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "");
  await assert.rejects(acquireLock(`${directory.path}/file`, NOW), (error) => {
    assert.ok(error instanceof StateError);
    assert.match(error.message, /^Cannot open the lock .*\/file\/ch-sync\.lock: .*owner/);
    return true;
  });
});

Deno.test("acquireLock() does not keep a lock in which it cannot write who holds it", async () => {
  await using directory = await temporaryDirectory();
  const lines = await onFullDisk(`
    import { acquireLock } from ${JSON.stringify(import.meta.resolve("../../src/state/lock.ts"))};
    for (let attempt = 0; attempt < 2; attempt++) {
      await acquireLock(${
    JSON.stringify(directory.path)
  }, new Date()).catch((error) => console.log(error.message));
    }`);
  assert.equal(lines.length, 2);
  for (const line of lines) {
    assert.ok(line.startsWith(`Cannot write the lock ${directory.path}/ch-sync.lock: `), line);
  }
});
