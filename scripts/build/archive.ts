/** A release's archive, made by `git archive`: the same every time, byte by byte. */
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { BuildError, run } from "./commands.ts";

/** What of the repository a release holds, as git's patterns of paths. */
const FROM_REPOSITORY = [
  ":(glob)*.md",
  ".dockerignore",
  ".env.dr",
  ".env.primary",
  "Dockerfile",
  "LICENSE",
  "ch-sync.service",
  "docker-compose.yml",
  "docs",
  "scripts/ch-sync.1",
  "scripts/completions",
  "scripts/*.sql",
  "scripts/setup.sh",
  "scripts/systemd",
];

/**
 * Packs committed files, and others beside them, as `.tar.gz`. Git gives every entry to root, with the commit's time, and
 * one of the modes 0755 and 0644. Where committed files were changed, it takes them as they are.
 *
 * @param name the first part of every entry
 * @param made paths of files that stand at the top of the archive
 * @throws BuildError if git fails
 */
export async function packRelease(name: string, made: readonly string[], output: string): Promise<void> {
  // A commit of what differs from HEAD; nothing if nothing does.
  const commit = (await git("stash", "create")).trim() || "HEAD";
  // Git runs in the project's folder, wherever this runs.
  const unpacked = `${await Deno.realPath(dirname(output))}/${name}.tar`;
  // Whoever builds may have other settings.
  const settings = ["-c", "tar.umask=0022", "-c", "core.autocrlf=false"];
  const added = made.map((path) => `--add-file=${path}`);
  const target = [`--prefix=${name}/`, "--format=tar", `--output=${unpacked}`];
  await git(...settings, "archive", ...target, ...added, commit, "--", ...FROM_REPOSITORY);
  // Compressed here: the gzip of another machine may be another one, and Deno is the same by its version.
  await Deno.writeFile(`${output}.new`, gzipSync(await Deno.readFile(unpacked)), { mode: 0o644 });
  await Deno.remove(unpacked);
  await Deno.rename(`${output}.new`, output);
}

async function git(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await run("git", args);
  if (!success) throw new BuildError(`git ${args.join(" ")} failed:\n${stderr.trim()}`);
  return stdout;
}

/** SHA-256 of a file, hexadecimal. */
export async function digestFile(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}
