/** The units, as setup.sh installs them, in the eyes of systemd. */
import assert from "node:assert/strict";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const UNITS = ["ch-sync.service", "ch-sync-once.service", "ch-sync-once.timer"];

async function analyze(...args: string[]): Promise<{ success: boolean; said: string }> {
  await needsPackage("systemd", "/usr/bin/systemd-analyze");
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  const text = new TextDecoder();
  return { success, said: text.decode(stdout) + text.decode(stderr) };
}

/** Installs into a folder of its own, so that systemd finds the program that the units start. */
async function install(folder: string, path = Deno.env.get("PATH")!): Promise<string[]> {
  const archive = `${folder}/archive`;
  await Deno.mkdir(`${archive}/scripts/systemd`, { recursive: true });
  const files = ["ch-sync.service", ".env.primary", "scripts/setup.sh"];
  for (const { name } of Deno.readDirSync(`${ROOT}scripts/systemd`)) files.push(`scripts/systemd/${name}`);
  for (const name of files) await Deno.copyFile(ROOT + name, `${archive}/${name}`);
  await Deno.writeTextFile(`${archive}/ch-sync`, "#!/bin/sh\necho ch-sync 1.0.0\n", { mode: 0o755 });
  const command = new Deno.Command(`${archive}/scripts/setup.sh`, {
    args: ["primary"],
    env: { DESTDIR: `${folder}/machine`, PREFIX: "", PATH: path },
  });
  const { success, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));

  const program = `${folder}/machine/opt/ch-sync/ch-sync`;
  return await Promise.all(UNITS.map(async (name) => {
    const path = `${folder}/machine/etc/systemd/system/${name}`;
    const unit = await Deno.readTextFile(path);
    await Deno.writeTextFile(
      path,
      unit.replace(/^(ExecStart|ExecReload)=\/opt\/ch-sync\/ch-sync/gm, `$1=${program}`),
    );
    return path;
  }));
}

/** The lines of a unit's section that set something. */
function settings(unit: string, section: string): string[] {
  const lines = unit.split("\n");
  const rest = lines.slice(lines.indexOf(`[${section}]`) + 1);
  const end = rest.findIndex((line) => line.startsWith("["));
  return rest.slice(0, end < 0 ? rest.length : end).filter((line) => /^\w+=/.test(line));
}

const read = (path: string) => Deno.readTextFile(ROOT + path);

Deno.test("systemd finds nothing to complain of in what setup.sh installs", async () => {
  await using directory = await temporaryDirectory();
  const units = await install(directory.path);
  assert.deepEqual(await analyze("verify", ...units), { success: true, said: "" });
});

Deno.test("the exposure of both services is below 2.0", async () => {
  await using directory = await temporaryDirectory();
  for (const unit of (await install(directory.path)).filter((path) => path.endsWith(".service"))) {
    const { said } = await analyze("security", "--no-pager", "--offline=yes", unit);
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    assert.ok(exposure < 2, said);
  }
});

Deno.test("one check by the timer is hardened as the daemon is, and reads the same files", async () => {
  const own =
    /^(Type|NotifyAccess|WatchdogSec|ExecStart|ExecReload|Restart\w*|SuccessExitStatus|TimeoutStartSec)=/;
  const shared = (unit: string) => settings(unit, "Service").filter((line) => !own.test(line)).sort();
  assert.deepEqual(
    shared(await read("scripts/systemd/ch-sync-once.service")),
    shared(await read("ch-sync.service")),
  );
});

Deno.test("both services are bounded in memory, threads and files, and leave no core", async () => {
  for (const path of ["ch-sync.service", "scripts/systemd/ch-sync-once.service"]) {
    const lines = settings(await read(path), "Service");
    for (const name of ["MemoryMax", "TasksMax", "LimitNOFILE"]) {
      assert.ok(lines.some((line) => line.startsWith(`${name}=`)), name);
    }
    assert.ok(lines.includes("LimitCORE=0"));
  }
});

Deno.test("a wrong configuration is not tried again, anything else is, for ever", async () => {
  const unit = await read("ch-sync.service");
  const lines = [...settings(unit, "Unit"), ...settings(unit, "Service")];
  for (const line of ["Restart=on-failure", "RestartPreventExitStatus=2", "StartLimitIntervalSec=0"]) {
    assert.ok(lines.includes(line), line);
  }
});

Deno.test("the timer takes the daemon's place, and one of its checks does not end the daemon", async () => {
  const timer = settings(await read("scripts/systemd/ch-sync-once.timer"), "Unit");
  assert.ok(timer.includes("Conflicts=ch-sync.service") && timer.includes("After=ch-sync.service"));
  const once = settings(await read("scripts/systemd/ch-sync-once.service"), "Unit");
  assert.ok(!once.some((line) => line.startsWith("Conflicts=")));
});

Deno.test("restarts come later and later where systemd knows how", async () => {
  for (
    const [version, drops] of [["252 (252.38-1)", false], ["254 (254.5-1)", true], ["257.4", true]] as const
  ) {
    await using directory = await temporaryDirectory();
    const shims = `${directory.path}/shims`;
    await Deno.mkdir(shims);
    await Deno.writeTextFile(`${shims}/systemctl`, `#!/bin/sh\necho "systemd ${version}"\n`, { mode: 0o755 });
    await install(directory.path, `${shims}:${Deno.env.get("PATH")}`);
    const dropIn = `${directory.path}/machine/etc/systemd/system/ch-sync.service.d/restart-backoff.conf`;
    assert.equal(await Deno.stat(dropIn).then(() => true, () => false), drops, version);
  }
  assert.deepEqual(settings(await read("scripts/systemd/restart-backoff.conf"), "Service"), [
    "RestartSteps=5",
    "RestartMaxDelaySec=300",
  ]);
});
