/** An RPM package, by rpmbuild. */
import { basename } from "node:path";
import { BuildError, ROOT, run } from "../commands.ts";
import { filesIn } from "./files_in.ts";
import { CLOSED_FOLDERS, EDITED, layOut, placeFiles } from "./layout.ts";
import { DESCRIPTION, type PackageOrder, SUMMARY } from "./order.ts";

const ZSH = "/usr/share/zsh/site-functions";
const SCRIPTS = ["pre", "post", "preun", "postun"];

/**
 * Writes `ch-sync-VERSION-1.MACHINE.rpm`.
 *
 * @param folder an empty one, to work in
 * @returns its path
 * @throws BuildError if rpmbuild is not there or fails
 */
export async function makeRpm(order: PackageOrder, folder: string): Promise<string> {
  const { archive, version, machine, seconds, output } = order;
  const root = `${folder}/root`;
  await Deno.mkdir(root);
  const placed = placeFiles(await filesIn(archive), ZSH);
  await layOut(archive, placed, root);
  const scripts = await Promise.all(
    SCRIPTS.map(async (name) =>
      `%${name}\n${escape(await Deno.readTextFile(`${ROOT}scripts/packages/rpm/${name}`))}`
    ),
  );
  await Deno.writeTextFile(
    `${folder}/ch-sync.spec`,
    spec(version, placed.map(({ to }) => to), root) + scripts.join("\n"),
  );
  const made = await run("rpmbuild", [
    "-bb",
    "--quiet",
    `--target=${machine}-linux`,
    `--define=_topdir ${folder}`,
    `--define=_rpmdir ${folder}/made`,
    "--define=_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    `${folder}/ch-sync.spec`,
  ], { SOURCE_DATE_EPOCH: String(seconds) });
  if (!made.success) {
    throw new BuildError(`rpmbuild (Debian's package rpm) failed: ${made.stderr.trim()}`);
  }
  const [name = ""] = await filesIn(`${folder}/made`);
  const path = `${output}/${basename(name)}`;
  await Deno.copyFile(`${folder}/made/${name}`, `${path}.new`);
  await Deno.rename(`${path}.new`, path);
  return path;
}

/** What of a spec stands before its scripts. The program is left as it is: stripped, it would lose what lies behind it. */
export function spec(version: string, files: readonly string[], root: string): string {
  const listed = files.map((path) => {
    if (EDITED.includes(path)) return `%config(noreplace) %attr(0600, root, root) ${path}`;
    if (path.startsWith("/usr/share/doc/")) return null;
    return path;
  }).filter((line) => line !== null);
  // Folders of drop-ins, and those of shells that need not be there. Two packages may have the same folder.
  const shells = ["/usr/share/fish", "/usr/share/fish/vendor_completions.d", "/usr/share/zsh", ZSH];
  const drops = [...new Set(files.flatMap((path) => /^.*\.service\.d(?=\/)/.exec(path) ?? []))];
  return `%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _buildhost ch-sync
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _binary_payload w9.zstdio

Name: ch-sync
Version: ${version}
Release: 1
Summary: ${SUMMARY.replace(/^./, (first) => first.toUpperCase())}
License: Apache-2.0

%description
${DESCRIPTION}

%install
cp -a '${root}/.' '%{buildroot}/'

%files
%defattr(-, root, root)
%dir /etc/ch-sync
${CLOSED_FOLDERS.map((path) => `%dir %attr(0700, root, root) ${path}`).join("\n")}
%dir /usr/share/ch-sync
${[...shells, ...drops].map((path) => `%dir ${path}`).join("\n")}
%doc /usr/share/doc/ch-sync
${listed.join("\n")}

`;
}

/** A script that rpmbuild shall not look for macros in. */
function escape(script: string): string {
  return script.replaceAll("%", "%%");
}
