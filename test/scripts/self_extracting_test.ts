/** The self-extracting file, with a small program inside. */
import assert from "node:assert/strict";
import { makeSelfExtracting } from "../../scripts/build/self_extracting.ts";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Says what it was given, and what it may not do. */
const PROGRAM = `
const may = (act) => { try { act(); return "may"; } catch (error) { return error.name; } };
console.log(JSON.stringify({
  args: Deno.args,
  subprocess: may(() => new Deno.Command("true").outputSync()),
  library: may(() => Deno.dlopen("libc.so.6", {})),
  file: may(() => Deno.writeTextFileSync("written", "")),
}));
Deno.exit(7);
`;

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function start(file: string, environment: Record<string, string>, ...args: string[]): Promise<Said> {
  const command = new Deno.Command(file, {
    args,
    cwd: file.replace(/[^/]*$/, ""),
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", ...environment },
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("a self-extracting file", async (t) => {
  await using directory = await temporaryDirectory();
  const at = (name: string) => `${directory.path}/${name}`;
  const file = at("ch-sync");
  await makeSelfExtracting(PROGRAM, file);
  const unpacked = (cache: string) => `${cache}/ch-sync-unpacked`;
  const runtimeIn = async (cache: string) =>
    `${unpacked(cache)}/${(await names(unpacked(cache))).find((name) => name.startsWith("deno-"))}`;

  await t.step("hands on arguments and exit code, and may do no more than a binary", async () => {
    const { code, stdout, stderr } = await start(
      file,
      { XDG_CACHE_HOME: at("xdg") },
      "--once",
      "two words",
      "$HOME",
    );
    assert.deepEqual([code, stderr], [7, ""]);
    assert.deepEqual(JSON.parse(stdout), {
      args: ["--once", "two words", "$HOME"],
      subprocess: "NotCapable",
      library: "NotCapable",
      file: "may",
    });
  });

  await t.step("begins with a script that shellcheck finds sound", async () => {
    await needsPackage("shellcheck", "/usr/bin/shellcheck");
    const head = new TextDecoder().decode((await Deno.readFile(file)).slice(0, 10_000));
    await Deno.writeTextFile(
      at("script"),
      head.slice(0, head.indexOf("\n", head.lastIndexOf("\nfail ") + 1) + 1),
    );
    const { success, stdout } = await new Deno.Command("shellcheck", { args: [at("script")] }).output();
    assert.ok(success, new TextDecoder().decode(stdout));
  });

  await t.step("unpacks once, into a folder that is its user's alone", async () => {
    const runtime = await runtimeIn(at("xdg"));
    const before = await Deno.stat(runtime);
    assert.equal((await start(file, { XDG_CACHE_HOME: at("xdg") })).code, 7);
    assert.equal((await Deno.stat(runtime)).ino, before.ino);
    for (const path of [unpacked(at("xdg")), runtime]) assert.equal((await Deno.stat(path)).mode! & 0o077, 0);
  });

  await t.step(
    "takes systemd's folder before XDG's, that before HOME's, and the temporary one last",
    async () => {
      const all = {
        CACHE_DIRECTORY: `${at("a")}:${at("b")}`,
        XDG_CACHE_HOME: at("c"),
        HOME: at("d"),
        TMPDIR: at("e"),
      };
      for (
        const [name, folder] of [["CACHE_DIRECTORY", "a"], ["XDG_CACHE_HOME", "c"], [
          "HOME",
          "d/.cache",
        ]] as const
      ) {
        assert.equal((await start(file, all)).code, 7);
        assert.ok(await runtimeIn(at(folder)), folder);
        delete (all as Record<string, string>)[name];
      }
      assert.equal((await start(file, all)).code, 7);
      assert.equal((await names(at(`e/ch-sync-unpacked-${Deno.uid()}`))).length, 3);
      assert.ok(!(await names(directory.path)).includes("b"));
    },
  );

  await t.step("two starts at once both run, and leave one copy", async () => {
    const both = await Promise.all([1, 2, 3].map(() => start(file, { XDG_CACHE_HOME: at("at-once") })));
    assert.deepEqual(both.map(({ code, stderr }) => [code, stderr]), both.map(() => [7, ""]));
    assert.equal((await names(unpacked(at("at-once")))).length, 3);
  });

  await t.step("a copy that was changed or cut is never run: it unpacks again", async () => {
    const runtime = await runtimeIn(at("xdg"));
    await Deno.writeTextFile(runtime, "#!/bin/sh\necho somebody else\n");
    assert.equal((await start(file, { XDG_CACHE_HOME: at("xdg") })).code, 7);
    await Deno.truncate(runtime, 1000);
    assert.equal((await start(file, { XDG_CACHE_HOME: at("xdg") })).code, 7);
  });

  await t.step("a folder that others prepared is not used", async () => {
    await Deno.mkdir(at("elsewhere"));
    await Deno.mkdir(at("trap"));
    await Deno.symlink(at("elsewhere"), unpacked(at("trap")));
    const { code } = await start(file, { XDG_CACHE_HOME: at("trap"), HOME: at("home") });
    assert.equal(code, 7);
    assert.deepEqual(await names(at("elsewhere")), []);
    assert.ok(await runtimeIn(at("home/.cache")));
  });

  await t.step("nothing is unpacked below a folder in which others may write", async () => {
    for (
      const [name, mode, allowed] of [["group", 0o770, false], ["all", 0o707, false], [
        "sticky",
        0o1777,
        true,
      ]] as const
    ) {
      await Deno.mkdir(at(`${name}/between`), { recursive: true });
      await Deno.chmod(at(name), mode);
      assert.equal((await start(file, { XDG_CACHE_HOME: at(`${name}/between`), HOME: at("home") })).code, 7);
      assert.equal((await names(at(`${name}/between`))).length, allowed ? 1 : 0, name);
    }
    const { code, stderr } = await start(file, {
      XDG_CACHE_HOME: at("all/between"),
      TMPDIR: at("group/between"),
    });
    assert.equal(code, 1);
    assert.match(stderr, /below folders that only this user and root can write/);
  });

  await t.step("root unpacks nothing below another user's folder, nor through a link of theirs", async () => {
    assert.equal(Deno.uid(), 0, "to be run as root, as CI does");
    await Deno.mkdir(at("theirs/.cache/ch-sync-unpacked"), { recursive: true });
    await Deno.mkdir(at("theirs/ours"), { mode: 0o700 });
    for (const folder of ["theirs", "theirs/.cache"]) await Deno.chown(at(folder), 65_534, 65_534);
    await Deno.symlink(at("theirs/ours"), at("theirs/link"));
    for (
      const environment of [
        { HOME: at("theirs") },
        { XDG_CACHE_HOME: at("theirs") },
        { XDG_CACHE_HOME: at("theirs/.cache") },
        { XDG_CACHE_HOME: at("theirs/ours") },
        { XDG_CACHE_HOME: at("theirs/link/not/there/yet") },
        { XDG_CACHE_HOME: at("theirs/not/there/yet") },
        { TMPDIR: at("theirs/ours") },
        { CACHE_DIRECTORY: at("theirs/ours") },
      ]
    ) {
      const { code } = await start(file, { TMPDIR: at("spare"), ...environment });
      assert.equal(code, "TMPDIR" in environment ? 1 : 7, JSON.stringify(environment));
    }
    assert.deepEqual(await names(at("theirs")), [".cache", "link", "ours"]);
    for (const folder of ["theirs/ours", "theirs/.cache/ch-sync-unpacked"]) {
      assert.deepEqual(await names(at(folder)), []);
    }
  });

  await t.step("whoever swaps folders and links while root unpacks wins nothing", async () => {
    await Deno.mkdir(at("arena"), { mode: 0o755 });
    await Deno.chmod(directory.path, 0o711);
    await Deno.chown(at("arena"), 65_534, 65_534);
    const attack = `cd "$0" && touch begun && while :; do
      mkdir x; rmdir x; ln -s ../nobody x; rm -f x; mkdir -p x/ch-sync-unpacked; rm -rf x
    done`;
    const attacker = new Deno.Command("setpriv", {
      args: ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", attack, at("arena")],
      stderr: "null",
    }).spawn();
    for (let times = 0; times < 10; times++) {
      const { code } = await start(file, {
        XDG_CACHE_HOME: at("arena/x"),
        TMPDIR: at("arena/x"),
        HOME: at("nobody/home"),
      });
      assert.equal(code, 7);
    }
    attacker.kill("SIGKILL");
    await attacker.status;
    assert.deepEqual(await names(at("nobody")), ["home"]);
    assert.deepEqual(await names(at("nobody/home/.cache")), ["ch-sync-unpacked"]);
  });

  await t.step("a file that was cut off on its way says so", async () => {
    await Deno.copyFile(file, at("cut"));
    await Deno.truncate(at("cut"), (await Deno.stat(file)).size - 100_000);
    const { code, stderr } = await start(at("cut"), { XDG_CACHE_HOME: at("fresh") });
    assert.deepEqual([code, stderr], [
      1,
      `ch-sync: ${at("cut")} is damaged: copy it again, and compare its SHA-256\n`,
    ]);
    assert.deepEqual(await names(unpacked(at("fresh"))), []);
  });
});
