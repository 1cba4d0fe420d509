/** Programs of Debian that tests hold ours against: systemd's analysis of units, shellcheck, other shells. */

let installing: Promise<void> = Promise.resolve();

/**
 * Sees to it that programs or libraries are there, one package at a time; installs what is missing if it may.
 *
 * @param path a file that the package brings
 * @throws if it is missing and this is not root
 */
export function needsPackage(name: string, path: string): Promise<void> {
  installing = installing.then(async () => {
    if (await exists(path)) return;
    if (Deno.uid() !== 0) {
      throw new Error(`This test needs Debian's package ${name}: apt-get install ${name}`);
    }
    // Tests run in several processes, and apt has one at a time.
    using lock = await Deno.open(`${Deno.env.get("TMPDIR") ?? "/tmp"}/ch-sync-apt.lock`, {
      create: true,
      write: true,
    });
    await lock.lock(true);
    if (await exists(path)) return;
    await apt("update");
    await apt("install", "-y", "--no-install-recommends", name);
    if (!await exists(path)) throw new Error(`Debian's package ${name} did not bring ${path}`);
  });
  return installing;
}

async function apt(...args: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const { success, stderr } = await new Deno.Command("apt-get", { args: ["-qq", ...args], env }).output();
  if (!success) throw new Error(`apt-get ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
