/** Under which licences the embedded parts stand, and with which texts. */
import { BuildError } from "./commands.ts";
import type { Part } from "./embedded.ts";

type Licence = Pick<Part, "licence" | "licenceText">;

const readText = (name: string) =>
  Deno.readTextFileSync(new URL(`licences/${name}.txt`, import.meta.url)).trim();

/** Of what is no npm package, and brings no licence along. */
export const RUNTIME_LICENCES = {
  deno: { licence: "MIT", licenceText: readText("deno") },
  v8: { licence: "BSD-3-Clause", licenceText: readText("v8") },
} as const;

/** Files whose text has to be handed on; not code that is called like one. */
const LEGAL_FILE = /^(licen[cs]e|copying|notice|patents)([.-].*)?(?<!\.([cm]?[jt]s|json|map))$/i;

/**
 * Reads the licence of an unpacked npm package: what its package.json names, and everything that has to be handed on.
 *
 * @throws BuildError if it is not there, or does not say under which licence it stands, or not with which text
 */
export async function readLicence(folder: string): Promise<Licence> {
  let manifest: { readonly license?: unknown };
  try {
    manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(
      `There is no package in Deno's cache at ${folder}: run deno install, then try again`,
    );
  }
  const names = [...Deno.readDirSync(folder)].filter(({ isFile, name }) => isFile && LEGAL_FILE.test(name))
    .map(({ name }) => name).sort();
  const texts = names.map((name) => Deno.readTextFileSync(`${folder}/${name}`).trim());
  if (typeof manifest.license !== "string" || texts.length === 0) {
    throw new BuildError(
      `${folder} has no licence in package.json, or no text of it: it must not be embedded`,
    );
  }
  return { licence: manifest.license, licenceText: texts.join("\n\n") };
}

/** The text of `THIRD_PARTY_LICENSES`. */
export function renderLicences(parts: readonly Part[]): string {
  const rule = "=".repeat(80);
  const texts = parts.map(({ name, version, licence, licenceText, inside }) => {
    const more = inside === null ? "" : `\nIt holds more parts, with licences of their own: ${inside}\n`;
    return `${rule}\n${name} ${version}: ${licence}\n${rule}\n${more}\n${licenceText}\n`;
  });
  return `ch-sync embeds what is listed here. ch-sync's own licence stands in LICENSE.\n\n${
    texts.join("\n")
  }`;
}
