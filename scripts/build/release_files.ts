/** The files of a release, one target after the other. */
import { digestFile, packFolder } from "./archive.ts";
import { compileBinary } from "./binary.ts";
import { bundle, describeBuild } from "./bundle.ts";
import { BuildError, ROOT } from "./commands.ts";
import { type Component, findComponents, renderLicences } from "./components.ts";
import { copyContents, listContents, normaliseModes } from "./contents.ts";
import { type Target, TARGETS } from "./runtime.ts";
import { renderSbom } from "./sbom.ts";
import { makeSelfExtracting } from "./self_extracting.ts";
import { readSource } from "./source.ts";

/** What to make. */
export interface ReleaseOrder {
  readonly targets: readonly Target[];
  readonly selfExtracting: boolean;
  /** A folder, without a slash at its end. */
  readonly output: string;
  /** Whether what is not committed may go into the archive. */
  readonly allowDirty: boolean;
}

/** A file that was written. */
export interface ReleaseFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What all archives of a release have in common. */
interface Ingredients {
  readonly version: string;
  readonly licence: string;
  readonly commit: string;
  readonly seconds: number;
  /** SHA-256 of what `DENORT_BIN` names. */
  readonly runtimeBase: string | null;
  /** The text of the bundled program. */
  readonly program: string;
  readonly components: readonly Component[];
  /** Files of the repository. */
  readonly contents: readonly string[];
}

/** Makes a release, and gives each file as soon as it is there. @throws BuildError */
export async function* makeRelease(order: ReleaseOrder): AsyncGenerator<ReleaseFile> {
  const { targets, selfExtracting, output, allowDirty } = order;
  const { version, license } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  checkChangelog(version, await Deno.readTextFile(`${ROOT}CHANGELOG.md`));
  const { commit, changes, seconds } = await readSource();
  if (!allowDirty) checkCommitted(commit, changes);
  const base = selfExtracting ? undefined : Deno.env.get("DENORT_BIN");
  if (base && targets.length > 1) {
    throw new BuildError(`DENORT_BIN=${base} is for one target: release ${targets.join(" and ")} one by one`);
  }
  const ingredients: Ingredients = {
    version,
    licence: license,
    commit: (await describeBuild()).commit,
    seconds,
    runtimeBase: base ? await digestRuntimeBase(base) : null,
    contents: await listContents(),
    // The bundler fetches the packages that are then asked for their licences.
    program: await bundle(),
    components: await findComponents(),
  };
  await Deno.mkdir(output, { recursive: true });
  for (const target of targets) {
    const name = releaseName(version, target, selfExtracting);
    for (const path of await makeArchive(ingredients, target, selfExtracting, `${output}/${name}`)) {
      yield await measure(path);
    }
  }
  yield await measure(await writeChecksums(output, version));
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
    : `these are not:\n${changes.slice(0, 10).join("\n")}${changes.length > 10 ? "\n…" : ""}`;
  throw new BuildError(
    `A release is made from committed files alone, so that anyone can make it again from its commit; ${found}\n` +
      "Commit them first; to try things out, --allow-dirty",
  );
}

function releaseName(version: string, target: Target, selfExtracting: boolean): string {
  return `ch-sync-${version}-${target}${selfExtracting ? "-self-extracting" : ""}`;
}

/** @returns paths of the archive and of its bill of materials */
async function makeArchive(
  ingredients: Ingredients,
  target: Target,
  selfExtracting: boolean,
  path: string,
): Promise<readonly string[]> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const { program, components, contents, seconds } = ingredients;
  const bill = await renderSbom({ ...ingredients, target }, components);
  const temporary = await Deno.makeTempDir();
  try {
    const folder = `${temporary}/${name}`;
    await copyContents(contents, folder);
    if (selfExtracting) await makeSelfExtracting(program, `${folder}/ch-sync`);
    else await compileBinary(program, `${folder}/ch-sync`, target);
    await Deno.writeTextFile(`${folder}/ch-sync.cdx.json`, bill);
    await Deno.writeTextFile(`${folder}/THIRD_PARTY_LICENSES`, renderLicences(components));
    await normaliseModes(folder);
    await packFolder(temporary, name, `${path}.tar.gz`, seconds);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
  await Deno.writeTextFile(`${path}.cdx.json`, bill);
  return [`${path}.tar.gz`, `${path}.cdx.json`];
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

/** Covers what earlier calls made for the same version, too: a release is often made target by target. */
async function writeChecksums(output: string, version: string): Promise<string> {
  const names = TARGETS.flatMap((target) => [true, false].map((each) => releaseName(version, target, each)));
  const files = new Set(names.flatMap((name) => [`${name}.tar.gz`, `${name}.cdx.json`]));
  const there = [...Deno.readDirSync(output)].map(({ name }) => name).filter((name) => files.has(name))
    .sort();
  const lines = await Promise.all(
    there.map(async (name) => `${await digestFile(`${output}/${name}`)}  ${name}\n`),
  );
  await Deno.writeTextFile(`${output}/SHA256SUMS`, lines.join(""));
  return `${output}/SHA256SUMS`;
}

async function measure(path: string): Promise<ReleaseFile> {
  return { path, size: (await Deno.stat(path)).size };
}
