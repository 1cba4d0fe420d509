/** The files of a release, one target after the other. */
import { basename } from "node:path";
import { digestFile, packRelease } from "./archive.ts";
import { compileBinary } from "./binary.ts";
import { bundle, describeBuild } from "./bundle.ts";
import { writeChecksums } from "./checksums.ts";
import { BuildError, ROOT } from "./commands.ts";
import { findEmbedded, type Part } from "./embedded.ts";
import { renderLicences } from "./licences.ts";
import type { Target } from "./runtime.ts";
import { type Product, renderSbom } from "./sbom.ts";
import { makeSelfExtracting } from "./self_extracting.ts";
import { readSource } from "./source.ts";

/** What to make. */
export interface ReleaseOrder {
  readonly targets: readonly Target[];
  readonly selfExtracting: boolean;
  /** A folder, without a slash at its end. */
  readonly output: string;
  /** Whether changes of committed files may go into the archive. */
  readonly allowDirty: boolean;
}

/** Makes a release, and gives the path of each file as soon as it is there. @throws BuildError */
export async function* makeRelease(order: ReleaseOrder): AsyncGenerator<string> {
  const { targets, selfExtracting, output, allowDirty } = order;
  const { version, license } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  checkChangelog(version, await Deno.readTextFile(`${ROOT}CHANGELOG.md`));
  const { commit, changes, seconds } = await readSource();
  checkCommitted(commit, allowDirty ? [] : changes);
  const base = selfExtracting ? undefined : Deno.env.get("DENORT_BIN");
  if (base && targets.length > 1) {
    throw new BuildError(`DENORT_BIN=${base} is for one target: release ${targets.join(" and ")} one by one`);
  }
  const product: Omit<Product, "target"> = {
    version,
    licence: license,
    commit: (await describeBuild()).commit,
    seconds,
    runtimeBase: base ? await digestRuntimeBase(base) : null,
  };
  // The bundler fetches the packages that are then asked for their licences.
  const program = await bundle();
  const parts = await findEmbedded();
  await Deno.mkdir(output, { recursive: true });
  for (const target of targets) {
    const path = `${output}/ch-sync-${version}-${target}${selfExtracting ? "-self-extracting" : ""}`;
    const make = (binary: string) =>
      selfExtracting ? makeSelfExtracting(program, binary) : compileBinary(program, binary, target);
    await writeArchive(path, make, parts, renderSbom({ ...product, target }, parts));
    yield `${path}.tar.gz`;
    yield `${path}.cdx.json`;
  }
  yield await writeChecksums(output, version);
}

/** Writes an archive, with a bill of materials inside of it and beside it. */
async function writeArchive(
  path: string,
  make: (binary: string) => Promise<void>,
  parts: readonly Part[],
  bill: string,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await make(`${folder}/ch-sync`);
    await Deno.writeTextFile(`${folder}/ch-sync.cdx.json`, bill);
    await Deno.writeTextFile(`${folder}/THIRD_PARTY_LICENSES`, renderLicences(parts));
    const made = ["ch-sync", "ch-sync.cdx.json", "THIRD_PARTY_LICENSES"];
    await packRelease(basename(path), made.map((name) => `${folder}/${name}`), `${path}.tar.gz`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  await Deno.writeTextFile(`${path}.cdx.json`, bill);
}

/** @throws BuildError if the changelog says nothing about the version */
export function checkChangelog(version: string, changelog: string): void {
  if (changelog.split("\n").some((line) => line.startsWith(`## [${version}]`))) return;
  throw new BuildError(
    `CHANGELOG.md has no heading "## [${version}]", the version in deno.json: write down there what is new`,
  );
}

/** @throws BuildError if the release could not be made again from the commit that it names */
export function checkCommitted(commit: string | null, changes: readonly string[]): void {
  if (commit !== null && changes.length === 0) return;
  const found = commit === null
    ? "this folder is not a git repository"
    : `these are not:\n${changes.slice(0, 10).join("\n")}${changes.length > 10 ? "\n…" : ""}\n` +
      "Commit them first; to try things out, --allow-dirty";
  throw new BuildError(
    `A release is made from committed files alone, so that anyone can make it again from its commit; ${found}`,
  );
}

/** The bill says so where a binary does not have Deno's own base. @throws BuildError if there is no such file */
async function digestRuntimeBase(path: string): Promise<string> {
  try {
    return await digestFile(path);
  } catch (error) {
    throw new BuildError(
      `DENORT_BIN=${path} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}
