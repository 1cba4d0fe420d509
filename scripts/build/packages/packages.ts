/** The packages of one release archive. */
import { basename, dirname } from "node:path";
import { BuildError, run } from "../commands.ts";
import { makeDeb } from "./deb.ts";
import { type PackageOrder, readArchiveName } from "./order.ts";
import { makeRpm } from "./rpm.ts";

/** Makes a `.deb` and a `.rpm` beside an archive, and gives the path of each as soon as it is there. @throws BuildError */
export async function* makePackages(archive: string): AsyncGenerator<string> {
  const name = basename(archive);
  const read = readArchiveName(name);
  if (read === null) {
    throw new BuildError(
      `${archive} must be the archive of a compiled program for Linux, ch-sync-VERSION-TARGET.tar.gz: ` +
        "a self-extracting one would unpack itself into the cache of each user",
    );
  }
  const folder = await Deno.makeTempDir();
  try {
    const unpacked = await run("tar", ["-xzf", await realPath(archive), "-C", folder]);
    if (!unpacked.success) throw new BuildError(`${archive} cannot be unpacked: ${unpacked.stderr.trim()}`);
    const contents = `${folder}/${name.slice(0, -".tar.gz".length)}`;
    const { mtime } = await Deno.stat(`${contents}/LICENSE`);
    const output = dirname(archive);
    const order = { ...read, archive: contents, seconds: Math.floor((mtime?.getTime() ?? 0) / 1000), output };
    yield* packagesOf(order);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes both packages of an unpacked archive. @throws BuildError */
export async function* packagesOf(order: PackageOrder): AsyncGenerator<string> {
  for (const make of [makeDeb, makeRpm]) {
    const folder = await Deno.makeTempDir();
    try {
      yield await make(order, folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}

async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    throw new BuildError(`There is no ${path}: deno task release`);
  }
}
