/** The unit lets the binary start no other program. */
import assert from "node:assert/strict";
import { needsPackage } from "../support/sites/debian_packages.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SETUP = ["ch-sync.service", ".env.primary", "scripts/setup.sh", "scripts/systemd/no-programs.conf"];

/** Installs a program that is an ELF file, or a script, and returns where systemd's folder is. */
async function install(folder: string, program: "elf" | "script", systemd: string): Promise<string> {
  const archive = `${folder}/archive`;
  await Deno.remove(archive, { recursive: true }).catch(() => {});
  await Deno.mkdir(`${archive}/scripts/systemd`, { recursive: true });
  await Deno.mkdir(`${archive}/shims`);
  for (const name of [...SETUP, "scripts/systemd/ch-sync-once.service"]) {
    await Deno.copyFile(ROOT + name, `${archive}/${name}`);
  }
  // Any program that knows --version.
  if (program === "elf") await Deno.copyFile("/usr/bin/ls", `${archive}/ch-sync`);
  else await Deno.writeTextFile(`${archive}/ch-sync`, "#!/bin/sh\necho ch-sync 1.0.0\n", { mode: 0o755 });
  await Deno.writeTextFile(`${archive}/shims/systemctl`, `#!/bin/sh\necho "systemd ${systemd}"\n`, {
    mode: 0o755,
  });
  const { success, stderr } = await new Deno.Command(`${archive}/scripts/setup.sh`, {
    args: ["primary"],
    env: {
      DESTDIR: `${folder}/machine`,
      PREFIX: "/srv/ch",
      PATH: `${archive}/shims:${Deno.env.get("PATH")}`,
    },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return `${folder}/machine/etc/systemd/system`;
}

Deno.test("setup.sh confines the binary, leaves the self-extracting script alone, and older systemd too", async () => {
  await using directory = await temporaryDirectory();
  for (
    const [program, systemd, confined] of [
      ["elf", "257 (257.4)", true],
      ["script", "257 (257.4)", false],
      ["elf", "248", true],
      ["elf", "247 (247.3-7)", false],
    ] as const
  ) {
    const units = await install(directory.path, program, systemd);
    for (const service of ["ch-sync", "ch-sync-once"]) {
      const path = `${units}/${service}.service.d/no-programs.conf`;
      const text = await Deno.readTextFile(path).catch(() => null);
      assert.equal(text !== null, confined, `${program}, systemd ${systemd}`);
      if (text !== null) assert.match(text, /^ExecPaths=\/srv\/ch\/ch-sync -\/lib /m);
    }
  }
});

Deno.test("systemd understands it", async () => {
  await needsPackage("systemd", "/usr/bin/systemd-analyze");
  await using directory = await temporaryDirectory();
  const units = await install(directory.path, "elf", "257");
  const unit = `${units}/ch-sync.service`;
  const program = `${directory.path}/machine/srv/ch/ch-sync`;
  const text = (await Deno.readTextFile(unit)).replace(/^(Exec\w+=)\/srv\/ch\/ch-sync/gm, `$1${program}`);
  const dropIn = await Deno.readTextFile(`${units}/ch-sync.service.d/no-programs.conf`);
  await Deno.writeTextFile(unit, text.replace("[Install]", `${dropIn}\n[Install]`));
  const { success, stderr } = await new Deno.Command("systemd-analyze", { args: ["verify", unit] }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.ok(success);
});
