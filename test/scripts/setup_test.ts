/** `scripts/setup.sh`, run for real on a folder that stands for the machine. */
import assert from "node:assert/strict";
import { needsPackage } from "../sites/debian_packages.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** An archive as `deno task release` makes it, with a small program in place of the binary. */
async function unpackArchive(folder: string): Promise<string> {
  const archive = `${folder}/archive`;
  for (const path of ["scripts/systemd", "scripts/completions"]) {
    await Deno.mkdir(`${archive}/${path}`, { recursive: true });
    for (const { name } of Deno.readDirSync(`${ROOT}${path}`)) {
      await Deno.copyFile(`${ROOT}${path}/${name}`, `${archive}/${path}/${name}`);
    }
  }
  for (
    const name of ["ch-sync.service", ".env.primary", ".env.dr", "scripts/setup.sh", "scripts/ch-sync.1"]
  ) {
    await Deno.copyFile(ROOT + name, `${archive}/${name}`);
  }
  await release(archive, "1.0.0");
  return archive;
}

async function release(archive: string, version: string): Promise<void> {
  await Deno.writeTextFile(`${archive}/ch-sync`, `#!/bin/sh\necho "ch-sync ${version}"\n`);
  await Deno.chmod(`${archive}/ch-sync`, 0o755);
}

Deno.test("setup.sh", async (t) => {
  await using directory = await temporaryDirectory();
  const archive = await unpackArchive(directory.path);
  const machine = `${directory.path}/machine`;
  const at = (path: string) => `${machine}${path}`;
  const read = (path: string) => Deno.readTextFile(at(path));
  const exists = (path: string) => Deno.lstat(at(path)).then(() => true, () => false);
  async function setup(args: string[], env: Record<string, string> = {}) {
    const command = new Deno.Command(`${archive}/scripts/setup.sh`, {
      args,
      env: { DESTDIR: machine, ...env },
    });
    const { code, stdout, stderr } = await command.output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  }
  const mode = async (path: string) => (await Deno.stat(at(path))).mode! & 0o777;

  await t.step("is sound in the eyes of shellcheck", async () => {
    await needsPackage("shellcheck", "/usr/bin/shellcheck");
    const { success, stdout } = await new Deno.Command("shellcheck", { args: [`${ROOT}scripts/setup.sh`] })
      .output();
    assert.ok(success, new TextDecoder().decode(stdout));
  });

  await t.step("says what is wrong with its arguments, and installs nothing", async () => {
    for (
      const [args, said] of [
        [[], /name the site: primary or dr/],
        [["primary", "dr"], /name one site/],
        [["--frobnicate"], /--frobnicate is not understood/],
      ] as const
    ) {
      const { code, stderr } = await setup([...args]);
      assert.equal(code, 1);
      assert.match(stderr, said);
    }
    assert.match((await setup(["dr"], { PREFIX: "relative" })).stderr, /must be an absolute path/);
    assert.match((await setup(["dr"], { PREFIX: "/a b" })).stderr, /must have letters/);
    assert.equal(await exists("/opt"), false);
  });

  await t.step("installs program, template, units and what shells and man need", async () => {
    const { code, stdout, stderr } = await setup(["dr"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ch-sync 1\.0\.0 is installed in \/opt\/ch-sync\.$/m);
    assert.match(stdout, /ch-sync --dry-run --env-file \/opt\/ch-sync\/\.env/);
    assert.match(stdout, /systemctl enable --now ch-sync\.service/);
    assert.equal(await read("/opt/ch-sync/.env"), await Deno.readTextFile(`${ROOT}.env.dr`));
    assert.deepEqual([await mode("/opt/ch-sync/.env"), await mode("/opt/ch-sync/credentials")], [
      0o600,
      0o700,
    ]);
    assert.equal(await mode("/opt/ch-sync/ch-sync"), 0o755);
    assert.equal(
      await read("/etc/systemd/system/ch-sync.service"),
      await Deno.readTextFile(`${ROOT}ch-sync.service`),
    );
    for (
      const path of [
        "/etc/systemd/system/ch-sync-once.timer",
        "/usr/local/share/man/man1/ch-sync.1",
        "/usr/local/share/bash-completion/completions/ch-sync",
        "/usr/local/share/zsh/site-functions/_ch-sync",
        "/usr/local/share/fish/vendor_completions.d/ch-sync.fish",
      ]
    ) assert.ok(await exists(path), path);
    assert.equal(await Deno.readLink(at("/usr/local/bin/ch-sync")), "/opt/ch-sync/ch-sync");
  });

  await t.step("run again, it changes nothing", async () => {
    const before = await read("/opt/ch-sync/.env");
    assert.equal((await setup(["dr"])).code, 0);
    assert.equal(await read("/opt/ch-sync/.env"), before);
    assert.equal(await exists("/opt/ch-sync/.env.new"), false);
  });

  await t.step("refuses the other site", async () => {
    const { code, stderr } = await setup(["primary"]);
    assert.equal(code, 1);
    assert.match(stderr, /\/opt\/ch-sync\/\.env says ROLE=dr, and you said primary/);
  });

  await t.step("an upgrade renews an .env that nobody edited", async () => {
    await release(archive, "1.1.0");
    await Deno.writeTextFile(`${archive}/.env.dr`, "ROLE=dr\n# version 1.1\n");
    assert.match((await setup(["dr"])).stdout, /^ch-sync 1\.1\.0 is installed/);
    assert.equal(await read("/opt/ch-sync/.env"), "ROLE=dr\n# version 1.1\n");
  });

  await t.step("an upgrade keeps an .env that was edited, and lays the new template beside it", async () => {
    await Deno.writeTextFile(at("/opt/ch-sync/.env"), "ROLE=dr\nLOCAL_CH_PASSWORD='secret'\n");
    await release(archive, "1.2.0");
    await Deno.writeTextFile(`${archive}/.env.dr`, "ROLE=dr\n# version 1.2\n");
    const { stdout } = await setup(["dr"]);
    assert.match(stdout, /diff \/opt\/ch-sync\/\.env \/opt\/ch-sync\/\.env\.new/);
    assert.equal(await read("/opt/ch-sync/.env"), "ROLE=dr\nLOCAL_CH_PASSWORD='secret'\n");
    assert.equal(await read("/opt/ch-sync/.env.new"), "ROLE=dr\n# version 1.2\n");
    assert.doesNotMatch((await setup(["dr"])).stdout, /diff/, "it says so once");
  });

  await t.step("an upgrade replaces the program in one step, so that a running one goes on", async () => {
    const before = (await Deno.stat(at("/opt/ch-sync/ch-sync"))).ino;
    await setup(["dr"]);
    assert.notEqual((await Deno.stat(at("/opt/ch-sync/ch-sync"))).ino, before);
    assert.equal(await exists("/opt/ch-sync/ch-sync.new"), false);
  });

  await t.step(
    "an installation that was cut off leaves a program that runs, and is done by the next run",
    async () => {
      await Deno.writeTextFile(at("/opt/ch-sync/ch-sync.new"), "half of a prog");
      assert.equal((await setup(["dr"])).code, 0);
      const { stdout } = await new Deno.Command(at("/opt/ch-sync/ch-sync"), { args: ["--version"] }).output();
      assert.equal(new TextDecoder().decode(stdout), "ch-sync 1.2.0\n");
      assert.equal(await exists("/opt/ch-sync/ch-sync.new"), false);
    },
  );

  await t.step("a binary for another machine, or none, is told", async () => {
    await Deno.writeTextFile(`${archive}/ch-sync`, "#!/bin/sh\nexit 126\n");
    assert.match((await setup(["dr"])).stderr, /does not run on this machine/);
    await Deno.remove(`${archive}/ch-sync`);
    assert.match((await setup(["dr"])).stderr, /there is no ch-sync beside this folder/);
    await release(archive, "1.2.0");
  });

  await t.step("another PREFIX is in the units too", async () => {
    assert.equal((await setup(["primary", "--timer"], { PREFIX: "/srv/ch-sync" })).code, 0);
    const unit = await read("/etc/systemd/system/ch-sync.service");
    assert.match(unit, /^ExecStart=\/srv\/ch-sync\/ch-sync$/m);
    assert.match(unit, /^EnvironmentFile=\/srv\/ch-sync\/\.env$/m);
    assert.doesNotMatch(unit, /\/opt/);
  });

  await t.step("--uninstall keeps configuration and state, and says where they are", async () => {
    await Deno.mkdir(at("/var/lib/ch-sync"), { recursive: true });
    await Deno.writeTextFile(at("/var/lib/ch-sync/ch-sync-state.json"), "{}");
    const { code, stdout } = await setup(["--uninstall"]);
    assert.equal(code, 0);
    assert.match(stdout, /\/opt\/ch-sync\/\.env/);
    for (const path of ["/opt/ch-sync/.env", "/var/lib/ch-sync/ch-sync-state.json"]) {
      assert.ok(await exists(path));
    }
    for (const path of ["/opt/ch-sync/ch-sync", "/etc/systemd/system/ch-sync.service"]) {
      assert.equal(await exists(path), false, path);
    }
    assert.equal((await setup(["--uninstall"])).code, 0, "twice does no harm");
  });
});
