/** The sums of a release. */
import { digestFile } from "./archive.ts";
import { TARGETS } from "./runtime.ts";

/**
 * Writes `SHA256SUMS`, which covers what earlier calls made for the same version, too: a release is often made target by
 * target, and packages after it.
 *
 * @returns its path
 */
export async function writeChecksums(output: string, version: string): Promise<string> {
  const archives = TARGETS.flatMap((target) =>
    ["", "-self-extracting"].flatMap((kind) =>
      ["tar.gz", "cdx.json"].map((end) => `ch-sync-${version}-${target}${kind}.${end}`)
    )
  );
  const packaged = version.replaceAll("-", "~");
  const debs = ["amd64", "arm64"].map((machine) => `ch-sync_${packaged}_${machine}.deb`);
  const rpms = ["x86_64", "aarch64"].map((machine) => `ch-sync-${packaged}-1.${machine}.rpm`);
  const ours = new Set([...archives, ...debs, ...rpms]);
  const there = [...Deno.readDirSync(output)].map(({ name }) => name).filter((name) => ours.has(name)).sort();
  const lines = there.map(async (name) => `${await digestFile(`${output}/${name}`)}  ${name}\n`);
  await Deno.writeTextFile(`${output}/SHA256SUMS`, (await Promise.all(lines)).join(""));
  return `${output}/SHA256SUMS`;
}
