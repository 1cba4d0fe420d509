/** Packages of Debian for whoever is not root: unpacked into this user's cache, for programs that work from anywhere. */
import { homedir } from "node:os";

/**
 * Unpacks packages with those that they depend on, if they are not there yet; 80 MB for Java and ZooKeeper.
 *
 * @param wanted which of their dependencies are unpacked: those that the system lacks, and none that it has at the root
 * @returns the folder that stands for the root of the system in the packages' paths
 * @throws with a sentence for whoever runs tests, if apt is missing or gets nothing
 */
export async function unpackedPackages(names: readonly string[], wanted: RegExp): Promise<string> {
  const cache = `${Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`}/ch-sync-debian`;
  const root = `${cache}/${names.join("+")}`;
  if (await exists(root)) return root;
  await Deno.mkdir(cache, { recursive: true });
  // Tests run in several processes.
  using lock = await Deno.open(`${cache}/lock`, { create: true, write: true });
  await lock.lock(true);
  if (await exists(root)) return root;
  const made = await Deno.makeTempDir({ dir: cache, prefix: "unpacking-" });
  try {
    await unpack(names, wanted, made);
    await Deno.rename(`${made}/root`, root);
    return root;
  } catch (error) {
    throw new Error(
      `This test needs Debian's packages ${names.join(" and ")}, and could not unpack them into ${cache} (${
        error instanceof Error ? error.message : error
      }): as root, apt-get install ${names.join(" ")}`,
    );
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

async function unpack(names: readonly string[], wanted: RegExp, made: string): Promise<void> {
  for (const folder of ["root", "files", "lists/partial", "cache/archives/partial"]) {
    await Deno.mkdir(`${made}/${folder}`, { recursive: true });
  }
  // As if nothing were installed, so that everything is listed.
  await Deno.writeTextFile(`${made}/status`, "");
  const places = [
    "Debug::NoLocking=1",
    `Dir::State=${made}`,
    `Dir::State::status=${made}/status`,
    `Dir::Cache=${made}/cache`,
    "APT::Sandbox::User=",
  ];
  const apt = (...args: string[]) =>
    run("apt-get", ["-q", ...places.flatMap((place) => ["-o", place]), ...args], `${made}/files`);
  await apt("update");
  const plan = await apt("install", "-s", "--no-install-recommends", ...names);
  const needed = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!);
  await apt("download", ...needed.filter((name) => names.includes(name) || wanted.test(name)));
  for await (const { name } of Deno.readDir(`${made}/files`)) {
    await run("dpkg-deb", ["-x", name, `${made}/root`], `${made}/files`);
  }
  await relink(`${made}/root`, `${made}/root`);
}

/** Links that lead to the root of the system lead to where it was unpacked, from wherever that will lie. */
async function relink(folder: string, root: string): Promise<void> {
  const up = "../".repeat(folder.slice(root.length).split("/").length - 1) || "./";
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await relink(path, root);
    if (!isSymlink) continue;
    const target = await Deno.readLink(path);
    if (!target.startsWith("/") || !await exists(root + target)) continue;
    await Deno.remove(path);
    await Deno.symlink(up + target.slice(1), path);
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { LC_ALL: "C" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
  return new TextDecoder().decode(stdout);
}

function exists(path: string): Promise<boolean> {
  return Deno.lstat(path).then(() => true, () => false);
}
