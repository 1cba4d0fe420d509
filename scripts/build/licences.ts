/** Under which licence a package is embedded, and with which text; read from Deno's cache of npm packages. */
import { BuildError, deno } from "./commands.ts";
import { STANDARD_LICENCES } from "./standard_licences.ts";

/** The licence of one embedded part. */
export interface Licence {
  /** SPDX identifier or expression, as the package names it. */
  readonly spdx: string;
  /** Everything that has to be handed on with the package: licence and notices. */
  readonly text: string;
}

/** What of a `package.json` is read here; old packages have an object or a list for the licence. */
interface Manifest {
  readonly version?: string;
  readonly license?: string | { readonly type?: string };
  readonly licenses?: readonly { readonly type?: string }[];
  readonly author?: string | { readonly name?: string };
}

/** Files whose text has to be handed on; not code that is called like one. */
const LEGAL_FILE = /^(licen[cs]e|copying|notice|patents)([.-].*)?(?<!\.([cm]?[jt]s|json|map))$/i;

/** Deno's cache of npm packages. @throws BuildError */
export async function npmCache(): Promise<string> {
  const { success, stdout, stderr } = await deno(["info", "--json"]);
  if (!success) throw new BuildError(`deno info failed:\n${stderr.trim()}`);
  return JSON.parse(stdout).npmCache;
}

/**
 * Reads the licence of a package.
 *
 * @param cache as {@link npmCache} gives it
 * @throws BuildError if the package is not there, or says nothing about its licence
 */
export async function readLicence(cache: string, name: string, version: string): Promise<Licence> {
  const folder = await findPackage(cache, `${name}/${version}`, 3);
  if (folder === null) {
    throw new BuildError(
      `${name}@${version} is not in Deno's cache ${cache}: run deno install, then try again`,
    );
  }
  const manifest: Manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const spdx = declaredLicence(manifest);
  if (spdx === null) {
    throw new BuildError(`${name}@${version} names no licence in its package.json: it must not be embedded`);
  }
  const files = [...Deno.readDirSync(folder)].filter((entry) => entry.isFile && LEGAL_FILE.test(entry.name));
  files.sort((a, b) => a.name < b.name ? -1 : 1);
  const texts = await Promise.all(files.map((entry) => Deno.readTextFile(`${folder}/${entry.name}`)));
  if (texts.length > 0) return { spdx, text: texts.map((text) => text.trim()).join("\n\n") };
  const standard = STANDARD_LICENCES[spdx];
  if (standard === undefined) {
    throw new BuildError(
      `${name}@${version} (${spdx}) comes without a licence file: add the text to scripts/build/standard_licences.ts`,
    );
  }
  const holder = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
  return { spdx, text: `Copyright ${holder ?? `the authors of ${name}`}\n\n${standard}` };
}

/** Below the cache stand the registry's host and the folders of its address, then the packages. */
async function findPackage(folder: string, package_: string, levels: number): Promise<string | null> {
  if (await isFile(`${folder}/${package_}/package.json`)) return `${folder}/${package_}`;
  if (levels === 0) return null;
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  for (const { name } of entries.filter((entry) => entry.isDirectory)) {
    const found = await findPackage(`${folder}/${name}`, package_, levels - 1);
    if (found !== null) return found;
  }
  return null;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

function declaredLicence({ license, licenses }: Manifest): string | null {
  const named = typeof license === "string" ? license : license?.type;
  const alternatives = licenses?.flatMap(({ type }) => type ?? []).join(" OR ");
  return named || alternatives || null;
}
