/**
 * The packages, installed, upgraded and removed in a bare Debian. What is in the first version is what `CH_SYNC_PROGRAM`
 * names; without it, and in the second version, a script that knows `--version`. systemd does not run there: a script
 * in its place notes what it is asked for.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { filesIn } from "../../scripts/build/packages/files_in.ts";
import { packagesOf } from "../../scripts/build/packages/packages.ts";
import { linksOf } from "../support/page_links.ts";
import { copyBareDebian, everythingIn, ran, runIn } from "../support/program/bare_debian.ts";
import { layRelease } from "../support/program/release_folder.ts";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const PROGRAM = Deno.env.get("CH_SYNC_PROGRAM") ?? null;
const CONFIGURATION = "/etc/ch-sync/ch-sync.env";
const UNIT = "/usr/lib/systemd/system/ch-sync.service";
/** What package managers write about packages, and not what packages are. */
const OF_MANAGERS = ["/var/lib/dpkg", "/var/lib/rpm", "/var/log", "/asked", "/proc", "/tmp"];

/** What systemd would be asked for. */
const SYSTEMCTL = '#!/bin/sh\necho "$*" >>/asked\n';

/** Makes both packages of two versions. */
async function makeVersions(folder: string): Promise<void> {
  // 90 MB are compressed once for a release, and not for a test.
  Deno.env.set("DPKG_DEB_COMPRESSOR_TYPE", "none");
  for (const [version, program] of [["1.0.0", PROGRAM], ["2.0.0", null]] as const) {
    const archive = `${folder}/archive-${version}`;
    await layRelease(archive, version, program);
    const order = { archive, version, machine: "x86_64", seconds: 1_700_000_000, output: folder } as const;
    await Array.fromAsync(packagesOf(order));
  }
}

/** A machine with the script in place of systemd, and what units and state lie in. */
async function makeMachine(root: string): Promise<void> {
  await copyBareDebian(root);
  const folders = ["/run/systemd/system", "/etc/systemd/system/multi-user.target.wants"];
  for (const folder of [...folders, "/var/lib/private", "/var/cache/private"]) {
    await Deno.mkdir(root + folder, { recursive: true });
  }
  await Deno.symlink("/dev/null", `${root}${folders[1]}/another.service`);
  await Deno.writeTextFile(`${root}/usr/bin/systemctl`, SYSTEMCTL, { mode: 0o755 });
  await Deno.chmod(`${root}/usr/bin/systemctl`, 0o755);
}

/** What systemd was asked for since the last call, besides reading its units again. */
async function asked(root: string): Promise<string[]> {
  const said = await Deno.readTextFile(`${root}/asked`).catch(() => "");
  await Deno.remove(`${root}/asked`).catch(() => {});
  return said.trim().split("\n").filter((line) => !/^$|daemon-reload$/.test(line));
}

/** What an operator and a service that ran leave behind: a configuration, a password, links, state. */
async function use(root: string): Promise<void> {
  await Deno.writeTextFile(root + CONFIGURATION, "ROLE=dr\n");
  await Deno.writeTextFile(`${root}/etc/ch-sync/credentials/local-password`, "x");
  await Deno.symlink(UNIT, `${root}/etc/systemd/system/multi-user.target.wants/ch-sync.service`);
  for (const folder of ["lib", "cache"]) {
    await Deno.mkdir(`${root}/var/${folder}/private/ch-sync`);
    await Deno.symlink("private/ch-sync", `${root}/var/${folder}/ch-sync`);
  }
  await Deno.writeTextFile(`${root}/var/lib/private/ch-sync/ch-sync-state.json`, "{}");
}

const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);

async function must(running: Promise<{ readonly code: number; readonly said: string }>): Promise<string> {
  const { code, said } = await running;
  assert.equal(code, 0, said);
  return said;
}

/** What every package must have put where. */
async function lookAtInstalled(root: string, zsh: string): Promise<void> {
  const said = await must(runIn(root, "ch-sync", "--version"));
  assert.match(said, PROGRAM ? /^ch-sync \d+\.\d+\.\d+ \(/ : /^ch-sync 1\.0\.0\n/);
  for (
    const [path, mode] of [[CONFIGURATION, 0o600], ["/etc/ch-sync/credentials", 0o700], [
      UNIT,
      0o644,
    ]] as const
  ) {
    const found = await Deno.stat(root + path);
    assert.deepEqual([found.mode! & 0o7777, found.uid, found.gid], [mode, 0, 0], path);
  }
  const completions = ["bash-completion/completions/ch-sync", "fish/vendor_completions.d/ch-sync.fish", zsh];
  for (const path of [...completions, "ch-sync/primary.env", "ch-sync/dr.env", "man/man1/ch-sync.1.gz"]) {
    assert.ok(await exists(`${root}/usr/share/${path}`), path);
  }
  const texts = await Promise.all([
    ran("gzip", ["-dc", `${root}/usr/share/man/man1/ch-sync.1.gz`]).then(({ said }) => said),
    ...(await filesIn(`${root}/usr/lib/systemd/system`)).filter((path) => path.startsWith("ch-sync"))
      .map((path) => Deno.readTextFile(`${root}/usr/lib/systemd/system/${path}`)),
  ]);
  assert.equal(texts.length, 6);
  for (const text of texts) assert.doesNotMatch(text, /\/opt\/ch/);
  const pages = `${root}/usr/share/doc/ch-sync`;
  const files = new Set(await filesIn(pages));
  const links = [...files].filter((path) => path.endsWith(".md")).flatMap((page) => linksOf(pages, page));
  assert.ok(links.length > 100);
  assert.deepEqual(links.filter((path) => !files.has(join(path))), []);
  assert.ok(files.has("LICENSE") && files.has("THIRD_PARTY_LICENSES"));
}

/** The units with the paths of the package, in the eyes of systemd. */
async function verifyUnits(root: string, folder: string): Promise<void> {
  await needsPackage("systemd", "/usr/bin/systemd-analyze");
  const units = `${folder}/units`;
  await must(ran("cp", ["-R", `${root}/usr/lib/systemd/system`, units]));
  for (const name of ["ch-sync.service", "ch-sync-once.service"]) {
    const text = await Deno.readTextFile(`${units}/${name}`);
    assert.match(text, /^ExecStart=\/usr\/bin\/ch-sync/m);
    await Deno.writeTextFile(
      `${units}/${name}`,
      text.replace(/^(Exec\w+=)(?=\/usr\/bin\/)/gm, `$1${root}`),
    );
  }
  const names = ["ch-sync.service", "ch-sync-once.service", "ch-sync-once.timer"];
  const verified = await ran("systemd-analyze", ["verify", ...names.map((name) => `${units}/${name}`)]);
  assert.deepEqual(verified, { code: 0, said: "" });
}

Deno.test("the packages in a bare Debian", async (t) => {
  await needsPackage("rpm", "/usr/bin/rpmbuild");
  await using folder = await temporaryDirectory();
  await makeVersions(folder.path);
  const root = `${folder.path}/machine`;
  await makeMachine(root);
  await t.step("the one for Debian", (t) => tryDeb(t, folder.path, root));
  await t.step("the one for RPM", (t) => tryRpm(t, folder.path, root));
});

async function tryDeb(t: Deno.TestContext, folder: string, root: string): Promise<void> {
  const before = await everythingIn(root, OF_MANAGERS);
  const install = async (version: string) => {
    const name = `ch-sync_${version}_amd64.deb`;
    await Deno.copyFile(`${folder}/${name}`, `${root}/tmp/${name}`);
    return await runIn(root, "dpkg", "--install", `/tmp/${name}`);
  };

  await t.step("is refused where setup.sh installed ch-sync", async () => {
    const unit = `${root}/etc/systemd/system/ch-sync.service`;
    await Deno.writeTextFile(unit, "[Service]\nExecStart=/opt/ch-sync/ch-sync\n");
    const { code, said } = await install("1.0.0");
    assert.equal(code, 1);
    assert.match(said, /installed here by setup\.sh.*\n.*--uninstall/);
    await Deno.remove(unit);
    assert.deepEqual(await everythingIn(root, OF_MANAGERS), before);
  });

  await t.step("installs all its parts, enables nothing and starts nothing", async () => {
    assert.match(await must(install("1.0.0")), /neither enabled nor started/);
    assert.deepEqual(await asked(root), []);
    assert.equal(await exists(`${root}/etc/systemd/system/multi-user.target.wants/ch-sync.service`), false);
    await lookAtInstalled(root, "zsh/vendor-completions/_ch-sync");
    assert.equal(await must(runIn(root, "dpkg", "--verify", "ch-sync")), "");
    await verifyUnits(root, folder);
  });

  await t.step("keeps what was edited at an upgrade, and restarts what runs", async () => {
    await use(root);
    await must(install("2.0.0"));
    assert.match(await must(runIn(root, "ch-sync", "--version")), /^ch-sync 2\.0\.0\n/);
    assert.deepEqual(await asked(root), ["try-restart ch-sync.service"]);
    assert.equal(await Deno.readTextFile(root + CONFIGURATION), "ROLE=dr\n");
    assert.equal((await Deno.stat(root + CONFIGURATION)).mode! & 0o777, 0o600);
  });

  await t.step("restarts nothing where the machine's policy says so", async () => {
    const policy = `${root}/usr/sbin/policy-rc.d`;
    await Deno.writeTextFile(policy, "#!/bin/sh\nexit 101\n");
    await Deno.chmod(policy, 0o755);
    await must(install("2.0.0"));
    assert.deepEqual(await asked(root), []);
    await Deno.remove(policy);
  });

  await t.step("stops when it is removed, and leaves configuration and state", async () => {
    await must(runIn(root, "dpkg", "--remove", "ch-sync"));
    const stop = "stop ch-sync-once.timer ch-sync-once.service ch-sync.service";
    assert.deepEqual(await asked(root), [stop]);
    assert.equal(await exists(`${root}/usr/bin/ch-sync`), false);
    for (
      const path of [CONFIGURATION, "/etc/ch-sync/credentials/local-password", "/var/lib/private/ch-sync"]
    ) {
      assert.ok(await exists(root + path), path);
    }
  });

  await t.step("leaves nothing at all when it is purged", async () => {
    await must(runIn(root, "dpkg", "--purge", "ch-sync"));
    assert.deepEqual(await everythingIn(root, OF_MANAGERS), before);
  });
}

async function tryRpm(t: Deno.TestContext, folder: string, root: string): Promise<void> {
  const [first, second] = ["1.0.0", "2.0.0"].map((version) => `${folder}/ch-sync-${version}-1.x86_64.rpm`);
  const rpm = (...args: readonly string[]) => ran("rpm", ["--root", root, ...args]);
  // Debian's rpm knows nothing of what dpkg brought.
  const change = (...args: readonly string[]) => rpm("--nodeps", "--force-debian", ...args);
  await must(rpm("--initdb"));
  const before = await everythingIn(root, OF_MANAGERS);

  await t.step("is refused where setup.sh installed ch-sync", async () => {
    const unit = `${root}/etc/systemd/system/ch-sync.service`;
    await Deno.writeTextFile(unit, "[Service]\nExecStart=/opt/ch-sync/ch-sync\n");
    const { code, said } = await change("--install", first!);
    assert.notEqual(code, 0);
    assert.match(said, /installed here by setup\.sh/);
    await Deno.remove(unit);
    assert.deepEqual(await everythingIn(root, OF_MANAGERS), before);
  });

  await t.step("installs all its parts, enables nothing and starts nothing", async () => {
    assert.match(await must(change("--install", first!)), /neither enabled nor started/);
    assert.deepEqual(await asked(root), []);
    await lookAtInstalled(root, "zsh/site-functions/_ch-sync");
    assert.equal(await must(rpm("--verify", "--nodeps", "ch-sync")), "");
    assert.equal((await must(rpm("--query", "--configfiles", "ch-sync"))).trim(), CONFIGURATION);
  });

  await t.step("keeps what was edited at an upgrade, and restarts what runs, once", async () => {
    await use(root);
    await must(change("--upgrade", second!));
    assert.match(await must(runIn(root, "ch-sync", "--version")), /^ch-sync 2\.0\.0\n/);
    assert.deepEqual(await asked(root), ["try-restart ch-sync.service"]);
    assert.equal(await Deno.readTextFile(root + CONFIGURATION), "ROLE=dr\n");
    assert.equal(await exists(`${root}${CONFIGURATION}.rpmnew`), false);
  });

  await t.step("stops and disables when it is removed, and leaves configuration and state", async () => {
    await must(change("--erase", "ch-sync"));
    const stop = "--no-reload disable --now ch-sync-once.timer ch-sync-once.service ch-sync.service";
    assert.deepEqual(await asked(root), [stop]);
    const now = await everythingIn(root, OF_MANAGERS);
    const left = now.filter((line) => !before.includes(line)).map((line) => line.split(" ")[3]!).sort();
    assert.deepEqual(left, [
      "/etc/ch-sync",
      "/etc/ch-sync/ch-sync.env.rpmsave",
      "/etc/ch-sync/credentials",
      "/etc/ch-sync/credentials/local-password",
      "/etc/systemd/system/multi-user.target.wants/ch-sync.service", // systemctl would have removed it
      "/var/cache/ch-sync",
      "/var/cache/private/ch-sync",
      "/var/lib/ch-sync",
      "/var/lib/private/ch-sync",
      "/var/lib/private/ch-sync/ch-sync-state.json",
    ]);
  });
}
