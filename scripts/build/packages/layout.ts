/** Where a package puts what a release archive holds. */
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../commands.ts";

const UNITS = "/usr/lib/systemd/system";
const PAGES = "/usr/share/doc/ch-sync";
const CONFIGURATION = "/etc/ch-sync/ch-sync.env";
const NO_PROGRAMS = "scripts/systemd/no-programs.conf";

/** One file of a package. */
interface Placed {
  /** Path in the archive; of what only packages have, in the repository. */
  readonly from: string;
  readonly inRepository?: true;
  /** Path on the machine. */
  readonly to: string;
  readonly mode: number;
  /** `paths`: a text that names paths of setup.sh, and gets those of the package. `gzip`: compressed, as distributions want it. */
  readonly change?: readonly ("paths" | "gzip")[];
}

/** Files that an operator edits: kept at an upgrade, and removed at a purge. */
export const EDITED: readonly string[] = [CONFIGURATION];

/** Folders with a mode of their own; the others are 0755. */
export const CLOSED_FOLDERS: readonly string[] = ["/etc/ch-sync/credentials"];

/** What setup.sh's layout is in a package. The order counts: the program's folder has the others' names in it. */
const PATHS: readonly (readonly [string, string])[] = [
  ["/opt/ch-sync/.env", CONFIGURATION],
  ["/opt/ch-sync/credentials", "/etc/ch-sync/credentials"],
  ["/opt/ch-sync/ch-sync", "/usr/bin/ch-sync"],
];

/** What pages of the archive are, and what they link to. */
const OF_PAGES = /^[^/]+\.md$|^docs\/|^scripts\/[^/]+\.sql$|^\.env\.|^(?:Dockerfile|docker-compose\.yml)$/;
const ABOUT = ["LICENSE", "THIRD_PARTY_LICENSES", "ch-sync.cdx.json", "scripts/systemd/restart-backoff.conf"];

/**
 * Which file comes from where.
 *
 * @param archive paths of all files in the release archive
 * @param zsh folder of completions for zsh, which Debian has elsewhere than the others
 */
export function placeFiles(archive: readonly string[], zsh: string): readonly Placed[] {
  const unit = (from: string, to: string): Placed => ({
    from,
    to: `${UNITS}/${to}`,
    mode: 0o644,
    change: ["paths"],
  });
  const plain = (from: string, to: string): Placed => ({ from, to, mode: 0o644 });
  return [
    { from: "ch-sync", to: "/usr/bin/ch-sync", mode: 0o755 },
    unit("ch-sync.service", "ch-sync.service"),
    unit("scripts/systemd/ch-sync-once.service", "ch-sync-once.service"),
    unit("scripts/systemd/ch-sync-once.timer", "ch-sync-once.timer"),
    unit(NO_PROGRAMS, "ch-sync.service.d/no-programs.conf"),
    unit(NO_PROGRAMS, "ch-sync-once.service.d/no-programs.conf"),
    {
      from: "scripts/ch-sync.1",
      to: "/usr/share/man/man1/ch-sync.1.gz",
      mode: 0o644,
      change: ["paths", "gzip"],
    },
    plain("scripts/completions/ch-sync.bash", "/usr/share/bash-completion/completions/ch-sync"),
    plain("scripts/completions/ch-sync.fish", "/usr/share/fish/vendor_completions.d/ch-sync.fish"),
    plain("scripts/completions/_ch-sync", `${zsh}/_ch-sync`),
    plain(".env.primary", "/usr/share/ch-sync/primary.env"),
    plain(".env.dr", "/usr/share/ch-sync/dr.env"),
    { from: "scripts/packages/ch-sync.env", inRepository: true, to: CONFIGURATION, mode: 0o600 },
    ...archive.filter((path) => OF_PAGES.test(path) || ABOUT.includes(path))
      .map((path) => plain(path, `${PAGES}/${path}`)),
  ];
}

/** A text with the package's paths in place of setup.sh's; in a man page, a hyphen has a backslash before it. */
export function withPackagePaths(text: string): string {
  const asInPages = PATHS.map((pair) => pair.map((path) => path.replaceAll("-", "\\-")));
  return [...PATHS, ...asInPages].reduce((text, [from, to]) => text.replaceAll(from!, to!), text);
}

/** Copies files to where they belong below a folder that stands for the root of the machine. @throws if one is missing */
export async function layOut(archive: string, placed: readonly Placed[], root: string): Promise<void> {
  await Deno.chmod(root, 0o755);
  for (const { from, inRepository, to, mode, change = [] } of placed) {
    const path = root + to;
    await makeFolder(dirname(path));
    await Deno.copyFile(inRepository ? ROOT + from : `${archive}/${from}`, path);
    if (change.includes("paths")) {
      await Deno.writeTextFile(path, withPackagePaths(await Deno.readTextFile(path)));
    }
    if (change.includes("gzip")) {
      await Deno.writeFile(path, gzipSync(await Deno.readFile(path), { level: 9 }));
    }
    await Deno.chmod(path, mode);
  }
  for (const folder of CLOSED_FOLDERS) {
    await makeFolder(root + folder);
    await Deno.chmod(root + folder, 0o700);
  }
}

/** With mode 0755 all the way, whatever the umask. */
export async function makeFolder(path: string): Promise<void> {
  if (await Deno.stat(path).then(() => true, () => false)) return;
  await makeFolder(dirname(path));
  await Deno.mkdir(path);
  await Deno.chmod(path, 0o755);
}
