/** A Debian with nothing but what Debian calls essential, as a folder, to install packages in. */
import { homedir } from "node:os";
import { needsPackage } from "../sites/debian_packages.ts";

/** A fifth of it would be translations. */
const NO_LOCALES = "--dpkgopt=path-exclude=/usr/share/locale/*";

export interface Ran {
  readonly code: number;
  /** stdout and stderr, in the order in which they were written. */
  readonly said: string;
}

/**
 * The folder, made by mmdebstrap where it is not there yet: for reading alone. 120 MB, some 20 seconds, kept in the cache.
 *
 * @throws with a sentence for whoever runs tests, if Debian's packages cannot be had
 */
export async function bareDebian(): Promise<string> {
  await needsPackage("mmdebstrap", "/usr/bin/mmdebstrap");
  const release = /^VERSION_CODENAME=(\w+)/m.exec(await Deno.readTextFile("/etc/os-release"))?.[1] ??
    "stable";
  const cache = `${Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`}/ch-sync-debian`;
  const folder = `${cache}/bare-${release}`;
  await Deno.mkdir(cache, { recursive: true });
  // Tests run in several processes. Whoever holds it may be killed: the kernel lets go of it then.
  using lock = await Deno.open(`${cache}/bare.lock`, { create: true, write: true });
  await lock.lock(true);
  if (await exists(folder)) return folder;
  const incoming = `${folder}.incoming`;
  await Deno.remove(incoming, { recursive: true }).catch(() => {});
  const args = [
    "--quiet",
    "--variant=essential",
    "--include=init-system-helpers",
    NO_LOCALES,
    release,
    incoming,
  ];
  const { success, stderr } = await new Deno.Command("mmdebstrap", { args, stdin: "null" }).output();
  if (!success) {
    throw new Error(
      `No bare Debian can be had here, so nothing was installed in one: mmdebstrap ${args.join(" ")}: ${
        new TextDecoder().decode(stderr).trim().slice(-500)
      }`,
    );
  }
  await Deno.rename(incoming, folder);
  return folder;
}

/** A copy of it that a test may change. */
export async function copyBareDebian(to: string): Promise<void> {
  const { code, said } = await ran("cp", ["-a", "--reflink=auto", await bareDebian(), to]);
  if (code !== 0) throw new Error(said);
}

/** Runs a program in the folder as its root, with /proc, and without the environment of this process. */
export function runIn(root: string, ...command: readonly string[]): Promise<Ran> {
  const inside = 'mount --rbind /proc "$0/proc" && exec chroot "$0" /usr/bin/env -i "$@"';
  const environment = [
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND=noninteractive",
    "LC_ALL=C.UTF-8",
  ];
  const namespaces = Deno.uid() === 0 ? "-m" : "-rm";
  return ran("unshare", [namespaces, "sh", "-c", inside, root, ...environment, ...command]);
}

/** Runs a program. */
export async function ran(program: string, args: readonly string[], options: Deno.CommandOptions = {}) {
  const command = ["-c", 'exec "$0" "$@" 2>&1', program, ...args];
  const { code, stdout } = await new Deno.Command("sh", { ...options, args: command, stdin: "null" })
    .output();
  return { code, said: new TextDecoder().decode(stdout) };
}

/** All that is in a folder: kind, mode, owner, path, and where links lead. Without what differs at each run. */
export async function everythingIn(root: string, without: readonly string[]): Promise<readonly string[]> {
  const left = without.flatMap((path) => ["-path", `${root}${path}`, "-prune", "-o"]);
  const { said } = await ran("find", [root, ...left, "-printf", "%y %m %u:%g /%P %l\n"]);
  return said.trim().split("\n").sort();
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
