/** `scripts/setup.sh`, run for real on a folder that stands for the machine. */
import assert from "node:assert/strict";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

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

/** Runs an archive's setup.sh on the machine that a folder stands for. */
async function run(archive: string, machine: string, args: readonly string[], env: Record<string, string>) {
  const command = new Deno.Command(`${archive}/scripts/setup.sh`, {
    args: [...args],
    env: { DESTDIR: machine, PREFIX: "", SUDO_USER: "", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("setup.sh", async (t) => {
  await using directory = await temporaryDirectory();
  const archive = await unpackArchive(directory.path);
  const machine = `${directory.path}/machine`;
  const at = (path: string) => `${machine}${path}`;
  const read = (path: string) => Deno.readTextFile(at(path));
  const exists = (path: string) => Deno.lstat(at(path)).then(() => true, () => false);
  const setup = (args: readonly string[], env: Record<string, string> = {}) =>
    run(archive, machine, args, env);
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
        [["--frobnicate"], /--frobnicate is not an option/],
      ] as const
    ) {
      const { code, stderr } = await setup([...args]);
      assert.equal(code, 1);
      assert.match(stderr, said);
    }
    assert.match((await setup(["dr"], { PREFIX: "relative" })).stderr, /must be an absolute path/);
    assert.match((await setup(["dr"], { PREFIX: "/a b" })).stderr, /must have letters/);
    assert.match((await setup(["dr"], { PREFIX: "/opt/../etc" })).stderr, /without \. and \.\./);
    for (const PREFIX of ["/home/me/ch-sync", "/tmp/ch-sync"]) {
      assert.match((await setup(["dr"], { PREFIX })).stderr, /where the hardened service cannot see it/);
    }
    assert.equal(await exists("/opt"), false);
  });

  await t.step("installs program, template, units and what shells and man need", async () => {
    const { code, stdout, stderr } = await setup(["dr"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ch-sync 1\.0\.0 is installed in \/opt\/ch-sync\.$/m);
    assert.match(stdout, /^ +\/opt\/ch-sync\/ch-sync --dry-run --env-file \/opt\/ch-sync\/\.env$/m);
    assert.match(stdout, /^ +LOCAL_CH_PASSWORD_FILE=\/opt\/ch-sync\/credentials\/local-password \\$/m);
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
    assert.match(
      (await setup(["dr"], { SUDO_USER: "me" })).stdout,
      /sudo systemctl enable --now ch-sync\.service/,
    );
    assert.match((await setup(["dr", "--timer"])).stdout, /systemctl enable --now ch-sync-once\.timer/);
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
    const { stdout } = await setup(["dr"]);
    assert.match(stdout, /^ch-sync 1\.1\.0 is installed/);
    assert.match(stdout, /^It replaces ch-sync 1\.0\.0\.$/m);
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
    assert.equal(await exists("/opt/ch-sync/ch-sync.part"), false);
  });

  await t.step(
    "an installation that was cut off leaves a program that runs, and is done by the next run",
    async () => {
      await Deno.writeTextFile(at("/opt/ch-sync/ch-sync.part"), "half of a prog");
      assert.equal((await setup(["dr"])).code, 0);
      const { stdout } = await new Deno.Command(at("/opt/ch-sync/ch-sync"), { args: ["--version"] }).output();
      assert.equal(new TextDecoder().decode(stdout), "ch-sync 1.2.0\n");
      assert.equal(await exists("/opt/ch-sync/ch-sync.part"), false);
    },
  );

  await t.step("a binary for another machine, or none, is told", async () => {
    await Deno.writeTextFile(`${archive}/ch-sync`, "#!/bin/sh\nexit 126\n");
    assert.match((await setup(["dr"])).stderr, /does not run on this machine/);
    await Deno.remove(`${archive}/ch-sync`);
    assert.match((await setup(["dr"])).stderr, /there is no ch-sync beside this folder/);
    await release(archive, "1.2.0");
  });

  await t.step("says that an .env with passwords can be read by others", async () => {
    assert.doesNotMatch((await setup(["dr"])).stdout, /chmod 600/);
    await Deno.chmod(at("/opt/ch-sync/.env"), 0o644);
    assert.match((await setup(["dr"])).stdout, /chmod 600 \/opt\/ch-sync\/\.env/);
    assert.equal(await mode("/opt/ch-sync/.env"), 0o644, "it is the operator's");
  });

  await t.step("a unit that somebody edited is replaced and kept", async () => {
    const unit = "/etc/systemd/system/ch-sync.service";
    await Deno.writeTextFile(at(unit), "# mine\n", { append: true });
    assert.match((await setup(["dr"])).stdout, /systemctl edit ch-sync\.service/);
    assert.equal(await read(unit), await Deno.readTextFile(`${ROOT}ch-sync.service`));
    assert.match(await read(`${unit}.edited`), /# mine\n$/);
    assert.doesNotMatch((await setup(["dr"])).stdout, /had been edited/);
  });

  await t.step("a new version's unit replaces the old one without a word", async () => {
    await Deno.writeTextFile(`${archive}/ch-sync.service`, "# version 1.2\n", { append: true });
    assert.doesNotMatch((await setup(["dr"])).stdout, /had been edited/);
    assert.match(await read("/etc/systemd/system/ch-sync.service"), /# version 1\.2\n$/);
  });

  await t.step("what others may read can be read, whatever the umask", async () => {
    const under = `${directory.path}/under-umask`;
    const command = new Deno.Command("sh", {
      args: ["-c", 'umask 077 && exec "$0" dr', `${archive}/scripts/setup.sh`],
      env: { DESTDIR: under, PREFIX: "/srv/a/ch-sync" },
    });
    assert.equal((await command.output()).code, 0);
    for (const path of ["/srv/a", "/srv/a/ch-sync/ch-sync", "/usr/local/share/man/man1"]) {
      assert.equal((await Deno.stat(under + path)).mode! & 0o005, 0o005, path);
    }
  });

  await t.step("leaves a program of that name which is not its own", async () => {
    await Deno.remove(at("/usr/local/bin/ch-sync"));
    await Deno.writeTextFile(at("/usr/local/bin/ch-sync"), "another");
    assert.match((await setup(["dr"])).stdout, /This one is \/opt\/ch-sync\/ch-sync/);
    assert.equal(await read("/usr/local/bin/ch-sync"), "another");
    await Deno.remove(at("/usr/local/bin/ch-sync"));
    await setup(["dr"]);
  });

  await t.step("a second installation on one machine is refused", async () => {
    const { code, stderr } = await setup(["dr"], { PREFIX: "/srv/ch-sync" });
    assert.equal(code, 1);
    assert.match(stderr, /installed in \/opt\/ch-sync already/);
    assert.equal(await exists("/srv/ch-sync"), false);
  });

  await t.step("an installation beside a package is refused", async () => {
    const unit = `${directory.path}/packaged/usr/lib/systemd/system/ch-sync.service`;
    await Deno.mkdir(unit.replace(/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(unit, "[Service]\nExecStart=/usr/bin/ch-sync\n");
    const { code, stderr } = await run(archive, `${directory.path}/packaged`, ["dr"], {});
    assert.equal(code, 1);
    assert.match(stderr, /installed here as a package/);
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
    assert.match(stdout, /\/var\/lib\/ch-sync/);
    const gone = ["/opt/ch-sync/ch-sync", "/etc/systemd/system/ch-sync.service", "/usr/local/bin/ch-sync"];
    for (const path of gone) assert.equal(await exists(path), false, path);
    assert.equal((await setup(["--uninstall"])).code, 0, "twice does no harm");
  });
});

Deno.test("setup.sh with another PREFIX", async () => {
  await using directory = await temporaryDirectory();
  const archive = await unpackArchive(directory.path);
  const machine = `${directory.path}/machine`;
  const files = async (folder: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) found.push(...await files(`${folder}/${name}`));
      else found.push(`${folder}/${name}`.slice(machine.length));
    }
    return found.sort();
  };

  assert.equal((await run(archive, machine, ["primary"], { PREFIX: "/srv/ch-sync/" })).code, 0);
  const unit = await Deno.readTextFile(`${machine}/etc/systemd/system/ch-sync.service`);
  assert.match(unit, /^ExecStart=\/srv\/ch-sync\/ch-sync$/m);
  assert.match(unit, /^EnvironmentFile=\/srv\/ch-sync\/\.env$/m);
  assert.doesNotMatch(unit, /\/opt/);

  const upgraded = await run(archive, machine, ["primary"], {});
  assert.match(upgraded.stdout, /is installed in \/srv\/ch-sync/, "an upgrade finds it");
  const removed = await run(archive, machine, ["--uninstall"], {});
  assert.match(removed.stdout, /\/srv\/ch-sync\/\.env/);
  assert.deepEqual(await files(machine), ["/srv/ch-sync/.env"]);
});

Deno.test("setup.sh killed at any step leaves what works, and the next run finishes", async () => {
  await using directory = await temporaryDirectory();
  const archive = await unpackArchive(directory.path);
  await Deno.remove(`${archive}/scripts/completions`, { recursive: true });
  const machine = `${directory.path}/machine`;
  const program = `${machine}/opt/ch-sync/ch-sync`;
  const unit = `${machine}/etc/systemd/system/ch-sync.service`;
  const [oldUnit, newUnit] = ["# old\n", "# new\n"];
  const template = (version: string) => `ROLE=dr\n# ${version}\n`;

  // An mv that kills setup.sh in place of the move whose turn it is. Every file comes to its name by mv.
  const shims = `${directory.path}/shims`;
  await Deno.mkdir(shims);
  await Deno.writeTextFile(
    `${shims}/mv`,
    `#!/bin/sh\nn=$(($(cat "$COUNT") + 1))\necho "$n" >"$COUNT"\n` +
      `if [ "$n" -eq "$KILL_AT" ]; then kill -9 "$PPID"; exit 1; fi\nexec /bin/mv "$@"\n`,
  );
  await Deno.chmod(`${shims}/mv`, 0o755);
  const service = await Deno.readTextFile(`${archive}/ch-sync.service`);
  const lay = async (version: string, mark: string) => {
    await release(archive, version);
    await Deno.writeTextFile(`${archive}/.env.dr`, template(version));
    await Deno.writeTextFile(`${archive}/ch-sync.service`, service + mark);
  };
  const says = async () =>
    new TextDecoder().decode((await new Deno.Command(program, { args: ["--version"] }).output()).stdout);

  for (const edited of [false, true]) {
    let killed = true;
    let step = 0;
    while (killed) {
      step++;
      await Deno.remove(machine, { recursive: true }).catch(() => {});
      await lay("1.0.0", oldUnit);
      assert.equal((await run(archive, machine, ["dr"], {})).code, 0);
      const env = edited ? "ROLE=dr\nLOCAL_CH_PASSWORD=mine\n" : template("1.0.0");
      await Deno.writeTextFile(`${machine}/opt/ch-sync/.env`, env);
      await lay("2.0.0", newUnit);

      const count = `${directory.path}/count`;
      await Deno.writeTextFile(count, "0");
      const { code } = await run(archive, machine, ["dr"], {
        PATH: `${shims}:${Deno.env.get("PATH")}`,
        COUNT: count,
        KILL_AT: `${step}`,
      });
      killed = code !== 0;
      assert.match(await says(), /^ch-sync [12]\.0\.0\n$/);
      assert.ok([oldUnit, newUnit].some((mark) => Deno.readTextFileSync(unit) === service + mark));
      const found = await Deno.readTextFile(`${machine}/opt/ch-sync/.env`);
      assert.ok(edited ? found === env : [template("1.0.0"), template("2.0.0")].includes(found), found);

      const { stdout } = await run(archive, machine, ["dr"], {});
      assert.doesNotMatch(stdout, /had been edited/, `killed at step ${step}`);
      assert.equal(await says(), "ch-sync 2.0.0\n");
      assert.equal(await Deno.readTextFile(unit), service + newUnit);
      assert.equal(
        await Deno.readTextFile(`${machine}/opt/ch-sync/${edited ? ".env.new" : ".env"}`),
        template("2.0.0"),
      );
      const left = await new Deno.Command("find", { args: [machine, "-name", "*.part"] }).output();
      assert.equal(new TextDecoder().decode(left.stdout), "");
      assert.ok(step < 50);
    }
    assert.ok(step > 8, "program, .env, template and units come one by one");
  }
});
