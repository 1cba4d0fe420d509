/** Everything of others that a release embeds: Deno, V8, and the npm packages that the program imports. */
import { BuildError, deno, ROOT } from "./commands.ts";
import { readLicence, RUNTIME_LICENCES } from "./licences.ts";

/** One embedded part. */
export interface Part {
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

/** What of `deno info --json src/main.ts` is read here. Its packages are all that the lock file has. */
interface ModuleGraph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly registryUrl: string;
  /** The unpacked package; Deno 2.6 does not tell it. */
  readonly localPath?: string;
  /** Keys of packages. */
  readonly dependencies: readonly string[];
}

/**
 * Finds out what a build with this Deno embeds; the packages must be in Deno's cache, as they are after bundling.
 *
 * @throws BuildError if the program cannot be read, or a package has no licence
 */
export async function findEmbedded(): Promise<readonly Part[]> {
  const { modules, npmPackages }: ModuleGraph = await info(`${ROOT}src/main.ts`);
  const { npmCache }: { readonly npmCache: string } = await info();
  const { npm: locked } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`));
  const direct = new Set(modules.flatMap(({ npmPackage }) => npmPackage ?? []));
  const keys = new Set(direct);
  // A set that grows while it is gone through gives what is added as well.
  for (const key of keys) for (const needed of npmPackages[key]!.dependencies) keys.add(needed);
  const libraries = [...keys].sort().map(async (key): Promise<Part> => {
    const { name, version, registryUrl, localPath, dependencies } = npmPackages[key]!;
    const registry = registryUrl.replace(/^\w+:\/\//, "").replace(":", "_");
    return {
      ...await readLicence(localPath ?? `${npmCache}/${registry}${name}/${version}`),
      purl: npmUrl(npmPackages[key]!),
      kind: "library",
      name,
      version,
      // A test holds that every package is locked by its SHA-512.
      sha512: Uint8Array.fromBase64(locked[key].integrity.replace("sha512-", "")).toHex(),
      needs: dependencies.map((needed) => npmUrl(npmPackages[needed]!)),
      direct: direct.has(key),
      inside: null,
    };
  });
  return [...runtime(), ...await Promise.all(libraries)];
}

/** The Deno of this process is the one that is embedded: `deno compile` takes the base of its own version. */
function runtime(): readonly Part[] {
  const { deno, v8 } = Deno.version;
  const engine = `pkg:generic/v8@${v8}`;
  return [{
    ...RUNTIME_LICENCES.deno,
    purl: `pkg:github/denoland/deno@v${deno}`,
    kind: "platform",
    name: "deno",
    version: deno,
    sha512: null,
    needs: [engine],
    direct: true,
    inside: `https://github.com/denoland/deno/blob/v${deno}/Cargo.lock`,
  }, {
    ...RUNTIME_LICENCES.v8,
    purl: engine,
    kind: "library",
    name: "v8",
    version: v8,
    sha512: null,
    needs: [],
    direct: false,
    inside: `https://github.com/v8/v8/blob/${v8.split("-")[0]}/LICENSE`,
  }];
}

async function info(...args: readonly string[]) {
  const { success, stdout, stderr } = await deno(["info", "--json", ...args]);
  if (!success) throw new BuildError(`deno info ${args.join(" ")} failed:\n${stderr.trim()}`);
  return JSON.parse(stdout);
}

/** `@scope/name` → `pkg:npm/%40scope/name@1.2.3` */
function npmUrl({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}
