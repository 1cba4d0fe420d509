/** The units in the eyes of systemd. */
import assert from "node:assert/strict";
import { needsPackage } from "../sites/debian_packages.ts";
import { temporaryDirectory } from "../sites/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const UNITS = [
  "ch-sync.service",
  "scripts/systemd/ch-sync-once.service",
  "scripts/systemd/ch-sync-once.timer",
];

async function analyze(...args: string[]): Promise<{ success: boolean; said: string }> {
  await needsPackage("systemd", "/usr/bin/systemd-analyze");
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  const text = new TextDecoder();
  return { success, said: text.decode(stdout) + text.decode(stderr) };
}

/** Copies of the units that start a program which is there. */
async function copyUnits(folder: string): Promise<string[]> {
  return await Promise.all(UNITS.map(async (path) => {
    const copy = `${folder}/${path.split("/").at(-1)}`;
    const unit = await Deno.readTextFile(ROOT + path);
    await Deno.writeTextFile(
      copy,
      unit.replace(/^ExecStart=\/opt\/ch-sync\/ch-sync/m, "ExecStart=/bin/true"),
    );
    return copy;
  }));
}

Deno.test("systemd finds nothing to complain of", async () => {
  await using directory = await temporaryDirectory();
  assert.deepEqual(await analyze("verify", ...await copyUnits(directory.path)), { success: true, said: "" });
});

Deno.test("the exposure of both services is below 2.0", async () => {
  await using directory = await temporaryDirectory();
  for (const unit of (await copyUnits(directory.path)).filter((path) => path.endsWith(".service"))) {
    const { said } = await analyze("security", "--no-pager", "--offline=yes", unit);
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
    assert.ok(exposure < 2, said);
  }
});

Deno.test("one check by the timer is hardened as the daemon is, and reads the same files", async () => {
  const [daemon, once] = await Promise.all(UNITS.slice(0, 2).map((path) => Deno.readTextFile(ROOT + path)));
  const own = /^(Type|NotifyAccess|WatchdogSec|ExecStart|Restart\w*|SuccessExitStatus|TimeoutStartSec)=/;
  const settings = (unit: string) =>
    unit.slice(unit.indexOf("[Service]")).split("\n[Install]")[0]!.split("\n")
      .filter((line) => /^\w+=/.test(line) && !own.test(line)).sort();
  assert.deepEqual(settings(once!), settings(daemon!));
});

Deno.test("a wrong configuration is not tried again, anything else is, for ever", async () => {
  const unit = await Deno.readTextFile(`${ROOT}ch-sync.service`);
  for (const line of ["Restart=on-failure", "RestartPreventExitStatus=2", "StartLimitIntervalSec=0"]) {
    assert.ok(unit.split("\n").includes(line), line);
  }
});
