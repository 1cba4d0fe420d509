/** Files with secrets that every user of the machine may read. */
import type { Environment } from "./read_values.ts";

/** Variables that name such files. */
const NAMED_BY = [
  "LOCAL_CH_PASSWORD_FILE",
  "REMOTE_CH_PASSWORD_FILE",
  "DRILL_PASSWORD_FILE",
  "CLIENT_KEY_FILE",
  "STATUS_PASSWORD_FILE",
  "STATUS_KEY_FILE",
];

/** Permission of others to read. The group's is left alone: it may be ch-sync's own. */
const OTHERS_READ = 0o004;

/**
 * A warning for each of them.
 *
 * @param path the configuration file
 * @param modeOf returns the permissions of a file, or null where there is none or they mean nothing
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

/** Of the file itself, where a link leads to it. */
export function fileMode(path: string): number | null {
  try {
    return Deno.statSync(path).mode;
  } catch {
    return null;
  }
}
