/** Which npm packages a build embeds: what the program imports, and what the lock file says that these need. */
import { BuildError, deno, ROOT } from "./commands.ts";

/** One package of the lock file. */
export interface EmbeddedPackage {
  readonly name: string;
  readonly version: string;
  /** SHA-512 of the published package, hexadecimal. */
  readonly sha512: string;
  /** Keys of the packages that it needs, `name@version`. */
  readonly dependencies: readonly string[];
}

/** What is embedded. */
export interface Embedded {
  /** Keys of the packages that the program itself imports. */
  readonly direct: readonly string[];
  /** Every embedded package by its key, sorted. */
  readonly packages: ReadonlyMap<string, EmbeddedPackage>;
}

/** What of `deno.lock` (format 5) is read here. */
export interface LockFile {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

/** What of `deno info --json` is read here. */
export interface ModuleGraph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier?: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier?: string } }[];
  }[];
}

/** Finds out what the program embeds. @throws BuildError if Deno cannot read the program */
export async function findEmbedded(): Promise<Embedded> {
  const { success, stdout, stderr } = await deno(["info", "--json", `${ROOT}src/main.ts`]);
  if (!success) throw new BuildError(`deno info src/main.ts failed:\n${stderr.trim()}`);
  return selectEmbedded(JSON.parse(stdout), JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`)));
}

/**
 * Follows the imports of values from the entry point; a package that only gives types is not embedded.
 *
 * @throws BuildError if the lock file does not know a package, or not its digest
 */
export function selectEmbedded(graph: ModuleGraph, lock: LockFile): Embedded {
  const direct = importedPackages(graph).map((specifier) => resolveSpecifier(specifier, lock)).sort();
  const found = new Map<string, EmbeddedPackage>();
  const waiting = [...direct];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (found.has(key)) continue;
    const { integrity, dependencies = [] } = lock.npm[key]!;
    const needed = dependencies.map((dependency) => resolveDependency(dependency, lock)).sort();
    const at = key.indexOf("@", 1);
    // Behind the version, the lock file notes the peers that were chosen: name@1.0.0_peer@2.0.0.
    const version = key.slice(at + 1).split("_")[0]!;
    found.set(key, {
      name: key.slice(0, at),
      version,
      sha512: readIntegrity(key, integrity),
      dependencies: needed,
    });
    waiting.push(...needed);
  }
  return { direct, packages: new Map([...found].sort(([a], [b]) => a < b ? -1 : 1)) };
}

/** Specifiers `npm:…` that are imported as values. */
function importedPackages({ roots, modules }: ModuleGraph): string[] {
  const imports = new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.flatMap(({ code }) => code?.specifier ?? []),
  ]));
  const seen = new Set<string>();
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...imports.get(next) ?? []);
  }
  const unknown = [...seen].find((specifier) => !/^(npm|node|file):/.test(specifier));
  if (unknown !== undefined) {
    throw new BuildError(`${unknown} is not an npm package: teach scripts/build/embedded.ts to list it`);
  }
  return [...seen].filter((specifier) => specifier.startsWith("npm:"));
}

/** `npm:@scope/name@^1.2.3/file` → `@scope/name@1.2.4` */
function resolveSpecifier(specifier: string, lock: LockFile): string {
  const required = /^npm:\/?((?:@[^/]+\/)?[^/]+)/.exec(specifier)?.[1] ?? "";
  const version = lock.specifiers[`npm:${required}`];
  const key = `${required.slice(0, required.indexOf("@", 1))}@${version}`;
  if (version === undefined || !(key in lock.npm)) throw unlocked(specifier);
  return key;
}

/** The lock file leaves the version out where there is only one. */
function resolveDependency(dependency: string, lock: LockFile): string {
  if (dependency in lock.npm) return dependency;
  const key = Object.keys(lock.npm).find((known) => known.slice(0, known.indexOf("@", 1)) === dependency);
  if (key === undefined) throw unlocked(dependency);
  return key;
}

function unlocked(name: string): BuildError {
  return new BuildError(
    `deno.lock does not have ${name}: run deno install --frozen=false, and commit deno.lock`,
  );
}

/** `sha512-BASE64` → hexadecimal digits. */
function readIntegrity(key: string, integrity: string): string {
  const base64 = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity)?.[1];
  if (base64 === undefined) throw new BuildError(`deno.lock has no SHA-512 of ${key}, but ${integrity}`);
  return Uint8Array.fromBase64(base64).toHex();
}
