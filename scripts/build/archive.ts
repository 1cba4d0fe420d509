/** Archives that come out the same every time, byte by byte. */
import { BuildError, run } from "./commands.ts";

/**
 * Packs a folder as `.tar.gz`: entries sorted, of user and group 0, all with the same time. Modes are taken as they are.
 *
 * Uncompressed first, in one piece: a compressor may cut its blocks where its input was cut.
 *
 * @param parent where the folder stands
 * @param name the folder's name, and the first part of every entry
 * @param seconds Unix time of all entries
 * @throws BuildError if there is no GNU tar, or it fails
 */
export async function packFolder(
  parent: string,
  name: string,
  output: string,
  seconds: number,
): Promise<void> {
  const tar = await findTar();
  const unpacked = `${parent}/${name}.tar`;
  const args = ["--create", `--file=${unpacked}`, "--format=ustar", "--sort=name", `--mtime=@${seconds}`];
  args.push("--owner=0", "--group=0", "--numeric-owner", `--directory=${parent}`, name);
  // TAR_OPTIONS of the person who builds would change the archive.
  const { success, stderr } = await run(tar, args, { LC_ALL: "C", TAR_OPTIONS: "" });
  if (!success) throw new BuildError(`tar failed:\n${stderr.trim()}`);
  const content = new Blob([await Deno.readFile(unpacked)]);
  await Deno.remove(unpacked);
  const temporary = `${output}.new`;
  await Deno.writeFile(temporary, content.stream().pipeThrough(new CompressionStream("gzip")), {
    mode: 0o644,
  });
  await Deno.rename(temporary, output);
}

/** Other tars cannot sort. macOS has GNU's under the name gtar, if it was installed. */
async function findTar(): Promise<string> {
  for (const name of ["tar", "gtar"]) {
    if ((await run(name, ["--version"])).stdout.includes("GNU tar")) return name;
  }
  throw new BuildError(
    "A release needs GNU tar, for archives that are the same every time: install it as tar or gtar",
  );
}

/** SHA-256 of a file, hexadecimal. */
export async function digestFile(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}
