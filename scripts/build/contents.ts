/** What stands in a release's archive beside the binary. */
import { BuildError, ROOT } from "./commands.ts";

/** Files, and folders with all that is in them, as they are called in the repository. */
const FROM_REPOSITORY = [
  ".env.dr",
  ".env.primary",
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "ch-sync.service",
  "docs",
  "scripts/ch-sync.1",
  "scripts/completions",
  "scripts/grants.sql",
  "scripts/setup.sh",
  "scripts/systemd",
];

/** Names that editors and operating systems leave behind. */
const LEFTOVER = /^\.|~$/;

/** Programs, which must be executable; all else must not be. */
const EXECUTABLE = /^ch-sync$|\.sh$/;

/** The files of the repository that a release holds, sorted. @throws BuildError if one is missing */
export async function listContents(): Promise<readonly string[]> {
  const files: string[] = [];
  const walk = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(ROOT + path)) {
      if (LEFTOVER.test(name)) continue;
      if (isDirectory) await walk(`${path}/${name}`);
      else files.push(`${path}/${name}`);
    }
  };
  for (const path of FROM_REPOSITORY) {
    try {
      if ((await Deno.stat(ROOT + path)).isDirectory) await walk(path);
      else files.push(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new BuildError(`A release needs ${path}, which is not there`);
    }
  }
  return files.sort();
}

/** Copies the files into a folder, which need not exist. */
export async function copyContents(files: readonly string[], folder: string): Promise<void> {
  for (const file of files) {
    await Deno.mkdir(`${folder}/${file.replace(/[^/]*$/, "")}`, { recursive: true });
    await Deno.copyFile(ROOT + file, `${folder}/${file}`);
  }
}

/** Gives everything in a folder one of two modes, whatever umask and checkout made of it. */
export async function normaliseModes(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await normaliseModes(`${folder}/${name}`);
    else await Deno.chmod(`${folder}/${name}`, EXECUTABLE.test(name) ? 0o755 : 0o644);
  }
}
