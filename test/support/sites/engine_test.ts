/** How the engine of all real servers comes to a machine that does not have it yet. */
import assert from "node:assert/strict";
import { ENGINE, engineLibrary, type Fetching } from "./engine.ts";
import { until } from "../program/endings.ts";
import { onStderr } from "./fetch_progress.ts";
import { type NpmRegistry, startNpmRegistry } from "../receivers/npm_registry.ts";
import { temporaryDirectory } from "../temporary_directory.ts";

const FETCH = new URL("../../../scripts/fetch_engine.ts", import.meta.url).pathname;

/** In place of the engine; does not compress, so that the middle of the archive is its middle. */
const LIBRARY = crypto.getRandomValues(new Uint8Array(65_536));

interface Newcomer extends AsyncDisposable {
  readonly registry: NpmRegistry;
  readonly room: string;
  /** What whoever waits for it was told. */
  readonly told: string[];
  fetch(more?: Fetching): Promise<string>;
  /** Another process, as the tests' command starts it. */
  start(environment?: Record<string, string>): Deno.ChildProcess;
}

async function newcomer(files: Record<string, Uint8Array> = { [ENGINE.file]: LIBRARY }): Promise<Newcomer> {
  const directory = await temporaryDirectory();
  const registry = await startNpmRegistry(`${directory.path}/registry`, { ...ENGINE, files });
  const [cache, told]: [string, string[]] = [`${directory.path}/cache`, []];
  const environment = { HOME: directory.path, npm_config_registry: registry.url };
  const progress = onStderr(false, (text) => told.push(text));
  return {
    registry,
    room: `${cache}/ch-sync-engine`,
    told,
    fetch: (more) => engineLibrary({ room: `${cache}/ch-sync-engine`, environment, progress, ...more }),
    start: (more) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-config", "--no-lock", "--allow-all", FETCH],
        env: {
          ...environment,
          XDG_CACHE_HOME: cache,
          DENO_DIR: `${directory.path}/deno`,
          NO_COLOR: "1",
          ...more,
        },
        stdout: "null",
        stderr: "piped",
      }).spawn(),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The room holds the engine, the lock, and nothing else. */
async function assertKept({ room }: Newcomer, library: string): Promise<void> {
  assert.deepEqual(await Deno.readFile(library), LIBRARY);
  assert.deepEqual(names(room), [ENGINE.version, "lock"]);
  assert.deepEqual(names(`${room}/${ENGINE.version}`), [ENGINE.file]);
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("the engine comes once from the machine's registry, and is kept", async () => {
  await using here = await newcomer();
  const library = await here.fetch();
  await assertKept(here, library);
  assert.match(here.told.join(""), /once.*\n.* 100 %\n$/s);
  here.told.length = 0;
  assert.equal(await here.fetch(), library);
  assert.equal(here.registry.asked, 1);
  assert.deepEqual(here.told, []);
});

Deno.test("a download that breaks in the middle is tried again, and says so", async () => {
  await using here = await newcomer();
  here.registry.behaviour = "breaks";
  await assertKept(here, await here.fetch());
  assert.equal(here.registry.asked, 2);
  assert.match(here.told.join(""), /broke off: .+ Trying again \(2 of/);
});

Deno.test("what is not what its hash says is not kept", async () => {
  await using here = await newcomer();
  here.registry.behaviour = "spoilt";
  await assert.rejects(here.fetch(), /EINTEGRITY/);
  assert.deepEqual(names(here.room), ["lock"]);
});

Deno.test("a registry without the engine is told in a sentence, at once", async () => {
  await using here = await newcomer();
  await assert.rejects(
    here.fetch({ environment: { npm_config_registry: `${here.registry.url}/none` } }),
    /^Error: Cannot fetch .+E404/s,
  );
  assert.deepEqual(names(here.room), ["lock"]);
});

Deno.test("of four who want it at the same time, in three processes, one fetches", async () => {
  await using here = await newcomer();
  const others = [here.start(), here.start()];
  const libraries = await Promise.all([here.fetch(), here.fetch()]);
  for (const other of others) {
    assert.ok((await other.status).success, await other.stderr.text());
  }
  assert.equal(libraries[0], libraries[1]);
  assert.equal(here.registry.asked, 1);
  await assertKept(here, libraries[0]!);
});

Deno.test("when whoever fetches is killed, npm ends with it, and who waited fetches and clears up", async () => {
  await using here = await newcomer();
  here.registry.behaviour = "hangs";
  const owner = here.start();
  await here.registry.hanging;
  const [incoming = ""] = names(here.room);
  assert.match(incoming, /^incoming-/);
  assert.ok(busyWith(incoming));
  const waiting = here.fetch();
  await until("it waits", () => Promise.resolve(/already/.test(here.told.join(""))));
  here.registry.behaviour = "whole";
  owner.kill("SIGKILL");
  await Promise.all([owner.status, owner.stderr.cancel()]);
  await assertKept(here, await waiting);
  await until("npm has ended", () => Promise.resolve(!busyWith(incoming)));
});

Deno.test("a fetch that is given up leaves nothing half done, and no npm", async () => {
  await using here = await newcomer();
  here.registry.behaviour = "hangs";
  const stop = new AbortController();
  const fetching = here.fetch({ signal: stop.signal });
  await here.registry.hanging;
  const [incoming = ""] = names(here.room);
  stop.abort(new Error("stopped"));
  await assert.rejects(fetching, /stopped/);
  assert.ok(!busyWith(incoming));
  assert.deepEqual(names(here.room), ["lock"]);
});

Deno.test("on a machine without npm, Deno fetches it", async () => {
  await using here = await newcomer();
  await using programs = await temporaryDirectory();
  await Deno.symlink("/bin/sh", `${programs.path}/sh`);
  const alone = here.start({ PATH: programs.path });
  assert.ok((await alone.status).success, await alone.stderr.text());
  await assertKept(here, `${here.room}/${ENGINE.version}/${ENGINE.file}`);
  assert.equal(here.registry.asked, 1);
});

Deno.test("on a terminal the progress is one line that counts", () => {
  let shown = "";
  const progress = onStderr(true, (text) => shown += text);
  progress.bytes(45e6, 178e6);
  progress.bytes(90e6, 178e6);
  progress.say("It broke.");
  progress.bytes(178e6, 178e6);
  assert.deepEqual(shown.split("\n").map((line) => line.split("\r").at(-1)?.trim()), [
    "90 of 178 MB, 50 %",
    "It broke.",
    "178 of 178 MB, 100 %",
    "",
  ]);
});

/** Whether a process runs in the folder. */
function busyWith(folder: string): boolean {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).some(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/${name}/cwd`).includes(folder);
    } catch {
      return false;
    }
  });
}
