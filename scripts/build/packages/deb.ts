/** A Debian package, by dpkg-deb. */
import { createHash } from "node:crypto";
import { BuildError, ROOT, run } from "../commands.ts";
import { filesIn } from "./files_in.ts";
import { EDITED, layOut, makeFolder, placeFiles } from "./layout.ts";
import { DESCRIPTION, type PackageOrder, SUMMARY } from "./order.ts";

const SCRIPTS = ["preinst", "postinst", "prerm", "postrm"];

/**
 * Writes `ch-sync_VERSION_ARCH.deb`: byte by byte the same from the same archive, with the same dpkg-deb and compressor.
 * dpkg's own variable `DPKG_DEB_COMPRESSOR_TYPE` names another compressor than xz.
 *
 * @param folder an empty one, to work in
 * @returns its path
 * @throws BuildError if dpkg-deb is not there or fails
 */
export async function makeDeb(order: PackageOrder, folder: string): Promise<string> {
  const { archive, version, machine, seconds, output } = order;
  const architecture = machine === "x86_64" ? "amd64" : "arm64";
  const placed = placeFiles(await filesIn(archive), "/usr/share/zsh/vendor-completions");
  await layOut(archive, placed, folder);
  await Deno.writeTextFile(`${folder}/usr/share/doc/ch-sync/copyright`, await copyright(archive), {
    mode: 0o644,
  });
  const about = `${folder}/DEBIAN`;
  await makeFolder(about);
  const files = (await filesIn(folder)).filter((path) => !path.startsWith("DEBIAN/"));
  const sizes = await Promise.all(files.map(async (path) => (await Deno.stat(`${folder}/${path}`)).size));
  const texts: Record<string, string> = {
    control: control(version, architecture, sizes.reduce((sum, size) => sum + Math.ceil(size / 1024), 0)),
    conffiles: EDITED.map((path) => `${path}\n`).join(""),
    md5sums: (await Promise.all(files.map(async (path) => `${await md5(`${folder}/${path}`)}  ${path}\n`)))
      .join(""),
  };
  for (const name of SCRIPTS) {
    texts[name] = await Deno.readTextFile(`${ROOT}scripts/packages/deb/${name}`);
  }
  for (const [name, text] of Object.entries(texts)) {
    await Deno.writeTextFile(`${about}/${name}`, text);
    await Deno.chmod(`${about}/${name}`, SCRIPTS.includes(name) ? 0o755 : 0o644);
  }
  const path = `${output}/ch-sync_${version}_${architecture}.deb`;
  const compressor = Deno.env.get("DPKG_DEB_COMPRESSOR_TYPE") ?? "xz";
  // Whatever was made just now gets the time of the commit.
  const env = { SOURCE_DATE_EPOCH: String(seconds) };
  const made = await run(
    "dpkg-deb",
    ["--root-owner-group", `-Z${compressor}`, "--build", folder, `${path}.new`],
    env,
  );
  if (!made.success) throw new BuildError(`dpkg-deb (Debian's package dpkg) failed: ${made.stderr.trim()}`);
  await Deno.rename(`${path}.new`, path);
  return path;
}

/** @param size in KiB */
export function control(version: string, architecture: string, size: number): string {
  return `Package: ch-sync
Version: ${version}
Architecture: ${architecture}
Maintainer: The authors of ch-sync <ch-sync@example.invalid>
Installed-Size: ${size}
Depends: libc6 (>= 2.27), libgcc-s1
Section: database
Priority: optional
Description: ${SUMMARY}
${DESCRIPTION.split("\n").map((line) => ` ${line || "."}`).join("\n")}
`;
}

async function copyright(archive: string): Promise<string> {
  const others = await Deno.readTextFile(`${archive}/THIRD_PARTY_LICENSES`);
  return `Copyright: the authors of ch-sync
License: Apache License 2.0, on Debian systems in /usr/share/common-licenses/Apache-2.0

What ch-sync is made with:

${others}`;
}

async function md5(path: string): Promise<string> {
  return createHash("md5").update(await Deno.readFile(path)).digest("hex");
}
