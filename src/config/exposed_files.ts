/** Finding files with secrets that every user of the machine may read. */
import type { Environment } from "./read_values.ts";
import { SETTINGS } from "./table/table.ts";

/** Variables that name such files. */
const NAMED_BY: readonly string[] = SETTINGS.filter(({ secretFile }) => secretFile).map(({ name }) => name);

/** Permission of others to read. The group's is left alone: it may be ch-sync's own. */
const OTHERS_READ = 0o004;

/**
 * A warning for each of them.
 *
 * @param path the configuration file
 * @param modeOf returns the permissions of a file; null: there is no such file, or no permissions
 */
export function exposedFiles(
  environment: Environment,
  path: string,
  modeOf: (path: string) => number | null,
): string[] {
  const paths = [path, ...NAMED_BY.map((name) => environment[name]?.trim() ?? "")].filter(Boolean);
  return [...new Set(paths)].filter((path) => ((modeOf(path) ?? 0) & OTHERS_READ) !== 0)
    .map((path) => `Every user of this machine may read ${path}, which is for secrets: chmod 600 ${path}`);
}

/** The mode of a file; for a link, of the file that it leads to. */
export function fileMode(path: string): number | null {
  try {
    return Deno.statSync(path).mode;
  } catch {
    return null;
  }
}
