// deno-lint-ignore-file no-console -- what it prints is for the person who builds
/** `deno task package`: Debian and RPM packages of what is in release archives. */
import { basename, dirname } from "node:path";
import { writeChecksums } from "./build/checksums.ts";
import { BuildError, ROOT } from "./build/commands.ts";
import { makePackages } from "./build/packages/packages.ts";
import { readFlags, runTask } from "./build/task.ts";

const USAGE = `Usage: deno task package [ARCHIVE]...

  ARCHIVE   a release archive for Linux, of deno task release: ch-sync-VERSION-TARGET.tar.gz;
            default: each of this version in dist

Each becomes a .deb and a .rpm beside it, and SHA256SUMS there is written again.`;

/** @throws BuildError */
async function main(args: readonly string[]): Promise<void> {
  const options = { help: { type: "boolean", default: false } } as const;
  const { values, positionals } = readFlags({ args: [...args], options, allowPositionals: true }, USAGE);
  if (values.help) return console.log(USAGE);
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const archives = positionals.length > 0 ? positionals : archivesIn("dist", version);
  for (const archive of archives) {
    for await (const path of makePackages(archive)) {
      console.log(`${path}: ${((await Deno.stat(path)).size / 1e6).toFixed(1)} MB`);
    }
  }
  for (const folder of new Set(archives.map((archive) => dirname(archive)))) {
    console.log(await writeChecksums(folder, version));
  }
}

function archivesIn(folder: string, version: string): string[] {
  const names = Array.from(readDirectory(folder), ({ name }) => name);
  const found = names.filter((name) =>
    name.startsWith(`ch-sync-${version}-`) && name.endsWith("-linux-gnu.tar.gz")
  );
  if (found.length === 0) {
    throw new BuildError(
      `There is no ch-sync-${version}-TARGET.tar.gz for Linux in ${folder}: deno task release`,
    );
  }
  return found.sort().map((name) => `${folder}/${basename(name)}`);
}

function readDirectory(folder: string): Iterable<Deno.DirEntry> {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

if (import.meta.main) await runTask(() => main(Deno.args));
