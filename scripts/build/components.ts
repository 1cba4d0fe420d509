/** Everything of others that a release embeds: the runtime, its engine, and npm packages. */
import { findEmbedded } from "./embedded.ts";
import { npmCache, readLicence } from "./licences.ts";
import { STANDARD_LICENCES } from "./standard_licences.ts";

/** One embedded part. */
export interface Component {
  /** Package URL, which names a package in any registry: github.com/package-url/purl-spec. Also the reference. */
  readonly purl: string;
  readonly kind: "library" | "platform";
  readonly name: string;
  readonly version: string;
  /** SPDX identifier or expression. */
  readonly licence: string;
  readonly licenceText: string;
  /** SHA-512 of the published package, hexadecimal; null where the release has it from the build's own Deno. */
  readonly sha512: string | null;
  /** Package URLs of the parts that it needs. */
  readonly needs: readonly string[];
  /** Whether ch-sync itself uses it. */
  readonly direct: boolean;
  /** Where to read what stands inside of it; null if there is nothing inside that is not listed. */
  readonly inside: string | null;
}

/**
 * Finds out what a build with this Deno embeds; the packages must be in Deno's cache, as they are after bundling.
 *
 * @throws BuildError
 */
export async function findComponents(): Promise<readonly Component[]> {
  const { direct, packages } = await findEmbedded();
  const cache = await npmCache();
  const libraries = [...packages].map(async ([key, { name, version, sha512, dependencies }]) => {
    const { spdx, text } = await readLicence(cache, name, version);
    const needs = dependencies.map((dependency) => {
      const needed = packages.get(dependency)!;
      return npmUrl(needed.name, needed.version);
    });
    const component: Component = {
      purl: npmUrl(name, version),
      kind: "library",
      name,
      version,
      licence: spdx,
      licenceText: text,
      sha512,
      needs,
      direct: direct.includes(key),
      inside: null,
    };
    return component;
  });
  return [...runtime(), ...await Promise.all(libraries)];
}

/** The Deno of this process is the one that is embedded: `deno compile` takes the base of its own version. */
function runtime(): readonly Component[] {
  const v8 = `pkg:generic/v8@${Deno.version.v8}`;
  return [{
    purl: `pkg:github/denoland/deno@v${Deno.version.deno}`,
    kind: "platform",
    name: "deno",
    version: Deno.version.deno,
    licence: "MIT",
    licenceText: `Copyright the Deno authors\n\n${STANDARD_LICENCES["MIT"]}`,
    sha512: null,
    needs: [v8],
    direct: true,
    inside: `https://github.com/denoland/deno/blob/v${Deno.version.deno}/Cargo.lock`,
  }, {
    purl: v8,
    kind: "library",
    name: "v8",
    version: Deno.version.v8,
    licence: "BSD-3-Clause",
    licenceText: `Copyright the V8 project authors. All rights reserved.\n\n${
      STANDARD_LICENCES["BSD-3-Clause"]
    }`,
    sha512: null,
    needs: [],
    direct: false,
    inside: `https://github.com/v8/v8/blob/${Deno.version.v8.split("-")[0]}/LICENSE`,
  }];
}

/** `@scope/name` → `pkg:npm/%40scope/name@1.2.3` */
function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** The text of `THIRD_PARTY_LICENSES`. */
export function renderLicences(components: readonly Component[]): string {
  const rule = "=".repeat(80);
  const parts = components.map(({ name, version, licence, licenceText, inside }) => {
    const more = inside === null ? "" : `\nIt holds more parts, with licences of their own: ${inside}\n`;
    return `${rule}\n${name} ${version}: ${licence}\n${rule}\n${more}\n${licenceText}\n`;
  });
  return `ch-sync embeds what is listed here. ch-sync's own licence stands in LICENSE.\n\n${
    parts.join("\n")
  }`;
}
