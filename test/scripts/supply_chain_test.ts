/** What the program is made of cannot change unseen. */
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url).pathname;
const read = (path: string) => Deno.readTextFileSync(ROOT + path);

interface Lock {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const lock: Lock = JSON.parse(read("deno.lock"));

Deno.test("every package is locked with its integrity, comes from npm, and runs no install script", () => {
  assert.deepEqual(Object.keys(lock).sort(), ["npm", "specifiers", "version", "workspace"]);
  for (const specifier of Object.keys(lock.specifiers)) {
    assert.match(specifier, /^npm:@?[\w./-]+@\d+\.\d+\.\d+$/);
  }
  for (const [name, fields] of Object.entries(lock.npm)) {
    assert.match(String(fields.integrity), /^sha512-[A-Za-z0-9+/]{86}==$/, name);
    assert.ok(!("scripts" in fields), `${name} has install scripts`);
    assert.ok(!("tarball" in fields), `${name} comes from elsewhere`);
  }
  assert.ok(Object.keys(lock.npm).length > 3);
});

Deno.test("every import is pinned to a version", () => {
  const { imports, lock: { frozen } } = JSON.parse(read("deno.json"));
  assert.equal(frozen, true);
  for (const [name, target] of Object.entries(imports)) {
    assert.match(String(target), /^npm:.+@\d+\.\d+\.\d+$/, name);
  }
});

Deno.test("a lock that lacks a package stops the program", async () => {
  const directory = await Deno.makeTempDir({ prefix: "ch-sync-lock-" });
  const run = async (text: string): Promise<string> => {
    await Deno.writeTextFile(`${directory}/deno.lock`, text);
    await Deno.copyFile(`${ROOT}deno.json`, `${directory}/deno.json`);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        `--config=${directory}/deno.json`,
        `${ROOT}src/main.ts`,
        "--version",
      ],
      env: { NO_COLOR: "1" },
      stdout: "null",
    }).output();
    assert.ok(!success);
    return new TextDecoder().decode(stderr);
  };
  const without = structuredClone(lock) as {
    specifiers: Record<string, string>;
    npm: Record<string, unknown>;
  };
  delete without.specifiers["npm:@logtape/logtape@2.4.2"];
  delete without.npm["@logtape/logtape@2.4.2"];
  assert.match(await run(JSON.stringify(without)), /lockfile is out of date|frozen/i);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("the gate and the tasks run frozen, and no task lets the program start others or load libraries", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  assert.doesNotMatch(tasks.start, /--allow-(all|run|ffi|sys|import)|-A\b/);
  for (const [name, task] of Object.entries(tasks)) {
    assert.doesNotMatch(String(task), /--no-lock|--frozen=false|--allow-scripts/, name);
  }
  assert.doesNotMatch(read(".ci/run"), /--no-lock|--frozen=false|--allow-scripts/);
});

Deno.test("nothing in src starts a program, loads a library, or asks for more than hosts, environment and files", () => {
  const walk = (path: string): string[] =>
    [...Deno.readDirSync(ROOT + path)].flatMap(({ name, isDirectory }) =>
      isDirectory ? walk(`${path}/${name}`) : [`${path}/${name}`]
    );
  for (const path of walk("src")) {
    const text = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(
      text,
      /Deno\.(Command|dlopen|run|osRelease|hostname|uid|gid|networkInterfaces|systemMemoryInfo)\b|child_process|\beval\(|new Function\(|\bimport\(/,
      path,
    );
  }
});
