/** The demo as a newcomer meets it: what it says, how it fails, and that it leaves nothing however it ends. */
import assert from "node:assert/strict";
import { ENGINE } from "../support/sites/engine.ts";
import { until } from "../support/program/endings.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";

const DEMO = new URL("../../scripts/demo.ts", import.meta.url).pathname;

interface Demo {
  readonly child: Deno.ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
}

/** Everything temporary that it makes is in the directory. */
function start({ path }: TemporaryDirectory, environment: Record<string, string> = {}): Demo {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", DEMO],
    env: { TMPDIR: path, NO_COLOR: "1", ...environment },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return { child, stdout: child.stdout.text(), stderr: child.stderr.text() };
}

/** Neither a file nor a process that names the directory. */
function assertNothingLeft({ path }: TemporaryDirectory): void {
  assert.deepEqual([...Deno.readDirSync(path)], []);
  assert.deepEqual(processesAt(path), []);
}

function processesAt(path: string): string[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      return command.includes(`${path}/`) ? [command.replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}

Deno.test("the demo tells its story to the end, whole, on one screen, and leaves nothing", async () => {
  await using directory = await temporaryDirectory();
  const { child, stdout, stderr } = start(directory);
  const { code } = await child.status;
  assert.equal(code, 0, await stderr);
  const lines = (await stdout).trimEnd().split("\n");
  assert.ok(lines.length <= 40, `${lines.length} lines`);
  assert.deepEqual(lines.filter((line) => line.length > 110 || line.includes("…")), []);
  // Each table once in the plan and once in the repair, with what is missing and what was copied, and their sums.
  assert.equal(lines.filter((line) => /otel\.otel_logs .*\b21,501 rows/.test(line)).length, 2);
  assert.equal(lines.filter((line) => /all 8 tables .*\b150,507 rows/.test(line)).length, 2);
  assert.ok(lines.some((line) => line.includes("FAILBACK READY")));
  assertNothingLeft(directory);
});

Deno.test("a signal ends the demo at any time, and nothing is left", async (t) => {
  const moments = [
    { signal: "SIGINT", code: 130, when: "servers start", runs: /clickhouse_main/ },
    { signal: "SIGTERM", code: 143, when: "a check runs", runs: /dry-run/ },
  ] as const;
  for (const { signal, code, when, runs } of moments) {
    await t.step(`${signal} while ${when}`, async () => {
      await using directory = await temporaryDirectory();
      const { child, stdout, stderr } = start(directory);
      // A check works in a directory of its own; its command does not name it.
      const checks = () => childrenOf(child.pid).filter((command) => runs.test(command));
      await until(when, () => checks().length > 0);
      child.kill(signal);
      assert.equal((await child.status).code, code);
      assert.doesNotMatch(await stderr + await stdout, /^\s+at /m);
      assertNothingLeft(directory);
    });
  }
});

Deno.test("without a way to the registry the demo says so in sentences, and leaves nothing", async () => {
  await using directory = await temporaryDirectory();
  await using cache = await temporaryDirectory();
  // Nothing listens at the port of a listener that is closed.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const registry = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const environment = {
    npm_config_registry: registry,
    XDG_CACHE_HOME: cache.path,
    DENO_DIR: await denoDir(),
  };
  const { child, stdout, stderr } = start(directory, environment);
  assert.equal((await child.status).code, 1);
  assert.equal(await stdout, "");
  assert.match(await stderr, /Cannot fetch .*ECONNREFUSED/);
  assert.doesNotMatch(await stderr, /^\s+at /m);
  assertNothingLeft(directory);
});

Deno.test("a server that does not start says why, and leaves nothing", async () => {
  await using directory = await temporaryDirectory();
  await using cache = await temporaryDirectory();
  const kept = `${cache.path}/ch-sync-engine/${ENGINE.version}`;
  await Deno.mkdir(kept, { recursive: true });
  await Deno.writeTextFile(`${kept}/${ENGINE.file}`, "no library");
  const { child, stderr } = start(directory, { XDG_CACHE_HOME: cache.path, DENO_DIR: await denoDir() });
  assert.equal((await child.status).code, 1);
  assert.match(await stderr, new RegExp(`did not start.*${ENGINE.file}`, "s"));
  assert.doesNotMatch(await stderr, /^\s+at /m);
  assertNothingLeft(directory);
});

/** Where this Deno keeps its packages, which would move with XDG_CACHE_HOME. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Commands of a process's children. */
function childrenOf(pid: number): string[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean)
      .map((child) => Deno.readTextFileSync(`/proc/${child}/cmdline`).replaceAll("\0", " "));
  } catch {
    return [];
  }
}
